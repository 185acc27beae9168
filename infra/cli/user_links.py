"""Links as people spell them: `--link move=abc`, `--link sentiance`, `--move abc`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

import typer

from infra.cli.exits import BadInput

Links: TypeAlias = Mapping[str, str | None]

LinkOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--link",
        metavar="PROVIDER[=ID]",
        help="What a provider calls them. Without an id MOVE calls them as we do, and Sentiance"
        " will say itself how it does. May be repeated.",
    ),
]
SentianceOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="The same as --link sentiance=ID.")
]
MoveOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="The same as --link move=ID.")
]
DashcamOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="The same as --link dashcam=ID.")
]
ZendriveOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="The same as --link zendrive=ID.")
]


def of(spelt: Sequence[str] | None, **named: str | None) -> Links:
    """Raises BadInput for what is no link, and for two of one provider."""
    links: dict[str, str | None] = {}
    given = [_parts(one) for one in spelt or ()]
    given += [(provider, id) for provider, id in named.items() if id is not None]
    for provider, id in given:
        if provider in links and links[provider] != id:
            raise BadInput(f"there are two links to {provider}: one is enough")
        links[provider] = id
    return links


def one(provider: str | None, id: str | None, links: Links) -> tuple[str, str | None]:
    """The one that is meant, however it is spelt."""
    if provider is not None:
        links = {**links, **of([provider if id is None else f"{provider}={id}"])}
    if len(links) != 1:
        raise BadInput("name one link, like: telematics user link USER_ID move ID")
    return next(iter(links.items()))


def _parts(text: str) -> tuple[str, str | None]:
    from telematics.catalog import PROVIDERS

    provider, separator, id = text.partition("=")
    if provider not in PROVIDERS:
        raise BadInput(f"there is no provider {provider!r}: choose one of {', '.join(PROVIDERS)}")
    if separator and not id:
        raise BadInput(f"{text!r} names no id: leave the = out where there is none yet")
    return provider, id or None
