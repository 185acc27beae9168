"""What providers call somebody whom only their rows name as we do: they may never be linked."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyiceberg.table import Table

    from telematics.erasure.persons import Persons
    from telematics.people import Identity


def learned(tables: "Iterable[Table]", users: "Table | None", persons: "Persons") -> "Persons":
    """With those names that are nobody else's."""
    from telematics.erasure import rows

    aliases = (one for table in tables for one in rows.aliases(table, persons))
    ours = {person.subject for person in persons.people}
    return persons.with_aliases(
        (subject, identity)
        for subject, identity in set(aliases)
        if users is None or set(_owners(users, identity)) <= ours
    )


def _owners(users: "Table", identity: "Identity") -> Iterator[str]:
    from pyiceberg.expressions import And

    from telematics.expressions import one_of

    linked = And(one_of("provider", {identity.provider}), one_of("provider_user_id", {identity.id}))
    found = users.scan(row_filter=linked, selected_fields=("user_id",)).to_arrow()
    yield from found["user_id"].to_pylist()
