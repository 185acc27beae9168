"""Which objects of raw are to be loaded again: by dataset, day, outcome and person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from infra.cli import ledger
from infra.cli.exits import BadInput
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.ledger import LedgerRow
    from telematics.offloads.period import Period
    from telematics.raw import RawKey


class Outcome(StrEnum):
    """What became of an object when it was loaded."""

    STORED = "stored"  # it is in raw, and the ledger does not say that it was ever loaded
    LOADED = "loaded"
    QUARANTINED = "quarantined"  # all of it, or some of its rows
    FAILED = "failed"


@dataclass(frozen=True, order=True)
class Place:
    """A dataset of raw, which often is the source of several tables."""

    provider: str
    dataset: str

    def __str__(self) -> str:
        return f"{self.provider}_{self.dataset}"

    @property
    def prefix(self) -> str:
        return f"{self.provider}/{self.dataset}/"


@dataclass(frozen=True)
class Stored:
    """An object of raw, and how large it is."""

    key: "RawKey"
    size: int

    @property
    def place(self) -> Place:
        return Place(self.key.provider, self.key.dataset)


@dataclass(frozen=True)
class Choice:
    """No outcomes: whatever became of it. `raw_keys` are those of one person; None: of anybody."""

    places: Sequence[Place]
    days: "Period"
    outcomes: Collection[Outcome] = ()
    raw_keys: Collection[str] | None = None

    def objects(self, deployment: Deployment) -> Iterator[Stored]:
        """Dataset by dataset and day by day; of more than a day of one nothing is remembered."""
        for place in self.places:
            found = filter(self._is_theirs, _listed(deployment, place, self.days))
            for day, objects in groupby(found, key=lambda one: one.key.day):
                yield from self._with_outcome(deployment, place, day, objects)

    def _is_theirs(self, one: Stored) -> bool:
        return self.raw_keys is None or str(one.key) in self.raw_keys

    def _with_outcome(
        self, deployment: Deployment, place: Place, day: date, objects: Iterator[Stored]
    ) -> Iterator[Stored]:
        if not self.outcomes:
            yield from objects
            return
        rows = ledger.files(deployment, place.provider, place.dataset, day)
        outcomes: Mapping[str, set[Outcome]] = {row.file: set(outcomes_of(row)) for row in rows}
        for one in objects:
            if outcomes.get(one.key.file, {Outcome.STORED}) & set(self.outcomes):
                yield one


def outcomes_of(row: "LedgerRow") -> Iterator[Outcome]:
    """A file that is loaded may have rows that are not."""
    state = str(row.state)
    yield Outcome(state) if state in list(Outcome) else Outcome.STORED
    if row.quarantined:
        yield Outcome.QUARANTINED


def places(deployment: Deployment, provider: str | None, datasets: Sequence[str]) -> list[Place]:
    """Those that are asked for: of one provider, by name, or all there are."""
    from telematics.catalog import PROVIDERS

    named = [_provider_of(one, PROVIDERS) for one in datasets]
    asked = sorted({provider} if provider else set(named) if named else set(PROVIDERS))
    there = [place for one in asked for place in _in_raw(deployment, one)]
    if not datasets:
        return there
    unknown = set(datasets) - {str(one) for one in there}
    if unknown:
        known = ", ".join(str(one) for one in there) or "none of that provider yet"
        raise BadInput(f"--dataset {min(unknown)}: there is no such dataset in raw: {known}")
    return [one for one in there if str(one) in datasets]


def _provider_of(dataset: str, known: Collection[str]) -> str:
    for one in known:
        if dataset.startswith(f"{one}_"):
            return one
    raise BadInput(
        f"--dataset {dataset}: write it as PROVIDER_DATASET, like sentiance_transports;"
        f" the providers are {', '.join(known)}"
    )


def _in_raw(deployment: Deployment, provider: str) -> list[Place]:
    pages = deployment.objects.get_paginator("list_objects_v2").paginate(
        Bucket=deployment.output("RawBucket"), Prefix=f"{provider}/", Delimiter="/"
    )
    prefixes = (one.get("Prefix", "") for page in pages for one in page.get("CommonPrefixes", ()))
    return [Place(provider, prefix.split("/")[1]) for prefix in prefixes]


def _listed(deployment: Deployment, place: Place, days: "Period") -> Iterator[Stored]:
    """In the order of their days; what is before them is not even listed."""
    from telematics.errors import MalformedPayload
    from telematics.raw import RawKey

    pages = deployment.objects.get_paginator("list_objects_v2").paginate(
        Bucket=deployment.output("RawBucket"),
        Prefix=f"{place.prefix}day=",
        StartAfter=f"{place.prefix}day={days.first}",
    )
    for one in (found for page in pages for found in page.get("Contents", ())):
        try:
            key = RawKey.parse(one.get("Key", ""))
        except MalformedPayload:  # nobody here put it there
            continue
        if key.day > days.last:
            return
        yield Stored(key, one.get("Size", 0))
