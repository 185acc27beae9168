"""A limit: its value is read from where it is set, so that nobody has to copy it."""

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

SIZES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class Limit:
    """`where` is `module:name`, like `telematics.webhooks:MOST_BYTES`; `unit` is bytes, seconds or
    what is counted. `shown_by` is `file::test` below `tests/`. Where no name is given to a value,
    `told` spells it, and `where` is `file|what stands there`.
    """

    what: str
    where: str
    unit: str
    beyond: str
    shown_by: str
    told: str = ""

    @property
    def value(self) -> str:
        if self.told:
            return self.told
        found = self._found()
        if isinstance(found, timedelta):
            return spelt_span(found.total_seconds())
        if hasattr(found, "to_seconds"):  # a duration of CDK's
            return spelt_span(found.to_seconds())
        if self.unit == "seconds":
            return spelt_span(found)
        if self.unit == "bytes":
            return spelt_size(found)
        return f"{found:,} {self.unit}"

    def _found(self) -> Any:  # Any: a number or a span of time, as it is declared
        module, _, names = self.where.partition(":")
        found: Any = import_module(module)
        for name in names.split("."):
            found = found[name] if isinstance(found, dict) else getattr(found, name)
        return found

    @property
    def place(self) -> str:
        if self.told:
            return self.where.partition("|")[0]
        module, _, name = self.where.partition(":")
        return f"{module}.{name}"


def spelt_size(count: int) -> str:
    for size, name in SIZES:
        if count >= size and count % size == 0:
            return f"{count // size:,} {name}"
    return f"{count:,} bytes"


def spelt_span(seconds: float) -> str:
    """In the largest unit of which it is a whole number."""
    for length, name in SPANS:
        if seconds % length == 0:
            count = int(seconds // length)
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"
