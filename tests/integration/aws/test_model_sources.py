"""Models that come out of S3, and the hub's token out of Secrets Manager, on a simulated AWS."""

import hashlib
from uuid import uuid4

import pytest

from riata.adapters import aws as clients
from riata.errors import ModelUnavailable
from riata_separator.models.manifest import Artifact
from riata_separator.models.sources import _hub_token, fetch
from tests.contract.deployment import REGION

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def cloud(aws, monkeypatch):
    """The simulated AWS, also for clients that the code makes itself."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for made in (clients.client, clients.s3_client):
        made.cache_clear()
    yield aws
    for made in (clients.client, clients.s3_client):
        made.cache_clear()


@pytest.fixture
def bucket(cloud):
    name = f"models-{uuid4().hex[:12]}"
    cloud("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud("s3").put_object(Bucket=name, Key="weights/tiny/model.safetensors", Body=CONTENT)
    return name


def artifact(source: str, size: int = len(CONTENT)) -> Artifact:
    return Artifact(source, "tiny/model.safetensors", hashlib.sha256(CONTENT).hexdigest(), size)


def test_a_model_is_read_from_an_s3_prefix(bucket, tmp_path):
    fetch(artifact(f"s3://{bucket}/weights/tiny/model.safetensors"), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_an_s3_prefix_mirrors_any_model(bucket, tmp_path, monkeypatch):
    monkeypatch.setenv("RIATA_MODELS_MIRROR", f"s3://{bucket}/weights/")
    fetch(artifact("hf:nobody/nothing@main/model.safetensors"), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_what_the_mirror_lacks_comes_from_its_own_source(bucket, tmp_path, monkeypatch):
    monkeypatch.setenv("RIATA_MODELS_MIRROR", f"s3://{bucket}/elsewhere")
    fetch(artifact(f"s3://{bucket}/weights/tiny/model.safetensors"), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_an_interrupted_read_goes_on_where_it_ended(bucket, tmp_path):
    part = tmp_path / "part"
    part.write_bytes(CONTENT[:1000])
    fetch(artifact(f"s3://{bucket}/weights/tiny/model.safetensors"), part)
    assert part.read_bytes() == CONTENT


def test_a_part_that_is_longer_than_the_object_is_begun_again(bucket, tmp_path):
    part = tmp_path / "part"
    part.write_bytes(CONTENT + b"of another time")
    fetch(artifact(f"s3://{bucket}/weights/tiny/model.safetensors"), part)
    assert part.read_bytes() == CONTENT


def test_a_missing_object_and_a_missing_bucket_are_told_apart_from_a_success(bucket, tmp_path):
    with pytest.raises(ModelUnavailable, match="There is no"):
        fetch(artifact(f"s3://{bucket}/weights/other"), tmp_path / "part")
    with pytest.raises(ModelUnavailable):
        fetch(artifact(f"s3://no-such-bucket-{uuid4().hex[:8]}/weights/other"), tmp_path / "part")


def test_an_object_larger_than_promised_is_refused_and_removed(bucket, tmp_path):
    with pytest.raises(ModelUnavailable, match="larger than"):
        fetch(artifact(f"s3://{bucket}/weights/tiny/model.safetensors", size=1000), tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_the_hubs_token_is_read_from_secrets_manager(cloud, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    arn = cloud("secretsmanager").create_secret(Name=f"hub-{uuid4().hex[:8]}", SecretString="hf_secret\n")["ARN"]
    monkeypatch.setenv("RIATA_HF_TOKEN_SECRET_ARN", arn)
    assert _hub_token() == "hf_secret"
    monkeypatch.setenv("HF_TOKEN", "hf_own")
    assert _hub_token() == "hf_own"


def test_a_secret_that_cannot_be_read_is_said(cloud, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("RIATA_HF_TOKEN_SECRET_ARN", f"arn:aws:secretsmanager:{REGION}:123456789012:secret:none")
    with pytest.raises(ModelUnavailable, match="token of the model hub"):
        _hub_token()
