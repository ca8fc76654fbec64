"""Checks of the stack: what a dead supervisor left, the ports, the running services."""

import httpx

from riata_local import ports, record
from riata_local.doctor.finding import Finding, ok, problem, warning
from riata_local.home import Home
from riata_local.processes import ProcessIdentity


def leftovers(home: Home) -> list[Finding]:
    """A record without its supervisor."""
    run = record.load(home)
    if run is None or record.is_locked(home):
        return []
    if run.error:
        return [problem("last start", f"It failed: {run.error}", f"The log is {record.supervisor_log(home)}.")]
    alive = [role for role, child in run.children.items() if ProcessIdentity(int(child["pid"]), child["started"]).alive]
    left = f" and left {', '.join(alive)} running" if alive else ""
    message = f"The supervisor (pid {run.pid}) ended without `riata down`{left}."
    return [problem("supervisor", message, "`riata down` cleans up; `riata up` also recovers the state.")]


def ports_free(home: Home) -> list[Finding]:
    """The pinned ports, when nothing of ours runs on them."""
    if record.is_locked(home):
        return []
    pinned = ports.recorded(home)
    edge = pinned.edge if pinned else ports.DEFAULT_EDGE_PORT
    checked = {edge: "Stop it, or choose another port with `riata up --port N`."}
    if pinned:
        checked[pinned.ministack] = f"Stop it, or delete {home.ports} to choose anew."
    findings = []
    for port, remedy in checked.items():
        if ports.is_free(port):
            findings.append(ok("port", f"{port} is free"))
        else:
            holder = ports.describe_holder(port) or "another process"
            findings.append(problem("port", f"Port {port} is taken by {holder}.", remedy))
    return findings


def health(home: Home) -> list[Finding]:
    """The running stack, if one runs."""
    run = record.running(home)
    if run is None:
        return [ok("stack", "not running")]
    if run.phase != record.HEALTHY:
        return [warning("stack", f"It is {run.phase}.", f"Wait a moment; its log is {record.supervisor_log(home)}.")]
    findings = [_answers("API", f"{run.base_url}/v1/openapi.json"), _answers("MiniStack", f"{run.endpoint}/_ministack/health")]
    for worker in run.workers:
        name = f"worker {worker['index']}"
        if worker["state"] == "crashed" or worker["restarts"] >= 3:
            log = home.logs / f"worker-{worker['index']}.log"
            findings.append(problem(name, f"{worker['state']}, restarted {worker['restarts']} times", f"Its log is {log}."))
        else:
            findings.append(ok(name, worker["state"]))
    return findings


def _answers(name: str, url: str) -> Finding:
    remedy = "`riata down`, then `riata up`; the logs are in the state folder."
    try:
        with httpx.Client(timeout=10, trust_env=False) as client:
            answer = client.get(url)
    except httpx.TransportError as error:
        return problem(name, f"{url} does not answer ({type(error).__name__}).", remedy)
    if not answer.is_success:
        return problem(name, f"{url} answers {answer.status_code}.", remedy)
    return ok(name, f"{url} answers")
