"""The few shapes of which a page is made; whatever is told is escaped on its way in."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from infra.cli.reporting.units import UNKNOWN


class Markup(str):
    """Made here, and escaped already."""

    __slots__ = ()


def text(value: object) -> Markup:
    if isinstance(value, Markup):
        return value
    return Markup(escape(UNKNOWN if value is None or value == "" else str(value)))


def code(value: object) -> Markup:
    return Markup(f"<code>{text(value)}</code>") if value else text(None)


def verdict(words: str, *, is_good: bool) -> Markup:
    return Markup(f'<span class="{"good" if is_good else "bad"}">{text(words)}</span>')


def paragraph(value: object) -> Markup:
    return Markup(f"<p>{text(value)}</p>")


def joined(parts: Iterable[Markup]) -> Markup:
    return Markup("\n".join(parts))


def key_facts(facts: Iterable[tuple[str, object]]) -> Markup:
    cells = (f"<div><dt>{text(name)}</dt><dd>{text(one)}</dd></div>" for name, one in facts)
    return Markup(f'<dl class="key">{"".join(cells)}</dl>')


def facts(told: Iterable[tuple[str, object]]) -> Markup:
    cells = (f"<dt>{text(name)}</dt><dd>{text(one)}</dd>" for name, one in told)
    return Markup(f'<dl class="facts">{"".join(cells)}</dl>')


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """Nothing where it has no rows. It may be wider than a narrow screen, and is scrolled then."""
    body = "".join(f"<tr>{''.join(f'<td>{text(one)}</td>' for one in row)}</tr>" for row in rows)
    if not body:
        return Markup()
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in heads)
    return Markup(
        f'<div class="wide" tabindex="0" role="group" aria-label="{text(caption)}"><table>'
        f"<caption>{text(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def bullets(items: Iterable[object]) -> Markup:
    listed = "".join(f"<li>{text(one)}</li>" for one in items)
    return Markup(f"<ul>{listed}</ul>") if listed else Markup()


def chart(png: bytes, *, means: str, caption: str) -> Markup:
    source = base64.b64encode(png).decode()
    return Markup(
        f'<figure><img src="data:image/png;base64,{source}" alt="{text(means)}">'
        f"<figcaption>{text(caption)}</figcaption></figure>"
    )
