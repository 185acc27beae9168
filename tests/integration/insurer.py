"""The command line as its users have it, and the control desk of the provider's simulator."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.sandbox.sandbox import Sandbox

TELEMATICS = Path(sys.executable).with_name("telematics")
NOT_ASKED_FOR = ("AWS_PROFILE", "SENTIANCE_BASE_URL", "TELEMATICS_SANDBOX_PORT")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # whatever the command answers
        return json.loads(self.out)


@dataclass(frozen=True)
class Insurer:
    """Everything it does goes through the command line."""

    sandbox: Sandbox

    @property
    def provider(self) -> "Simulated":
        return Simulated(self.sandbox.simulators["sentiance"])

    def telematics(self, *words: str, stdin: str = "") -> Said:
        inherited = {name: text for name, text in os.environ.items() if name not in NOT_ASKED_FOR}
        done = subprocess.run(  # noqa: S603  # our own command
            [TELEMATICS, *words],
            capture_output=True,
            text=True,
            input=stdin,
            timeout=240,
            env={**inherited, **self.sandbox.environment()},
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def fetch(self, first: str, last: str = "") -> Said:
        return self.telematics(
            "fetch", "sentiance", "--from", first, "--to", last or first, "--json"
        )

    def status(self, first: str, last: str = "") -> Mapping[str, Any]:  # a shape of its own
        said = self.telematics("status", "--from", first, "--to", last or first, "--json")
        assert said.code == 0, said.err
        return said.json["providers"]["sentiance"]  # type: ignore[no-any-return]  # it is JSON

    def query(self, sql: str) -> list[dict[str, Any]]:
        said = self.telematics("query", "--json", sql)
        assert said.code == 0, said.err
        return said.json  # type: ignore[no-any-return]  # it is JSON

    def count(self, table: str, where: str = "true") -> int:
        sql = f"select count(*) as n from {table} where {where}"  # noqa: S608  # a test's own
        return int(self.query(sql)[0]["n"])

    def told(self) -> str:
        """All that functions logged and executions remember."""
        printed = (self.sandbox.places.folder / "logs" / "emulator.log").read_text(errors="replace")
        return "".join((printed, *self._logged(), *self._remembered()))

    def _logged(self) -> Iterator[str]:
        logs = self.sandbox.aws.logs
        for group in logs.describe_log_groups()["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"]
            )
            for page in pages:
                yield from (event["message"] for event in page["events"])

    def _remembered(self) -> Iterator[str]:
        machines = self.sandbox.aws.machines
        for machine in machines.list_state_machines()["stateMachines"]:
            executions = machines.list_executions(stateMachineArn=machine["stateMachineArn"])
            for one in executions["executions"]:
                history = machines.get_execution_history(executionArn=one["executionArn"])
                yield json.dumps(history["events"], default=str)


@dataclass(frozen=True)
class Simulated:
    """The provider's simulator, told how to behave."""

    url: str

    def behave(self) -> None:
        httpx.delete(f"{self.url}/_simulator/faults").raise_for_status()

    def misbehave(self, **fault: object) -> None:
        httpx.post(f"{self.url}/_simulator/faults", json=fault).raise_for_status()

    def republish(self, day: str, type_: str) -> None:
        answer = httpx.post(f"{self.url}/_simulator/republish", json={"day": day, "type": type_})
        answer.raise_for_status()

    def truth(self, first: str, last: str = "") -> list[dict[str, Any]]:
        """Every file of these days, with the rows it really has."""
        days = {"from": first, "to": last or first}
        answer = httpx.get(f"{self.url}/_simulator/truth", params=days, timeout=60)
        return answer.raise_for_status().json()["files"]  # type: ignore[no-any-return]  # JSON
