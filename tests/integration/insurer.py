"""The command line as its users have it, and the control desk of the provider's simulator."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from boto3 import Session

from infra.cli.target import SANDBOX_KEY, Deployment
from tests.integration.function import DeployedFunction
from tests.sandbox.assembly import STACK
from tests.sandbox.sandbox import Sandbox

TELEMATICS = Path(sys.executable).with_name("telematics")
NOT_ASKED_FOR = (
    "AWS_PROFILE",
    "SENTIANCE_BASE_URL",
    "MOVE_BASE_URL",
    "DASHCAM_BASE_URL",
    "ZENDRIVE_BASE_URL",
    "TELEMATICS_SANDBOX_PORT",
)


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
    """Almost everything it does goes through the command line."""

    sandbox: Sandbox

    @cached_property
    def stack(self) -> Deployment:
        """As the command line finds it: for what is done so often that a process each is slow."""
        session = Session(SANDBOX_KEY, SANDBOX_KEY, region_name=self.sandbox.region)
        found = self.sandbox.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        return Deployment(
            "the tests' sandbox",
            session,
            self.sandbox.endpoint,
            {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]},
            {one["ParameterKey"]: one["ParameterValue"] for one in found["Parameters"]},
        )

    @property
    def provider(self) -> "Simulated":
        return Simulated(self.sandbox.simulators["sentiance"])

    @property
    def move(self) -> "SimulatedMove":
        return SimulatedMove(self.sandbox.simulators["move"])

    @property
    def dashcam(self) -> "SimulatedDashcam":
        return SimulatedDashcam(self.sandbox.simulators["dashcam"])

    @property
    def zendrive(self) -> "SimulatedZendrive":
        return SimulatedZendrive(self.sandbox.simulators["zendrive"])

    def function(self, part: str) -> DeployedFunction:
        return DeployedFunction.find(self.sandbox.aws.functions, part)

    def telematics(self, *words: str, stdin: str = "", within_seconds: float = 240) -> Said:
        inherited = {name: text for name, text in os.environ.items() if name not in NOT_ASKED_FOR}
        done = subprocess.run(  # noqa: S603  # our own command
            [TELEMATICS, *words],
            capture_output=True,
            text=True,
            input=stdin,
            timeout=within_seconds,
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

    def whole_status(self) -> dict[str, Any]:
        said = self.telematics("status", "--json")
        assert said.code == 0, said.err
        return said.json  # type: ignore[no-any-return]  # it is JSON

    def wait_until_idle(self) -> None:
        said = self.telematics("sandbox", "wait", "--idle")
        assert said.code == 0, said.err

    def notified(self, **order: object) -> dict[str, Any]:
        """MOVE tells of some items; returns when nothing of it is left to do."""
        urls = self.whole_status()["webhooks"]
        run = self.move.notify(
            timeline_url=urls["move/timeline"],
            notifications_url=urls["move/notifications"],
            **order,
        )
        self.wait_until_idle()
        return run

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
        return "".join((printed, *self.logged(), *self._remembered()))

    def logged(self) -> Iterator[str]:
        """Line by line."""
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


@dataclass(frozen=True)
class SimulatedMove(Simulated):
    """Dolphin MOVE's simulator, which tells by itself what there is."""

    def notify(self, **order: object) -> dict[str, Any]:
        """What became of the run, once everything is answered 200."""
        answer = httpx.post(f"{self.url}/_simulator/notify", json=order).raise_for_status()
        run = f"{self.url}/_simulator/runs/{answer.json()['run']}"
        while not (told := httpx.get(run).raise_for_status().json())["done"]:
            time.sleep(0.1)
        return told  # type: ignore[no-any-return]  # it is JSON

    def known(self, first: str, last: str = "") -> dict[str, Any]:
        days = {"from": first, "to": last or first}
        answer = httpx.get(f"{self.url}/_simulator/truth", params=days, timeout=60)
        return answer.raise_for_status().json()  # type: ignore[no-any-return]  # it is JSON

    def relabel(self, contract: str, start: int, type_: str) -> None:
        change = {"contract": contract, "start": start, "type": type_}
        httpx.post(f"{self.url}/_simulator/relabel", json=change).raise_for_status()


@dataclass(frozen=True)
class SimulatedDashcam(Simulated):
    """MiTAC VisionMax's simulator."""

    def told(self, route: str, **what: object) -> dict[str, Any]:
        """What it says to that."""
        answer = httpx.post(f"{self.url}/_simulator/{route}", json=what)
        return answer.raise_for_status().json()  # type: ignore[no-any-return]  # it is JSON

    def deaf(self) -> None:
        """Nobody is to be told anything any more."""
        httpx.delete(f"{self.url}/_simulator/webhook").raise_for_status()

    def device(self, driver: str) -> str:
        return str(httpx.get(f"{self.url}/_simulator/devices").raise_for_status().json()[driver])

    def known(self, **days: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/_simulator/truth", params=days, timeout=60)
        return answer.raise_for_status().json()  # type: ignore[no-any-return]  # it is JSON


@dataclass(frozen=True)
class SimulatedZendrive(Simulated):
    """Zendrive's simulator."""

    def told(self, route: str, **what: object) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/_simulator/{route}", json=what).raise_for_status()
        return answer.json()  # type: ignore[no-any-return]  # it is JSON

    def driver(self, name: str) -> str:
        """What they are called here."""
        return str(httpx.get(f"{self.url}/_simulator/drivers").raise_for_status().json()[name])

    def crash(self, driver: str, **more: object) -> dict[str, Any]:
        """One, now or when it is said; it tells the date to ask for."""
        return self.told("crash", driver=driver, **more)

    def notify(self, **order: object) -> dict[str, Any]:
        """What became of the run, once everything is answered with success."""
        run = f"{self.url}/_simulator/runs/{self.told('notify', **order)['run']}"
        while not (told := httpx.get(run).raise_for_status().json())["done"]:
            time.sleep(0.1)
        return told  # type: ignore[no-any-return]  # it is JSON

    def known(self) -> dict[str, Any]:
        """What was asked, what was delivered, and the rows of it."""
        answer = httpx.get(f"{self.url}/_simulator/truth", timeout=60)
        return answer.raise_for_status().json()  # type: ignore[no-any-return]  # it is JSON
