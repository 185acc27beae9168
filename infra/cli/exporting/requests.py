"""What was asked of providers about somebody: the tasks of clips and of collisions."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from telematics.erasure.persons import Persons

Told = dict[str, Any]  # Any: tasks are as free in shape as DynamoDB's own items

TASK = "task_id"
KINDS = ("clip", "collision")
# With a key, or the digest of one, somebody could act for us.
_SECRETS = ("token", "hash", "digest", "address", "idempotency")
_OUR_OWN = ("revision", "runner", "expires_at", "is_announced")


def of(table: "Table", persons: "Persons") -> Iterator[Told]:
    """Whatever a task holds, but for what is secret."""
    from telematics.erasure.items import Items
    from telematics.erasure.leftovers import subject_of

    for item in Items(table).all():
        if item.get("kind") in KINDS and subject_of(item, persons):
            yield _shown(item)


def folders(tasks: list[Told]) -> Iterator[str]:
    """In the media bucket, of what was kept of each."""
    return (f"{one['provider']}/{one[TASK]}/" for one in tasks)


def _shown(told: Mapping[str, Any]) -> Told:
    return {name: _plain(one) for name, one in sorted(told.items()) if _may_be_told(name)}


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return _shown(value)
        case list() | tuple():
            return [_plain(one) for one in value]
        case Decimal():
            return int(value) if value == int(value) else float(value)
    return value


def _may_be_told(name: str) -> bool:
    return name not in _OUR_OWN and not any(one in name for one in _SECRETS)
