"""Telling the owner of problems: of each when it is new, and again every day while it lasts.

unknown -> told -> told again, a day later ... -> forgotten, when nobody has seen it for hours
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

import boto3

from telematics import tasks
from telematics.attention.problem import Problem
from telematics.moments import stamp
from telematics.settings import settings
from telematics.tasks import Item, Tasks

PREFIX = "notice-"
AGAIN_AFTER = timedelta(hours=23, minutes=30)  # the clock that starts us is not exact
LAPSES_AFTER = timedelta(hours=6)  # not seen for so long: the next one is another
KEPT_FOR = timedelta(days=2)
MOST_TOLD = 100  # a message has at most 256 KB


class Publisher(Protocol):
    """SNS, as far as it is used."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> object: ...  # noqa: N803


@dataclass(frozen=True)
class Notices:
    """What was told of which problem is among the tasks, and expires there."""

    tasks: Tasks
    client: Publisher
    topic_arn: str

    def tell(self, problems: Iterable[Problem], *, now: datetime) -> int:
        """One message for all that is to be told now; of how many that was. Twice is harmless."""
        seen = [(problem, self._note(problem)) for problem in problems]
        due = [problem for problem, note in seen if _is_due(note, now)]
        if due:
            self.client.publish(
                TopicArn=self.topic_arn, Subject=_subject(due), Message=_message(due)
            )
        for problem, note in seen:
            self._write(problem, note, is_told=problem in due, now=now)
        return len(due)

    def _note(self, problem: Problem) -> Item:
        return self.tasks.get(f"{PREFIX}{problem.digest}") or {}

    def _write(self, problem: Problem, note: Item, *, is_told: bool, now: datetime) -> None:
        goes_on = not _has_lapsed(note, now)
        facts = {
            "since": note["since"] if goes_on else stamp(now),
            "told_at": stamp(now) if is_told else note["told_at"],
            "seen_at": stamp(now),
            "expires_at": int((now + KEPT_FOR).timestamp()),
        }
        revision = int(note.get("revision", 0))
        self.tasks.write(f"{PREFIX}{problem.digest}", facts, revision=revision)


def since(notes: Tasks, problem: Problem, *, now: datetime) -> datetime | None:
    """Since when it is there, by itself or by who has looked at it every hour."""
    if problem.since:
        return problem.since
    note = notes.get(f"{PREFIX}{problem.digest}") or {}
    return None if _has_lapsed(note, now) else datetime.fromisoformat(note["since"])


def _has_lapsed(note: Item, now: datetime) -> bool:
    return not note or datetime.fromisoformat(note["seen_at"]) <= now - LAPSES_AFTER


def _is_due(note: Item, now: datetime) -> bool:
    told = note.get("told_at")
    return _has_lapsed(note, now) or not told or datetime.fromisoformat(told) <= now - AGAIN_AFTER


def _subject(problems: Sequence[Problem]) -> str:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return f"Telematics Lake: {count}"


def _message(problems: Sequence[Problem]) -> str:
    shown = [_told(one) for one in problems[:MOST_TOLD]]
    more = [f"and {len(problems) - MOST_TOLD} more: telematics status"]
    return "\n\n".join(shown + (more if len(problems) > MOST_TOLD else []))


def _told(problem: Problem) -> str:
    since = f" (since {stamp(problem.since)})" if problem.since else ""
    return f"{problem.what}{since}\n  {problem.command}\n  {problem.kind.section}"


@cache
def deployed() -> Notices:
    """Those of the stack that this function belongs to."""
    return Notices(tasks.deployed(), boto3.client("sns"), settings().alarm_topic)
