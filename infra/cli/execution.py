"""One execution of a state machine of the stack."""

from typing import Any

from infra.cli.exits import CommandError
from infra.cli.target import Deployment


def output(deployment: Deployment, arn: str, *, doing: str, remains: str) -> str | None:
    """What it returned, as JSON; None while it runs."""
    found: Any = deployment.machines.describe_execution(executionArn=arn)
    if found["status"] == "RUNNING":
        return None
    if found["status"] != "SUCCEEDED":
        how = found["status"].lower().replace("_", " ")
        reason = found.get("cause") or found.get("error") or "no reason given"
        raise CommandError(f"{doing} {how}: {reason}. {remains}. Execution: {arn}")
    return found.get("output") or "{}"
