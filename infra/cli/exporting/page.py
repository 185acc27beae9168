"""The page that says what is in an archive, for the person it is about: it asks nobody anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from infra.cli.console import iso, size
from infra.cli.exporting import meanings
from infra.cli.exporting.archive import File
from infra.cli.exporting.person import Subject
from infra.cli.exporting.rows import Exported

if TYPE_CHECKING:
    from telematics.people import Identity

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c1c1c; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd;
  vertical-align: top; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: .25rem 0; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Contents:
    """All that is told of."""

    subject: Subject
    names: "Sequence[Identity]"
    tables: Sequence[Exported]
    tasks: Sequence[Mapping[str, Any]]  # Any: as free in shape as tasks are
    media: Sequence[File]
    empty: Sequence[str]


def of(contents: Contents) -> str:
    subject = contents.subject
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>Data held on {escape(subject.user_id)}</title><style>{STYLE}</style></head>",
            f"<body><h1>Data held on {escape(subject.user_id)}</h1>",
            f"<p>Taken on {iso(subject.at)} by {escape(subject.by)}. Status:"
            f" {escape(str(subject.told['status']))} since {escape(str(subject.told['since']))};"
            f" registered {escape(str(subject.told['created_at']))}.</p>",
            "<h2>Names under which it is held</h2>",
            _table(("by", "name"), contents.names),
            "<h2>Tables</h2>",
            "<p>Each as lake/NAME.parquet and lake/NAME.csv. Times are UTC; an empty cell was not"
            " told.</p>",
            *map(_of_table, contents.tables),
            f"<p>Nothing in {len(contents.empty)} others: {escape(', '.join(contents.empty))}.</p>",
            "<h2>Requests to providers</h2>",
            f"<p>{len(contents.tasks)}, in tasks.json: footage and details of collisions that were"
            " asked for.</p>",
            "<h2>Videos, pictures and tracks</h2>",
            _table(("file", "size"), ((one.name, size(one.bytes)) for one in contents.media)),
            "<h2>Who changed your access, when and why</h2>",
            _log(subject.log),
            "<p>manifest.json has the SHA-256 of each file.</p></body></html>",
            "",
        )
    )


def _of_table(one: Exported) -> str:
    columns = ((name, meanings.of(one.table, name)) for name in one.columns)
    return (
        f"<details><summary><b>{escape(one.table)}</b>: {one.rows:,} rows</summary>"
        f"{_table(('column', 'meaning'), columns)}</details>"
    )


def _log(entries: Sequence[Mapping[str, Any]]) -> str:  # Any: JSON of the API
    names = ("at", "action", "by", "reason", "result")
    return _table(names, ([one.get(name, "") for name in names] for one in entries))


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = [_row(cells) for cells in rows]
    if not body:
        return "<p>None.</p>"
    return f"<table><tr>{head}</tr>{''.join(body)}</table>"


def _row(cells: Sequence[object]) -> str:
    return f"<tr>{''.join(f'<td>{escape(str(one))}</td>' for one in cells)}</tr>"
