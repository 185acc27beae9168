"""Where to look for those who were erased, place by place, as the state machine orders it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NotRequired, TypedDict

import boto3

from telematics import lake
from telematics.erasure import notes, passes, rows, steps
from telematics.erasure.verifying import OUT_OF_TIME, Seen, Verifying
from telematics.settings import settings


class Place(TypedDict):
    """`kind` is raw, media, results, table, lists, items or letters; `name` is what it has."""

    kind: str
    name: str


class Order(TypedDict):
    """`begin` is the place where the call before stopped, `after` the last key it looked at."""

    pass_id: str
    round: int
    begin: NotRequired[int]
    after: NotRequired[str]


class Verdict(TypedDict):
    """Where to go on, or, once it `is_done`, how many traces of somebody there still are."""

    begin: int
    after: str
    is_done: bool
    hits: int


def verify(order: Order, remaining_milliseconds: Callable[[], int]) -> Verdict:
    """As much as there is time for."""
    there = notes.deployed(order["pass_id"])
    verifying = Verifying(
        persons=passes.deployed().persons(order["pass_id"]),
        notes=there,
        round=order["round"],
        client=boto3.client("s3"),
        remaining_milliseconds=remaining_milliseconds,
    )
    begin, after = order.get("begin", 0), order.get("after", "")
    if not (begin or after):
        there.forget(f"round-{order['round']}/seen/")
        there.forget(f"round-{order['round']}/places")
    note = there.once(f"round-{order['round']}/places", lambda: {"places": list(_places())})
    places = note["places"]
    while begin < len(places) and remaining_milliseconds() > OUT_OF_TIME:
        after = _look(verifying, places[begin], after).after
        begin += 0 if after else 1
    is_done = begin >= len(places)
    hits = verifying.hits() if is_done else 0
    return {"begin": begin, "after": after, "is_done": is_done, "hits": hits}


def _look(verifying: Verifying, place: Place, after: str) -> Seen:
    here, name = settings(), place["name"]
    match place["kind"]:
        case "lists":
            return verifying.lists(lake.deployed(), here.database, name)
        case "items":
            return verifying.items(steps.tables()[name])
        case "letters":
            letters = next(one for one in steps.dead_letters() if one.name == name)
            return verifying.letters(letters)
        case kind:
            bucket = _buckets()[kind]
            return verifying.bucket(kind, bucket, name, after=after)


def _places() -> Iterator[Place]:
    """Each small enough to be read in one call, or to be gone on with in another."""
    here, catalog = settings(), lake.deployed()
    names = [name for _, name in catalog.list_tables(here.database)]
    places = [catalog.load_table((here.database, name)).location() for name in names]
    tables = [f"{one.split('/', 3)[3].strip('/')}/" for one in places]
    for kind, bucket in _buckets().items():
        folders = _folders(bucket, parted=tables if kind == "table" else ())
        yield from (Place(kind=kind, name=one) for one in folders)
    yield from (Place(kind="lists", name=name) for name in filter(rows.is_ours, names))
    yield from (Place(kind="items", name=name) for name in steps.tables())
    yield from (Place(kind="letters", name=one.name) for one in steps.dead_letters())


def _folders(bucket: str, within: str = "", *, parted: Sequence[str] = ()) -> Iterator[str]:
    """At the top of it, and what lies beside them; also where only old versions are left.

    Those that lie deeper, and are to be places of their own, are `parted`.
    """
    client, after = boto3.client("s3"), ""
    while True:
        page = client.list_object_versions(
            Bucket=bucket, Prefix=within, Delimiter="/", KeyMarker=after
        )
        for one in (one["Prefix"] for one in page.get("CommonPrefixes", ())):
            if any(deeper.startswith(one) and deeper != one for deeper in parted):
                yield from _folders(bucket, one, parted=parted)
            else:
                yield one
        yield from dict.fromkeys(one["Key"] for one in page.get("Versions", ()))
        if not page.get("IsTruncated"):
            return
        after = page["NextKeyMarker"]


def _buckets() -> dict[str, str]:
    here = settings()
    return {
        "raw": here.raw_bucket,
        "media": here.media_bucket,
        "results": here.results_bucket,
        "table": here.lake_bucket,
    }
