"""The steps of the purge, as the state machine orders them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NotRequired, TypedDict, TypeVar

import boto3

from telematics import lake, ledger, raw
from telematics.erasure import notes, passes
from telematics.erasure.items import Items
from telematics.erasure.leftovers import Leftovers
from telematics.erasure.letters import Letters
from telematics.erasure.purging import Purging
from telematics.errors import InvalidRequest
from telematics.settings import settings
from telematics.users import directory
from telematics.withdrawal import Withdrawal

T = TypeVar("T")
AT_ONCE = 4
# For one more of the largest tables there are.
ENOUGH_MILLISECONDS = 420_000


class Order(TypedDict):
    """`step` is learn, tables, objects or leftovers; `begin` is where the call before stopped."""

    pass_id: str
    round: int
    step: str
    begin: NotRequired[int]


class Progress(TypedDict):
    """`begin` is where to go on, unless it `is_done`."""

    begin: int
    is_done: bool


def purge(order: Order, remaining_milliseconds: Callable[[], int]) -> Progress:
    """As much as there is time for. Raises InvalidRequest for a step that there is not."""
    begin = order.get("begin", 0)
    match order["step"]:
        case "learn":
            purging(order).learn(directory.deployed())
        case "tables":
            here = purging(order)
            names = here.listed()
            return _each(here.purge_table, names, begin, remaining_milliseconds)
        case "objects":
            here = purging(order)
            pieces = range(here.gathered())
            return _each(here.purge_objects, pieces, begin, remaining_milliseconds)
        case "leftovers":
            leftovers(order).purge()
        case unknown:
            raise InvalidRequest(f"{unknown!r} is no step of a purge")
    return {"begin": 0, "is_done": True}


def _each(
    work: Callable[[T], object],
    things: Sequence[T],
    begin: int,
    remaining_milliseconds: Callable[[], int],
) -> Progress:
    """Some at once, since each mostly waits."""
    with ThreadPoolExecutor(AT_ONCE) as workers:
        while begin < len(things) and remaining_milliseconds() > ENOUGH_MILLISECONDS:
            some = things[begin : begin + AT_ONCE]
            list(workers.map(work, some))
            begin += len(some)
    return {"begin": begin, "is_done": begin >= len(things)}


def purging(order: Order) -> Purging:
    here = settings()
    return Purging(
        persons=passes.deployed().persons(order["pass_id"]),
        notes=notes.deployed(order["pass_id"]),
        round=order["round"],
        catalog=lake.deployed(),
        database=here.database,
        client=boto3.client("s3"),
        withdrawal=Withdrawal(raw.deployed(), ledger.deployed()),
    )


def tables() -> Mapping[str, Items]:
    """Our own, but for that of users, which names those who are being erased until the end."""
    here, database = settings(), boto3.resource("dynamodb")
    names = {
        "tasks": here.tasks_table,
        "ledger": here.ledger_table,
        "access log": here.access_log_table,
    }
    return {name: Items(database.Table(table)) for name, table in names.items()}


def dead_letters() -> list[Letters]:
    client = boto3.client("sqs")
    return [Letters(client, url) for url in settings().dead_letters]


def leftovers(order: Order) -> Leftovers:
    here, ours = settings(), tables()
    return Leftovers(
        persons=passes.deployed().persons(order["pass_id"]),
        notes=notes.deployed(order["pass_id"]),
        round=order["round"],
        client=boto3.client("s3"),
        tasks=ours["tasks"],
        accounts=[ours["ledger"], ours["access log"]],
        media=here.media_bucket,
        results=here.results_bucket,
        letters=dead_letters(),
    )
