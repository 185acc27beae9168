"""Whose export it is: under which names the stack holds something of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from infra.cli.desk import Desk, Gone
from infra.cli.exits import CommandError

if TYPE_CHECKING:
    from telematics.erasure.persons import Persons
    from telematics.people import Identity


@dataclass(frozen=True)
class Subject:
    """As the desk told, which has noted that it is exported."""

    told: Mapping[str, Any]  # JSON of the API
    log: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        return str(self.told["user_id"])

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.told["at"])

    @property
    def by(self) -> str:
        return str(self.told["by"])

    @property
    def identities(self) -> "list[Identity]":
        from telematics.people import Identity

        named = self.told["identities"]
        return [Identity(one["provider"], one["provider_user_id"]) for one in named]

    @property
    def persons(self) -> "Persons":
        from telematics.erasure.persons import Person, Persons

        return Persons((Person(self.user_id, frozenset(self.identities)),))


def asked(desk: Desk, user_id: str, reason: str | None) -> Subject:
    """Raises CommandError where nothing is held of them, or nobody knows them."""
    said = {} if reason is None else {"reason": reason}
    try:
        told = desk.call("POST", "v1", "users", user_id, "export", body=said)
    except Gone as error:
        raise CommandError(
            f"{error}: nothing is held of {user_id} but the receipt,"
            f" which `telematics user receipt {user_id}` shows once it is there"
        ) from error
    log = desk.call("GET", "v1", "users", user_id, "access-log")["entries"]
    return Subject(told, log)
