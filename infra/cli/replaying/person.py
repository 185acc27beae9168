"""One person's objects: those that rows of theirs in the lake were read from."""

from typing import TYPE_CHECKING

from infra.cli.exits import BadInput
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.erasure.persons import Persons


def raw_keys(deployment: Deployment, user_id: str) -> frozenset[str]:
    """An object that newer ones have replaced has no row any more, and is none of them."""
    persons = _named(deployment, user_id)
    from infra.cli.engines import iceberg
    from infra.cli.exporting import names
    from telematics import tables
    from telematics.erasure.rows import Theirs, is_ours

    catalog, database = iceberg.catalog(deployment), deployment.output("Database")
    found = sorted(one[-1] for one in catalog.list_tables(database))
    lake = iceberg.load_all(catalog, database, [one for one in found if is_ours(one)])
    users = lake.pop(tables.USERS, None)
    persons = names.learned(lake.values(), users, persons)
    keys: set[str] = set()
    for table in lake.values():
        theirs = table.scan(
            row_filter=Theirs(table, persons).predicate(), selected_fields=("raw_key",)
        )
        for batch in theirs.to_arrow_batch_reader():
            keys.update(key for key in batch["raw_key"].unique().to_pylist() if key)
    return frozenset(keys)


def _named(deployment: Deployment, user_id: str) -> "Persons":
    """By every name that they have, or had."""
    from telematics.erasure.persons import Person, Persons
    from telematics.people import Identity
    from telematics.users.items import user_of
    from telematics.users.user import is_usable, parts

    place = {"user_id": user_id}
    item = (
        deployment.users.get_item(Key=place, ConsistentRead=True).get("Item")
        if is_usable(user_id)
        else None
    )
    if not item:
        raise BadInput(f"--user {user_id}: nobody is registered under that id")
    identities = (Identity(*parts(name)) for name in user_of(item).names)
    return Persons((Person(user_id, frozenset(identities)),))
