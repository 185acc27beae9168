"""What there is and what was notified: what tests count in the lake against."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

from tests.sandbox.simulators.move.features import Json
from tests.sandbox.simulators.move.notices import Notice
from tests.sandbox.simulators.move.timeline import WITH_POINTS, Item, Key, Timeline


class Truth:
    """Remembers what was answered 200, and what was left out."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._notified: dict[Key, Item] = {}
        self._dropped: dict[Key, Item] = {}
        self._generic: dict[str, Item] = {}

    def note(self, notices: Iterable[Notice]) -> None:
        for one in notices:
            if one.id:
                self._generic[one.id] = one.item
            else:
                self._notified[one.item.key] = one.item

    def drop(self, item: Item) -> None:
        self._dropped[item.key] = item

    def is_notified(self, item: Item) -> bool:
        return item.key in self._notified

    def told(self, first: date | None, last: date | None) -> Json:
        """Of items that began on these days, or of all that any run was about.

        `known_tables` is what the lake holds once everything that the API knows has been found.
        """
        notified = _begun(self._notified.values(), first, last)
        lost = [item for key, item in list(self._dropped.items()) if key not in self._notified]
        dropped = _begun(lost, first, last)
        known = self._known(first, last) if first and last else [*notified, *dropped]
        tables = self._tables(notified)
        return {
            "items": Counter(self._timeline.kind(item) for item in known),
            "users": len({item.contract for item in notified}),
            "notified": len(notified),
            "dropped": [{"contract": item.contract, "start": item.key[1]} for item in dropped],
            "with_points": sum(self._timeline.kind(item) in WITH_POINTS for item in notified),
            "points": tables["points"],
            "notifications": len(_begun(self._generic.values(), first, last)),
            "tables": tables,
            "known_tables": self._tables(known),
        }

    def _known(self, first: date, last: date) -> list[Item]:
        found = {item.key: item for item in self._timeline.everybody(first, last)}
        for items in (self._notified, self._dropped):
            found |= {item.key: item for item in _begun(items.values(), first, last)}
        return list(found.values())

    def _tables(self, items: Collection[Item]) -> dict[str, int]:
        kind = self._timeline.kind
        return {
            "timeline_items": len(items),
            "driving_events": sum(item.events for item in items),
            "phone_distractions": sum(item.distractions for item in items),
            "dangerous_areas": sum(item.areas for item in items),
            "points": sum(item.points for item in items if kind(item) in WITH_POINTS),
        }


def _begun(items: Collection[Item], first: date | None, last: date | None) -> list[Item]:
    """Notifiers may add more meanwhile."""
    low, high = first or date.min, last or date.max
    return [item for item in list(items) if low <= item.start.date() <= high]
