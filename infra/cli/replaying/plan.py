"""What a replay comes to, before anything is sent: how many objects, how large, at what cost."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from infra import unit_prices as prices
from infra.cli.replaying.choice import Place, Stored

if TYPE_CHECKING:
    from telematics.raw import RawKey


@dataclass
class Tally:
    """Objects of one dataset and one day."""

    objects: int = 0
    bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Loader:
    """How one of the two queues is worked off. Its seconds and puts are assumed, not measured.

    `most_waiting`: what arrives by itself should not have to wait for long behind a replay.
    """

    queue: str
    objects_a_call: int
    calls_at_once: int
    seconds_a_call: float
    seconds_a_megabyte: float
    puts_a_call: int  # files of data and of metadata, and where they are written
    most_waiting: int


FILES = Loader(
    queue="Convert",
    objects_a_call=1,
    calls_at_once=5,
    seconds_a_call=2.0,
    seconds_a_megabyte=0.1,
    puts_a_call=8,
    most_waiting=50,
)
NUMBERS = Loader(
    queue="Merge",
    objects_a_call=100,
    calls_at_once=2,
    seconds_a_call=10.0,
    seconds_a_megabyte=0.5,
    puts_a_call=40,
    most_waiting=1_000,
)
GIGABYTES = 1769 / 1024  # of memory that `convert` has
LEDGER_WRITES = 3  # of each object: two to claim it, one for what became of it


@dataclass(frozen=True)
class Estimate:
    """In US dollars, by what is paid for; and how long it takes."""

    seconds: float
    lines: dict[str, float]

    @property
    def usd(self) -> float:
        return sum(self.lines.values())


@dataclass
class Plan:
    """What was found stands in a file, since there may be millions."""

    file: IO[str]
    tallies: dict[tuple[Place, date], Tally] = field(default_factory=dict)

    def add(self, one: Stored) -> None:
        self.file.write(f"{one.key}\n")
        tally = self.tallies.setdefault((one.place, one.key.day), Tally())
        tally.objects += 1
        tally.bytes += one.size

    def found(self) -> "Iterator[RawKey]":
        """In the order in which they were found."""
        from telematics.raw import RawKey

        self.file.seek(0)
        return (RawKey.parse(line.rstrip("\n")) for line in self.file)

    @property
    def objects(self) -> int:
        return sum(one.objects for one in self.tallies.values())

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.tallies.values())

    def loaders(self) -> dict[str, Tally]:
        """How much goes to which queue."""
        shares: dict[str, Tally] = {}
        for (place, _), tally in self.tallies.items():
            share = shares.setdefault(loader(place.provider).queue, Tally())
            share.objects += tally.objects
            share.bytes += tally.bytes
        return shares

    def estimate(self) -> Estimate:
        seconds, lines = 0.0, dict[str, float]()
        for one in (FILES, NUMBERS):
            if (share := self.loaders().get(one.queue)) is None:
                continue
            calls = ceil(share.objects / one.objects_a_call)
            working = calls * one.seconds_a_call + share.bytes / 1e6 * one.seconds_a_megabyte
            seconds = max(seconds, working / min(calls, one.calls_at_once))
            for name, usd in _costs(one, share, calls, working).items():
                lines[name] = lines.get(name, 0.0) + usd
        return Estimate(seconds, lines)


def _costs(by: Loader, share: Tally, calls: int, working_seconds: float) -> dict[str, float]:
    requests = ceil(share.objects / 10) + 2 * calls  # sent by ten; received and deleted by the call
    return {
        "Lambda": working_seconds * GIGABYTES * prices.LAMBDA_ARM_GB_SECOND
        + calls * prices.LAMBDA_REQUEST,
        "S3": share.objects * 2 * prices.S3_GET + calls * by.puts_a_call * prices.S3_PUT,
        "SQS": requests * prices.SQS_REQUEST,
        "DynamoDB": share.objects * LEDGER_WRITES * prices.DYNAMODB_WRITE,
    }


def loader(provider: str) -> Loader:
    """Who loads what a provider sends."""
    from telematics.catalog import PROVIDERS

    return NUMBERS if PROVIDERS[provider].sends_versions else FILES


@contextmanager
def planned(objects: Iterable[Stored]) -> Iterator[Plan]:
    """The file is gone with it."""
    with TemporaryFile("w+", encoding="utf-8") as file:
        plan = Plan(file)
        for one in objects:
            plan.add(one)
        yield plan
