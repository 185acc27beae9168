"""Answers to what was asked for: made when they are due, and posted once, whatever comes of it."""

from dataclasses import dataclass

import httpx

from tests.sandbox.simulators.chance import identity, share
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.zendrive import payload
from tests.sandbox.simulators.zendrive.drivers import driver_id
from tests.sandbox.simulators.zendrive.faults import DETAIL, Fault
from tests.sandbox.simulators.zendrive.outbox import posted
from tests.sandbox.simulators.zendrive.payload import Question, Wish
from tests.sandbox.simulators.zendrive.truth import PLAIN, TRUNCATED, WRONG_TOKEN, Asked
from tests.sandbox.simulators.zendrive.world import World


def names_of(person: Person | None, asked: str) -> tuple[str, ...]:
    """All that a driver is called by."""
    return (asked,) if person is None else (driver_id(person), person.user_id)


@dataclass(frozen=True)
class Callback:
    """One answer, with what goes wrong with it."""

    world: World
    question: Question
    asked: Asked
    wish: Wish
    kind: str

    def send(self, client: httpx.Client) -> None:
        made, content = payload.body(self.world.drivers, self.question, self.wish)
        if self.kind == TRUNCATED:
            content = content[: len(content) // 2]
        answer = posted(client, self._url, content)
        self.world.truth.deliver(self.asked, made, content, self.kind, answer)

    @property
    def _url(self) -> str:
        if self.kind != WRONG_TOKEN:
            return self.question.webhook_url
        path, _, token = self.question.webhook_url.rpartition("/")
        return f"{path}/{identity(min(64, len(token)), token, 'wrong')}"


def plan(world: World, question: Question, asked: Asked) -> None:
    """What is to be sent, and when."""
    person, knobs = world.drivers.find(question.user_id), world.settings.knobs
    names = names_of(person, question.user_id)

    def strike(name: str) -> Fault | None:
        return world.faults.strike(name, DETAIL, *names, question=question.text)

    if strike("never"):
        return
    wrong, cut, late, twice = map(strike, ("wrong_token", "truncated", "late", "twice"))
    size = strike("size")
    wish = Wish(
        gps_seconds=knobs.gps_seconds,
        has_trips=not strike("no_trips"),
        has_collision=not strike("no_collision"),
        bytes=size.bytes if size else None,
    )
    kind = WRONG_TOKEN if wrong else TRUNCATED if cut else PLAIN
    spread = share(world.drivers.people.seed, "spread", asked.number) * knobs.spread_seconds
    after = knobs.delay_seconds + spread + (late.pause_seconds if late else 0)
    callback = Callback(world, question, asked, wish, kind)
    for copy in range(twice.copies if twice else 1):
        pause = copy * twice.pause_seconds if twice else 0
        world.outbox.put(callback.send, after_seconds=after + pause)
