"""What names a trip of MOVE: product, contract and start; as one text that sorts by time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import quote, unquote

from telematics.errors import InvalidRequest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = re.compile(
    r"(?P<second>\d{8}T\d{6})\.(?P<milli>\d{3})Z(?P<micro>\d{3})?"
    r"-(?P<product>[^-]+)-(?P<contract>.+)",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class TripId:
    """`20201016T101300.000Z-1000-123456789`: the natural key of a timeline item.

    `start` is UTC with whatever fraction the provider gave, `contract` the provider's name for the
    person. Both API versions are one here: a project is a product, a user id a contract.
    As text it sorts by start: microseconds, where there are any, follow the Z, because a longer
    fraction before it would not. It has no sign that a URL, a signature or a file name would spell
    in another way: `~7C` is what `%7C` would be, which API Gateway undoes before it matches a path.
    """

    start: datetime
    product: str
    contract: str

    def __str__(self) -> str:
        moment = self.start.astimezone(UTC)
        milli, micro = divmod(moment.microsecond, 1000)
        finer = f"{micro:03d}" if micro else ""
        start = f"{moment.year:04d}{moment:%m%dT%H%M%S}.{milli:03d}Z{finer}"
        return f"{start}-{_escaped(self.product).replace('-', '~2D')}-{_escaped(self.contract)}"

    @property
    def seconds(self) -> int:
        """The start as paths want it: whole UNIX seconds, fractions cut off."""
        return seconds(self.start)

    @property
    def rfc3339(self) -> str:
        """The start as bodies want it: with a fraction where there is one, in UTC."""
        moment = self.start.astimezone(UTC).replace(tzinfo=None)
        if not moment.microsecond:
            return f"{moment.isoformat(timespec='seconds')}Z"
        finer = "microseconds" if moment.microsecond % 1000 else "milliseconds"
        return f"{moment.isoformat(timespec=finer)}Z"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Only what `str` makes: a trip has one id."""
        parts = _FORM.fullmatch(text)
        if parts is None:
            raise _no_id()
        try:
            second = datetime.strptime(parts["second"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        except ValueError as error:
            raise InvalidRequest("the id of the trip begins with no moment in time") from error
        micro = int(parts["milli"] + (parts["micro"] or "000"))
        product, contract = _plain(parts["product"]), _plain(parts["contract"])
        found = cls(second.replace(microsecond=micro), product, contract)
        if str(found) != text:
            raise _no_id()
        return found


def seconds(moment: datetime) -> int:
    """Whole UNIX seconds, fractions cut off."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def _escaped(text: str) -> str:
    return quote(text, safe="").replace("~", "%7E").replace("%", "~")


def _plain(text: str) -> str:
    return unquote(text.replace("~", "%"))


def _no_id() -> InvalidRequest:
    return InvalidRequest(
        "not the id of a trip: give the trip_id of the lake, like"
        " 20201016T101300.000Z-1000-123456789"
    )
