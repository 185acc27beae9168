"""The end of a pass: a receipt for everybody, and nothing of them but a tombstone."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TypedDict

import msgspec

from telematics import events, http
from telematics.catalog import PROVIDERS
from telematics.erasure import notes, passes
from telematics.erasure.notes import Note, Notes
from telematics.erasure.passes import Passes
from telematics.erasure.persons import has_short_ids
from telematics.erasure.receipts import Receipt, receipt
from telematics.events import Bus, UserErased
from telematics.moments import stamp
from telematics.users import log
from telematics.users.log import AccessLog
from telematics.users.user import User

BY = "telematics"
ACTION = "erased"


class Finished(TypedDict):
    """What the machine ends with."""

    people: int


@dataclass(frozen=True)
class Finishing:
    """What it takes to end a pass."""

    passes: Passes
    notes: Callable[[str], Notes]
    log: AccessLog
    bus: Bus
    now: Callable[[], datetime] = http.utc_now

    def finish(self, pass_id: str, rounds: int) -> Finished:
        """Repeats go on with those who are still there."""
        there = self.notes(pass_id)
        ended = there.once("ended", lambda: {"at": stamp(self.now())})
        at = datetime.fromisoformat(ended["at"])
        story = there.all()
        users = sorted(self.passes.users(pass_id), key=lambda one: one.user_id)
        for user in users:
            name = f"receipts/{self.passes.subject(user)}"
            make = partial(self._receipt, user, pass_id, at, story, rounds)
            self._end(user, there.once(name, make), at)
        self.passes.ended(pass_id)
        return {"people": len(users)}

    def _receipt(
        self, user: User, pass_id: str, at: datetime, story: Mapping[str, Note], rounds: int
    ) -> Receipt:
        return receipt(
            self.passes.subject(user),
            erasure_id=pass_id,
            requested_at=user.since,
            began_at=self.passes.began_at(pass_id),
            ended_at=at,
            linked=sorted(one for one in user.links if one in PROVIDERS),
            searched_by_name_only=has_short_ids(self.passes.person(user)),
            story=story,
            rounds=rounds,
        )

    def _end(self, user: User, made: Note, at: datetime) -> None:
        """First what proves and tells it, then the burial: nobody is gone without a receipt."""
        body = msgspec.json.encode(made, order="sorted").decode()
        digest = hashlib.sha256(body.encode()).hexdigest()
        subject, erasure_id = made["subject"], made["erasure_id"]
        reason = f"sha256 {digest}"
        self.log.write(subject, action=ACTION, by=BY, reason=reason, now=at, result=body)
        self.bus.put(
            UserErased(
                subject=subject, status="erased", at=at, erasure_id=erasure_id, sha256=digest
            )
        )
        self.passes.directory.bury(user.user_id, erasure_id=erasure_id, now=at)


@cache
def deployed() -> Finishing:
    """For the stack that this function belongs to."""
    return Finishing(passes.deployed(), notes.deployed, log.deployed(), events.deployed())
