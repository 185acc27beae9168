"""What was asked for and what was delivered: what tests count in the lake against.

GET /_simulator/truth tells {"waiting": n, "asked": [...], "tables": {...}, "drivers": {id: {...}}}.
Each of "asked" has "number", "driver", "date", "status" (of our answer), "question" (the same for
the same) and "callbacks": [{"answer", "sha256", "bytes", "kind"}], where the answer is a status or
what went wrong instead, and the kind is plain, wrong_token or truncated. "tables" are rows of the
lake once all that was answered with success is loaded: of a trip that came twice, the newer ones.
"""

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

PLAIN, WRONG_TOKEN, TRUNCATED = "plain", "wrong_token", "truncated"
TABLES = (
    *("trips", "events", "collisions", "motion", "gps_points"),
    *("auth_days", "heartbeats"),
)
Json = dict[str, object]


@dataclass
class Asked:
    """One request, and what became of it."""

    number: int
    driver: str
    date: str
    question: str
    status: int
    callbacks: list[Json] = field(default_factory=list)


@dataclass
class _Known:
    """Of one driver: rows by trip, and the days of which something is known."""

    trips: dict[object, Counter[str]] = field(default_factory=dict)
    auth_days: set[object] = field(default_factory=set)
    heartbeats: set[object] = field(default_factory=set)

    def tables(self) -> Counter[str]:
        rows = Counter[str](dict.fromkeys(TABLES, 0))
        for counted in self.trips.values():
            rows.update(counted)
        rows["trips"] = len(self.trips)
        rows["auth_days"], rows["heartbeats"] = len(self.auth_days), len(self.heartbeats)
        return rows


class Truth:
    """Senders note from threads of their own."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def ask(self, *, driver: str, date: str, question: str, status: int) -> Asked:
        with self._lock:
            asked = Asked(len(self._asked) + 1, driver, date, question, status)
            self._asked.append(asked)
            return asked

    def deliver(
        self, asked: Asked, payload: dict[str, Any], content: bytes, kind: str, answer: str
    ) -> None:
        """Any: a payload is looked into."""
        digest = hashlib.sha256(content).hexdigest()
        note: Json = {"answer": answer, "sha256": digest, "bytes": len(content), "kind": kind}
        with self._lock:
            asked.callbacks.append(note)
            if answer.startswith("2") and kind == PLAIN:
                self._know(asked.driver, payload)

    def told(self, waiting: int) -> Json:
        with self._lock:
            rows = {driver: known.tables() for driver, known in self._known.items()}
            asked = [{**vars(one), "callbacks": list(one.callbacks)} for one in self._asked]
        total = Counter[str](dict.fromkeys(TABLES, 0))
        for tables in rows.values():
            total.update(tables)
        return {"waiting": waiting, "asked": asked, "tables": total, "drivers": rows}

    def _know(self, driver: str, payload: dict[str, Any]) -> None:
        known = self._known.setdefault(driver, _Known())
        for one in payload["trip_info"]:
            info = one["collision_info"]
            known.trips[one["trip"]["trip_id"]] = Counter(
                events=len(one["events"]),
                gps_points=len(one["raw_gps"]),
                collisions=1 if info else 0,
                motion=len(info.get("motion", ())),
            )
        known.auth_days.update(payload["auth_data"])
        known.heartbeats.update(one["start_date"] for one in payload["heartbeat"])
