"""The process that owns a local stack: it starts everything in order, tends it, and stops it in order.

Start: MiniStack → deploy (if the content changed; then one clean restart of MiniStack, which persists the stack) →
import the snapshot if it is newer than MiniStack's state → ready key → reconcile once → workers and edge.
Stop: edge (no new requests) → workers (give their messages back) → snapshot → MiniStack (writes its state).
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import httpx

from riata.errors import CommandFailed
from riata_local import aws as local_aws
from riata_local import environment, keys, processes, record, snapshot
from riata_local.aws import LocalAws
from riata_local.checkout import Checkout
from riata_local.deploy import Deployment, deploy
from riata_local.home import Home
from riata_local.ministack import MiniStack
from riata_local.ports import Ports
from riata_local.processes import ProcessIdentity
from riata_local.workers import WorkerPool

_TICK_SECONDS = 0.2
_HEALTH_SECONDS = 180
_EDGE_STOP_SECONDS = 5


class Supervisor:
    """One running stack.

    Args:
        home: Its folder, created and locked by the caller.
        checkout: What is deployed.
        ports: Where it listens.
        workers: Number of worker processes.
        backend: The separator that the workers load.
        parameters: Further parameters of the template, by name.
        report: Called with one line of progress at a time.
    """

    def __init__(
        self, home: Home, checkout: Checkout, ports: Ports, *, workers: int, backend: str,
        parameters: Mapping[str, str], report: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._home, self._checkout, self._ports = home, checkout, ports
        self._worker_count, self._backend, self._parameters, self._report = workers, backend, parameters, report
        self._aws = LocalAws(home, ports.endpoint)
        self._ministack = MiniStack(home, ports)
        self._pool: WorkerPool | None = None
        self._edge: subprocess.Popen[bytes] | None = None
        self._deployment = Deployment({}, changed=False)
        self._run = record.Run(os.getpid(), record.STARTING, ports.base_url, ports.endpoint)
        self._stop_requested = False
        self._next_export = 0.0

    @property
    def record(self) -> record.Run:
        """What other processes are told about this stack."""
        return self._run

    def run(self, on_healthy: Callable[[], None] = lambda: None) -> None:
        """Start the stack, tend it until SIGTERM or Ctrl-C, stop it.

        Raises:
            CommandFailed: It could not be started; everything that was started is stopped again.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self._bring_up()
                on_healthy()
                self._tend()
        except CommandFailed as error:
            self._run.error = error.message
            raise
        finally:
            self._take_down(record.FAILED if self._run.error else record.STOPPING)
            if not self._run.error:
                self._home.run.unlink(missing_ok=True)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Only the start is interruptible: stopping must not be cut short, and tending looks at the flag.
        if not self._stop_requested and self._run.phase in (record.STARTING, record.RECOVERING):
            self._stop_requested = True
            raise KeyboardInterrupt
        self._stop_requested = True

    def _bring_up(self) -> None:
        persisted_at = self._ministack.persisted_at
        self._report("Starting MiniStack")
        self._ministack.start()
        self._save()
        parameters = {
            "PublicBaseUrl": self._ports.base_url, "Backend": self._backend, "AllowLocalAssumeRole": "true",
            **self._parameters,
        }  # fmt: skip
        self._report("Deploying template.yaml")
        self._deployment = deploy(self._aws, self._checkout, parameters)
        if self._deployment.changed:
            # The clean stop persists the stack, so that a later crash finds it deployed, with the same names.
            self._ministack.stop()
            self._ministack.start()
        outputs = self._deployment.outputs
        self._run.settings = environment.settings(outputs, self._ports.base_url, self._backend)
        if snapshot.restore(self._aws, self._home, self._tables, persisted_at):
            self._report("Imported the last snapshot: the stack was not stopped in order")
        local_aws.write_profiles(
            self._home, {local_aws.WORKER: outputs["WorkerRoleArn"], local_aws.STREAM: outputs["StreamRoleArn"]}
        )
        keys.ensure_ready_key(self._home, keys.local_admin(self._aws, self._run.settings))
        self._export()
        if persisted_at:
            self._reconcile()
        self._wait_until_healthy(*self._start_serving())
        self._run.phase = record.HEALTHY
        self._save()

    def _start_serving(self) -> "tuple[WorkerPool, subprocess.Popen[bytes]]":
        self._report(f"Starting {self._worker_count} worker(s) and the edge on port {self._ports.edge}")
        worker_environment = environment.of_child(self._aws, local_aws.WORKER, self._run.settings)
        self._pool = WorkerPool(self._worker_count, worker_environment, self._home.logs, self._checkout.root)
        self._pool.start()
        self._edge = self._start_edge()
        self._save()
        return self._pool, self._edge

    def _start_edge(self) -> "subprocess.Popen[bytes]":
        outputs = self._deployment.outputs
        upstream = f"{self._ports.endpoint}/restapis/{outputs['ApiId']}/{outputs['ApiStage']}/_user_request_"
        return processes.spawn(
            [sys.executable, "-m", "riata_local.edge", str(self._ports.edge), upstream, str(self._home.run),
             str(self._checkout.stream_app)],
            environment=environment.of_child(self._aws, local_aws.STREAM, self._run.settings),
            log=self._home.logs / "edge.log",
            cwd=self._checkout.root,
        )  # fmt: skip

    def _wait_until_healthy(self, pool: WorkerPool, edge: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _HEALTH_SECONDS
        answering = False
        with httpx.Client(timeout=30, trust_env=False) as client:
            while time.monotonic() < deadline:
                pool.tend()
                if (worker := pool.given_up) is not None:
                    raise _ended("A worker crashes", worker.log)
                if edge.poll() is not None:
                    raise _ended("The edge ended", self._home.logs / "edge.log")
                if not answering:
                    with contextlib.suppress(httpx.TransportError):
                        answering = client.get(f"{self._ports.base_url}/v1/openapi.json").is_success
                if answering and pool.all_ready:
                    return
                self._save()
                time.sleep(0.05)
        missing = "the workers are not ready" if answering else "the API does not answer"
        raise CommandFailed(f"After {_HEALTH_SECONDS} s {missing}: see the logs in {self._home.logs}.")

    def _tend(self) -> None:
        while not self._stop_requested:
            if not self._ministack.alive:
                self._report("MiniStack ended: starting the stack again")
                self._stop_serving()
                self._run.phase = record.RECOVERING
                self._bring_up()
                self._report("Healthy again")
            if self._pool:
                self._pool.tend()
            if self._edge is None or self._edge.poll() is not None:
                self._edge = self._start_edge()
            if time.monotonic() >= self._next_export:
                self._export()
            self._save()
            time.sleep(_TICK_SECONDS)

    def _take_down(self, phase: str) -> None:
        self._run.phase = phase
        self._save()
        self._report("Stopping: workers give their messages back")
        self._stop_serving()
        if self._ministack.alive and self._tables:
            self._export()
        self._ministack.stop()
        self._save()
        self._report("Stopped")

    def _stop_serving(self) -> None:
        if self._edge is not None and self._edge.poll() is None:
            processes.stop(self._edge, _EDGE_STOP_SECONDS)
        self._edge = None
        if self._pool is not None:
            self._pool.stop()
        self._pool = None

    @property
    def _tables(self) -> dict[str, str]:
        names = {"Accounts": "RIATA_ACCOUNTS_TABLE", "Jobs": "RIATA_JOBS_TABLE"}
        return {role: self._run.settings[name] for role, name in names.items() if name in self._run.settings}

    def _export(self) -> None:
        snapshot.export(self._aws, self._home, self._tables)
        self._next_export = time.monotonic() + snapshot.INTERVAL_SECONDS

    def _reconcile(self) -> None:
        """Executions and task tokens died with the last stop: start those requests again now, not in a minute.

        Before the workers start, so that they never spend their time on a message whose token nobody waits for.
        """
        name = self._deployment.outputs["ReconcileFunctionName"]
        payload = json.dumps({"everything": True})
        answer = self._aws.client("lambda").invoke(FunctionName=name, Payload=payload)
        if answer.get("FunctionError"):
            self._report("The reconciler failed; it runs again every minute")

    def _save(self) -> None:
        workers = self._pool.describe() if self._pool else []
        pids = {"edge": self._edge.pid if self._edge else None}
        pids |= {f"worker-{worker['index']}": worker["pid"] for worker in workers}
        pids["ministack"] = self._ministack.pid
        identities = {role: ProcessIdentity.of(pid) for role, pid in pids.items() if pid}
        self._run.children = {role: asdict(identity) for role, identity in identities.items() if identity}
        self._run.workers = workers
        self._run.save(self._home)


def _ended(what: str, log: Path) -> CommandFailed:
    return CommandFailed(f"{what} at start; {log} ends:\n{processes.log_tail(log)}")
