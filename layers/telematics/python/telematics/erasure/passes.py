"""Passes: everybody who waits for their erasure is erased together, one pass after the other.

A pass belongs to one execution of the machine. Whoever takes it up after that one has ended finds
everything as it was left.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, TypedDict

import boto3
from botocore.exceptions import ClientError

from telematics import http, identities, tasks
from telematics.erasure.persons import Person, Persons
from telematics.errors import Busy, NotFound
from telematics.identities import Identities
from telematics.moments import stamp
from telematics.people import Identity
from telematics.settings import settings
from telematics.tasks import Tasks
from telematics.users import directory
from telematics.users.directory import Directory
from telematics.users.user import User

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

MOST_AT_ONCE = 1_000
RUNNING = "RUNNING"


class Next(StrEnum):
    """What the machine is to do."""

    GO_ON = "go on"
    WAIT = "wait"  # somebody has only just been shut out: what is under way may still arrive
    END = "end"  # nobody waits, or another execution works on it


class State(StrEnum):
    """Of a pass."""

    ENLISTING = "enlisting"  # it takes in whoever waits
    ERASING = "erasing"
    ERASED = "erased"


class Begun(TypedDict):
    """What the machine goes on with; no person is in it."""

    next: Next
    pass_id: str
    people: int


@dataclass(frozen=True)
class Passes:
    """`settled` is how long after the gate was shut nothing of anybody comes through any more."""

    directory: Directory
    identities: Identities
    tasks: Tasks
    machines: "SFNClient"
    settled: timedelta
    now: Callable[[], datetime] = http.utc_now

    def begin(self, execution: str) -> Begun:
        """Take up a pass that nobody works on, or make one of all who wait."""
        waiting = list(self.directory.erasing())
        begun = sorted({one.pass_id for one in waiting if one.pass_id})
        fresh = [one for one in waiting if not one.pass_id]
        settled = [one for one in fresh if one.since <= self.now() - self.settled]
        for pass_id in begun:
            there = [one for one in waiting if one.pass_id == pass_id]
            if self._claimed(pass_id, execution):
                more = settled if self._is_open(pass_id) else []
                return self._enlisted(pass_id, there, more)
        if not fresh or begun:  # whoever works on a pass begins the next one
            return _told(Next.END)
        if not settled:
            return _told(Next.WAIT)
        pass_id = self._name_of(settled[:MOST_AT_ONCE])
        if not self._claimed(pass_id, execution):
            raise Busy("another execution begins the same pass")
        return self._enlisted(pass_id, [], settled)

    def persons(self, pass_id: str) -> Persons:
        """Everybody in it. Raises NotFound where it has come to its end."""
        users = [one for one in self.directory.erasing() if one.pass_id == pass_id]
        if not users:
            raise NotFound("the pass has ended, or there never was one")
        return Persons(tuple(map(self.person, sorted(users, key=lambda one: one.user_id))))

    def users(self, pass_id: str) -> Iterator[User]:
        return (one for one in self.directory.erasing() if one.pass_id == pass_id)

    def subject(self, user: User) -> str:
        return self.identities.ours(user.user_id)

    def began_at(self, pass_id: str) -> datetime:
        item = self.tasks.get(pass_id) or {}
        return datetime.fromisoformat(str(item["began_at"]))

    def ended(self, pass_id: str) -> None:
        self._write(pass_id, {"state": State.ERASED, "ended_at": stamp(self.now())})

    def person(self, user: User) -> Person:
        return Person(self.subject(user), frozenset(Identity(*one) for one in user.identities))

    def _name_of(self, fresh: list[User]) -> str:
        """The same for the same people, so that whoever begins again begins the same."""
        subjects = sorted(map(self.subject, fresh))
        digest = hashlib.sha256("".join(subjects).encode()).hexdigest()[:12]
        return f"erasure-{max(one.since for one in fresh):%Y%m%dT%H%M%S}-{digest}"

    def _enlisted(self, pass_id: str, there: list[User], more: list[User]) -> Begun:
        """Those who are in it and, until it is shut, those who wait."""
        more = more[: MOST_AT_ONCE - len(there)]
        for user in more:
            self.directory.enlist(user.user_id, pass_id=pass_id)
        if self._is_open(pass_id):
            self._write(pass_id, {"state": State.ERASING})
        return _told(Next.GO_ON, pass_id, len(there) + len(more))

    def _is_open(self, pass_id: str) -> bool:
        return (self.tasks.get(pass_id) or {}).get("state") == State.ENLISTING

    def _claimed(self, pass_id: str, execution: str) -> bool:
        """Whether it is this execution's now."""
        item = self.tasks.get(pass_id) or {}
        runner = str(item.get("runner", ""))
        if runner == execution:
            return True
        if runner and self._runs(runner):
            return False
        facts = {"runner": execution}
        if not runner:
            facts |= {"state": State.ENLISTING, "began_at": stamp(self.now())}
        return self.tasks.write(pass_id, facts, revision=int(item.get("revision", 0)))

    def _write(self, pass_id: str, facts: Mapping[str, str]) -> None:
        item = self.tasks.get(pass_id) or {}
        self.tasks.write(pass_id, facts, revision=int(item.get("revision", 0)))

    def _runs(self, execution: str) -> bool:
        try:
            answer = self.machines.describe_execution(executionArn=execution)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return False
            raise
        return answer["status"] == RUNNING


def _told(following: Next, pass_id: str = "", people: int = 0) -> Begun:
    return {"next": following, "pass_id": pass_id, "people": people}


@cache
def deployed() -> Passes:
    """Those of the stack that this function belongs to."""
    return Passes(
        directory=directory.deployed(),
        identities=identities.deployed(),
        tasks=tasks.deployed(),
        machines=boto3.client("stepfunctions"),
        settled=timedelta(seconds=settings().gate_seconds + 1),
    )
