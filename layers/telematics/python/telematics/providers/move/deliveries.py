"""What MOVE's two notifiers send: the timeline's new items, and everything that fits no timeline.

Both versions of the API are understood: v20 says project and user for product and contract.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Generic, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from telematics.errors import MalformedPayload

Identity: TypeAlias = int | Annotated[str, Meta(min_length=1)]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]  # RFC 3339 always has an offset
Content: TypeAlias = bytes | msgspec.Raw
T = TypeVar("T")


# No collection of cycles for what can't form any: a body may hold a thousand of these.
class TimelineItem(Struct, frozen=True, kw_only=True, gc=False):
    """That there is an item. Its details, and its real type, are to be asked for."""

    product_id: Identity = field(name="productId")
    contract_id: Identity = field(name="contractId")
    start: Instant = field(name="startTime")
    end: Instant | None = field(name="endTime", default=None)
    type: str | None = None

    @property
    def product(self) -> str:
        return str(self.product_id)

    @property
    def contract(self) -> str:
        return str(self.contract_id)


class TimelineItemV20(TimelineItem, frozen=True, kw_only=True, gc=False):
    """The same in the words of v20."""

    product_id: Identity = field(name="projectId")
    contract_id: Identity = field(name="userId")


class Notification(Struct, frozen=True, kw_only=True, gc=False):
    """Something happened. The reference has only texts in `data`, even for numbers."""

    notification_id: Identity = field(name="id")
    product_id: Identity = field(name="productId")
    contract_id: Identity = field(name="contractId")
    time: Instant
    type: str | None = None
    data: dict[str, object] | None = None

    @property
    def id(self) -> str:
        return str(self.notification_id)

    @property
    def product(self) -> str:
        return str(self.product_id)

    @property
    def contract(self) -> str:
        return str(self.contract_id)


class NotificationV20(Notification, frozen=True, kw_only=True, gc=False):
    """The same in the words of v20."""

    product_id: Identity = field(name="projectId")
    contract_id: Identity = field(name="userId")


class _Timeline(Struct, gc=False):
    items: list[TimelineItem]


class _TimelineV20(Struct, gc=False):
    items: list[TimelineItemV20]


class _RawTimeline(Struct, gc=False):
    items: list[msgspec.Raw]


@dataclass(frozen=True)
class _Versions(Generic[T]):
    """How to read the same thing in either version of the API."""

    v1_5: msgspec.json.Decoder[T]
    v20: msgspec.json.Decoder[T]

    def decode(self, content: Content) -> T:
        """Raises MalformedPayload, which names places and types, never a value."""
        try:
            return self.v1_5.decode(content)
        except (ValueError, RecursionError) as error:
            otherwise = str(error)
        try:
            return self.v20.decode(content)
        except (ValueError, RecursionError) as error:
            reason = f"read as v1_5: {otherwise}; read as v20: {error}"
            raise MalformedPayload(reason) from None


_ITEM: _Versions[TimelineItem] = _Versions(
    msgspec.json.Decoder(TimelineItem), msgspec.json.Decoder(TimelineItemV20)
)
_NOTIFICATION: _Versions[Notification] = _Versions(
    msgspec.json.Decoder(Notification), msgspec.json.Decoder(NotificationV20)
)
_ITEMS: _Versions[_Timeline | _TimelineV20] = _Versions(
    msgspec.json.Decoder(_Timeline), msgspec.json.Decoder(_TimelineV20)
)
_NOTIFICATIONS: _Versions[list[Notification] | list[NotificationV20]] = _Versions(
    msgspec.json.Decoder(list[Notification]), msgspec.json.Decoder(list[NotificationV20])
)
_RAW_ITEMS = msgspec.json.Decoder(_RawTimeline)
_RAW_NOTIFICATIONS = msgspec.json.Decoder(list[msgspec.Raw])


def timeline_item(content: Content) -> TimelineItem:
    """One item of the timeline notifier."""
    return _ITEM.decode(content)


def notification(content: Content) -> Notification:
    """One item of the generic notifier."""
    return _NOTIFICATION.decode(content)


def split(webhook: str, body: bytes) -> list[msgspec.Raw]:
    """The items of a body as they are, so that one that can't be read costs itself alone."""
    try:
        if webhook == "timeline":
            return _RAW_ITEMS.decode(body).items
        return _RAW_NOTIFICATIONS.decode(body)
    except (ValueError, RecursionError) as error:
        raise MalformedPayload(str(error)) from None


def day(webhook: str, body: bytes) -> date | None:
    """The UTC day of the newest item, None of none; the same however often the body is sent.

    Raises MalformedPayload when anything in the body is not as the reference has it.
    """
    if webhook == "timeline":
        instants = [item.start for item in _ITEMS.decode(body).items]
    else:
        instants = [one.time for one in _NOTIFICATIONS.decode(body)]
    try:
        return max(instants).astimezone(UTC).date() if instants else None
    except OverflowError:
        raise MalformedPayload("a time outside of the calendar") from None
