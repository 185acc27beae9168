"""The GraphQL schema, and what it answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias, TypedDict

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema

from tests.sandbox.simulators.sentiance.faults import Fault, Faults, Kind, Stage, Where
from tests.sandbox.simulators.sentiance.files import catalog
from tests.sandbox.simulators.sentiance.files.file import Edition
from tests.sandbox.simulators.sentiance.files.layout import Layout
from tests.sandbox.simulators.sentiance.links import Links
from tests.sandbox.simulators.sentiance.shelf import Shelf
from tests.sandbox.simulators.sentiance.users import Users


class Answer(TypedDict):
    """An offload, as the schema has it."""

    day: str
    type: str
    files: list[Mapping[str, object]]


Info: TypeAlias = GraphQLResolveInfo["Call"]

READ = "OFFLOADS_READ"
GENERATE_URL = "OFFLOADS_GENERATE_URL"
LINK_USERS, DELETE_USERS = "USER_LINK", "USER_DELETE"
SDL = f"""
enum OffloadType {{ {" ".join(layout.offload_type for layout in catalog.BY_NAME.values())} }}

type Link {{ expires_at: String! url: String! }}
type File {{ format: String! name: String! size: Int! link: Link }}
type Offload {{ day: String! type: OffloadType! files: [File!]! }}
type GeneratedOffloadUrl {{ offload: Offload! }}
type DeletedUser {{ request_id: String! }}

type Query {{ offloads(from: String!, to: String!): [Offload!]! }}
type Mutation {{
  generate_offload_url(day: String!, offload_type: OffloadType!): GeneratedOffloadUrl!
  delete_user(user_id: String!): DeletedUser!
}}
"""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Trouble(Exception):
    """Instead of an answer the whole request fails."""

    def __init__(self, fault: Fault, at: Stage) -> None:
        super().__init__(fault.fault)
        self.fault = fault
        self.at = at


@dataclass
class Call:
    """One request: what its key may do, where it came to, how long its answer has to wait."""

    scopes: frozenset[str]
    base_url: str
    delay_seconds: float = 0.0


def schema(resolvers: "Resolvers") -> GraphQLSchema:
    made = build_schema(SDL)
    for owner, name, resolve in (
        (made.query_type, "offloads", resolvers.offloads),
        (made.mutation_type, "generate_offload_url", resolvers.generate_offload_url),
        (made.mutation_type, "delete_user", resolvers.delete_user),
    ):
        if owner:
            owner.fields[name].resolve = resolve
    return made


class Resolvers:
    """What the operations do."""

    def __init__(self, shelf: Shelf, links: Links, faults: Faults, users: Users) -> None:
        self._shelf = shelf
        self._users = users
        self._links = links
        self._faults = faults

    # Any: graphql-core's type for the root value and its arguments, which the schema has checked
    def offloads(self, _root: Any, info: Info, **asked: Any) -> list[Answer]:
        call = info.context
        self._meet_faults(call, Where("list"), READ)
        first, last = _day(asked["from"], "from"), _day(asked["to"], "to")
        if first > last:
            raise refusal(f"from ({first}) is after to ({last})")
        offloads: list[Answer] = []
        for day in self._shelf.days(first, last):
            for layout in self._shelf.layouts(day):
                where = Where("list", layout.name, day)
                offload = self._offload(call, where, layout, day)
                twice = self._faults.strike(Kind.DUPLICATE_LISTING, where)
                offloads.extend([_doubled(offload)] * 2 if twice else [offload])
        return offloads

    def generate_offload_url(
        self, _root: Any, info: Info, *, day: str, offload_type: str
    ) -> Mapping[str, Answer]:
        call = info.context
        layout, asked = catalog.BY_NAME[catalog.short_name(offload_type)], _day(day, "day")
        where = Where("link", layout.name, asked)
        self._meet_faults(call, where, GENERATE_URL)
        if not (list(self._shelf.days(asked, asked)) and layout in self._shelf.layouts(asked)):
            raise refusal(f"there is no {offload_type} for {asked}")
        if self._faults.strike(Kind.NULL_LINK, where):
            offload = self._offload(call, where, layout, asked)
            return {"offload": {**offload, "files": [_unlinked(one) for one in offload["files"]]}}
        is_stale = self._faults.strike(Kind.EXPIRED_LINK, where, from_birth=True) is not None
        self._links.grant(asked, layout.name, is_expired=is_stale)
        return {"offload": self._offload(call, where, layout, asked)}

    def delete_user(self, _root: Any, info: Info, *, user_id: str) -> Mapping[str, str]:
        """Which arguments there are is not documented; this is the least that it can take."""
        if DELETE_USERS not in info.context.scopes:
            raise refusal(f"the key lacks the scope {DELETE_USERS}", code="FORBIDDEN")
        return {"request_id": self._users.delete(user_id)}

    def _offload(self, call: Call, where: Where, layout: Layout, day: date) -> Answer:
        editions = self._shelf.editions(day, layout)
        files = [self._file(call, where, edition) for edition in editions]
        return {"day": day.isoformat(), "type": layout.offload_type, "files": files}

    def _file(self, call: Call, where: Where, edition: Edition) -> Mapping[str, object]:
        day, layout = edition.source.day, edition.layout
        size = self._shelf.facts(edition).size
        if wrong := self._faults.strike(Kind.WRONG_SIZE, where):
            size = max(0, size + wrong.bytes)
        link = self._links.link(day, layout.name, path=edition.path, base_url=call.base_url)
        return {"format": layout.format, "name": edition.name, "size": size, "link": link}

    def _meet_faults(self, call: Call, where: Where, scope: str) -> None:
        for kind in (Kind.SLOW, Kind.HANG):
            if delay := self._faults.strike(kind, where):
                call.delay_seconds += delay.seconds
        for kind in (Kind.BUSY, Kind.BROKEN):
            if fault := self._faults.strike(kind, where):
                raise Trouble(fault, where.at)
        if fault := self._faults.strike(Kind.REFUSAL, where):
            raise refusal(fault.message, code=fault.code)
        if self._faults.strike(Kind.MISSING_SCOPE, where) or scope not in call.scopes:
            raise refusal(f"the key lacks the scope {scope}", code="FORBIDDEN")


def refusal(message: str, *, code: str = "BAD_USER_INPUT") -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})


def _day(text: str, name: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise refusal(f"{name} must be a day, YYYY-MM-DD")


def _doubled(offload: Answer) -> Answer:
    return {**offload, "files": offload["files"] * 2}


def _unlinked(file: Mapping[str, object]) -> Mapping[str, object]:
    return {**file, "link": None}
