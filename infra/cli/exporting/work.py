"""The export of one person, place by place; nothing of it is kept in memory but what is told."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from infra.cli import console
from infra.cli.exporting import names, page, requests, rows
from infra.cli.exporting.archive import MANIFEST, Archive, File
from infra.cli.exporting.media import Media
from infra.cli.exporting.page import Contents
from infra.cli.exporting.person import Subject
from infra.cli.exporting.rows import Exported
from infra.cli.following import Step
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from pyiceberg.table import Table

    from telematics.people import Identity

PLACES_BESIDE_TABLES = 3  # tasks, media, and what tells of it all


@dataclass
class Work:
    """What was found so far."""

    deployment: Deployment
    subject: Subject
    archive: Archive
    names: "list[Identity]" = field(default_factory=list)
    tables: list[Exported] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    tasks: list[requests.Told] = field(default_factory=list)
    media: list[File] = field(default_factory=list)
    _folders: set[str] = field(default_factory=set)

    def steps(self) -> Iterator[Step]:
        from telematics import tables
        from telematics.erasure.rows import Theirs

        lake = self._lake()
        total = len(lake) + PLACES_BESIDE_TABLES
        yield Step(0, total, "looking for their names")
        persons = names.learned(lake.values(), lake.get(tables.USERS), self.subject.persons)
        self.names = sorted({name for one in persons.people for name in one.identities})
        for done, (name, table) in enumerate(lake.items()):
            yield Step(done, total, name)
            self._add(Theirs(table, persons))
        yield Step(len(lake), total, "requests")
        self.tasks = list(requests.of(self.deployment.tasks, persons))
        self._folders.update(requests.folders(self.tasks))
        media = Media(self.deployment.objects, self.deployment.output("MediaBucket"))
        for one in media.add(self.archive, self._folders):
            self.media.append(one)
            yield Step(len(lake) + 1, total, escape(one.name))
        self._tell()
        yield Step(total, total, "done")

    @property
    def summary(self) -> dict[str, Any]:
        """For scripts; nothing in it is of the person but their id."""
        return {
            "user_id": self.subject.user_id,
            "exported_at": console.iso(self.subject.at),
            "tables": {one.table: one.rows for one in self.tables},
            "tasks": len(self.tasks),
            "media": len(self.media),
            "files": [asdict(one) for one in self.archive.files],
        }

    def _lake(self) -> "dict[str, Table]":
        from infra.cli.engines import iceberg
        from telematics.erasure.rows import is_ours

        catalog, database = iceberg.catalog(self.deployment), self.deployment.output("Database")
        found = sorted(one[-1] for one in catalog.list_tables(database))
        return iceberg.load_all(catalog, database, [one for one in found if is_ours(one)])

    def _add(self, theirs: Any) -> None:  # Any: Theirs takes long to import
        found = rows.added(self.archive, theirs)
        if found is None:
            self.empty.append(theirs.name)
            return
        self.tables.append(found)
        if theirs.has_media:
            self._folders.update(theirs.found().folders)

    def _tell(self) -> None:
        self.archive.add_json("tasks.json", self.tasks)
        self.archive.add_json("access-log.json", self.subject.log)
        contents = Contents(
            self.subject, self.names, self.tables, self.tasks, self.media, self.empty
        )
        self.archive.add_text("index.html", page.of(contents))
        self.archive.add_json(
            MANIFEST,
            {
                **self.subject.told,
                "identities": [
                    {"provider": one.provider, "provider_user_id": one.id} for one in self.names
                ],
                "tables": [asdict(one) for one in self.tables],
                "files": [asdict(one) for one in self.archive.files],
            },
        )
