"""How the runner and its children reach the local AWS: endpoint, region, profiles and clients."""

import configparser
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from riata.errors import CommandFailed
from riata_local.home import Home, write_atomically

REGION = "us-east-1"
# MiniStack's root account. It gives no access to anything but a loopback port of this machine.
ADMIN_ACCESS_KEY = "test"
ADMIN_SECRET_KEY = "test"  # noqa: S105 - not a secret, see above
ADMIN, WORKER, STREAM = "admin", "worker", "stream"


@dataclass(frozen=True)
class LocalAws:
    """The AWS of one local stack."""

    home: Home
    endpoint: str

    def client(self, service: str) -> Any:
        """A boto3 client with the root account's rights."""
        session = boto3.session.Session(
            aws_access_key_id=ADMIN_ACCESS_KEY, aws_secret_access_key=ADMIN_SECRET_KEY, region_name=REGION
        )
        # Path style: no name of the form bucket.127.0.0.1 resolves.
        config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3}, connect_timeout=5)
        return session.client(service, endpoint_url=self.endpoint, config=config)

    def environment(self, profile: str) -> dict[str, str]:
        """The variables that make any AWS client in a child use this AWS under ``profile``."""
        return {
            "AWS_CONFIG_FILE": str(self.home.aws_config),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home.aws_config),
            "AWS_PROFILE": profile,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def write_profiles(home: Home, roles: Mapping[str, str]) -> None:
    """Write the config file: the admin profile, and one profile per role that botocore assumes and refreshes itself.

    Args:
        home: The stack's folder.
        roles: Profile name → role ARN.
    """
    profiles = configparser.ConfigParser()
    profiles[f"profile {ADMIN}"] = {
        "aws_access_key_id": ADMIN_ACCESS_KEY,
        "aws_secret_access_key": ADMIN_SECRET_KEY,
        "region": REGION,
    }
    for name, arn in roles.items():
        profiles[f"profile {name}"] = {
            "role_arn": arn,
            "source_profile": ADMIN,
            "role_session_name": f"riata-{name}",
            "region": REGION,
        }
    text = io.StringIO()
    profiles.write(text)
    write_atomically(home.aws_config, text.getvalue())


def stack_outputs(stack: str) -> dict[str, str]:
    """The outputs of a CloudFormation stack on AWS, read with the caller's own credentials.

    Raises:
        CommandFailed: No credentials, no region, no such stack.
    """
    try:
        stacks = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise CommandFailed(f"The stack {stack} cannot be read: {error}. Check AWS_PROFILE and AWS_REGION.") from error
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
