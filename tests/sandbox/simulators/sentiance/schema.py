"""The GraphQL schema, and what it answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema

from tests.sandbox.simulators.sentiance.faults import Fault, Faults, Kind, Stage
from tests.sandbox.simulators.sentiance.files import catalog
from tests.sandbox.simulators.sentiance.files.file import Edition
from tests.sandbox.simulators.sentiance.files.layout import Layout
from tests.sandbox.simulators.sentiance.links import Links
from tests.sandbox.simulators.sentiance.shelf import Shelf

Answer: TypeAlias = dict[str, object]

READ = "OFFLOADS_READ"
GENERATE_URL = "OFFLOADS_GENERATE_URL"
SDL = f"""
enum OffloadType {{ {" ".join(layout.offload_type for layout in catalog.BY_NAME.values())} }}

type Link {{ expires_at: String! url: String! }}
type File {{ format: String! name: String! size: Int! link: Link }}
type Offload {{ day: String! type: OffloadType! files: [File!]! }}
type GeneratedOffloadUrl {{ offload: Offload! }}

type Query {{ offloads(from: String!, to: String!): [Offload!]! }}
type Mutation {{
  generate_offload_url(day: String!, offload_type: OffloadType!): GeneratedOffloadUrl!
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
    ):
        if owner:
            owner.fields[name].resolve = resolve
    return made


class Resolvers:
    """What the two operations do."""

    def __init__(self, shelf: Shelf, links: Links, faults: Faults) -> None:
        self._shelf = shelf
        self._links = links
        self._faults = faults

    # Any: graphql-core's type for the root value and its arguments, which the schema has checked
    def offloads(self, _root: Any, info: GraphQLResolveInfo, **asked: Any) -> list[Answer]:
        call: Call = info.context
        self._meet_faults(call, "list")
        self._check_scope(call, READ, "list")
        first, last = _day(asked["from"], "from"), _day(asked["to"], "to")
        if first > last:
            raise refusal(f"from ({first}) is after to ({last})")
        offloads: list[Answer] = []
        for day in self._shelf.days(first, last):
            for layout in self._shelf.layouts(day):
                offload = self._offload(day, layout, call, "list")
                twice = self._faults.strike(Kind.DUPLICATE_LISTING, "list", layout.name, day)
                offloads.extend([_doubled(offload)] * 2 if twice else [offload])
        return offloads

    def generate_offload_url(
        self, _root: Any, info: GraphQLResolveInfo, *, day: str, offload_type: str
    ) -> Mapping[str, Answer]:
        call: Call = info.context
        layout, asked = catalog.BY_NAME[catalog.short_name(offload_type)], _day(day, "day")
        self._meet_faults(call, "link", layout.name, asked)
        self._check_scope(call, GENERATE_URL, "link", layout.name, asked)
        is_there = layout in self._shelf.layouts(asked) and list(self._shelf.days(asked, asked))
        if not is_there:
            raise refusal(f"there is no {offload_type} for {asked}")
        is_null = self._faults.strike(Kind.NULL_LINK, "link", layout.name, asked)
        if not is_null:
            expired = Kind.EXPIRED_LINK
            stale = self._faults.strike(expired, "link", layout.name, asked, from_birth=True)
            self._links.grant(asked, layout.name, is_expired=stale is not None)
        offload = self._offload(asked, layout, call, "link", without_links=is_null is not None)
        return {"offload": offload}

    def _offload(
        self, day: date, layout: Layout, call: Call, at: Stage, *, without_links: bool = False
    ) -> Answer:
        files = [self._file(edition, call, at) for edition in self._shelf.editions(day, layout)]
        if without_links:
            files = [{**file, "link": None} for file in files]
        return {"day": day.isoformat(), "type": layout.offload_type, "files": files}

    def _file(self, edition: Edition, call: Call, at: Stage) -> Answer:
        day, layout = edition.source.day, edition.layout
        size = self._shelf.facts(edition).size
        if wrong := self._faults.strike(Kind.WRONG_SIZE, at, layout.name, day):
            size = max(0, size + wrong.bytes)
        link = self._links.link(day, layout.name, path=edition.path, base_url=call.base_url)
        return {"format": layout.format, "name": edition.name, "size": size, "link": link}

    def _meet_faults(
        self, call: Call, at: Stage, offload_type: str | None = None, day: date | None = None
    ) -> None:
        for kind in (Kind.SLOW, Kind.HANG):
            if delay := self._faults.strike(kind, at, offload_type, day):
                call.delay_seconds += delay.seconds
        for kind in (Kind.BUSY, Kind.BROKEN):
            if fault := self._faults.strike(kind, at, offload_type, day):
                raise Trouble(fault, at)
        if fault := self._faults.strike(Kind.REFUSAL, at, offload_type, day):
            raise refusal(fault.message, code=fault.code)

    def _check_scope(
        self,
        call: Call,
        scope: str,
        at: Stage,
        offload_type: str | None = None,
        day: date | None = None,
    ) -> None:
        is_lost = self._faults.strike(Kind.MISSING_SCOPE, at, offload_type, day)
        if is_lost or scope not in call.scopes:
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
    files = offload["files"]
    return {**offload, "files": [*files, *files]} if isinstance(files, list) else offload
