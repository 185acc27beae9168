"""Who is meant: the members of what a provider sends that name a person."""

from functools import cache
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from telematics.catalog import PROVIDERS


class Identity(NamedTuple):
    """A person, as a provider calls them."""

    provider: str
    id: str


class _Module(Protocol):
    """`providers/<name>/people.py`."""

    def person(self, member: str, text: str) -> Identity | None: ...


def person(provider: str, member: str, text: str) -> Identity | None:
    """Whom a member of a JSON object, or a cell of a CSV file, names; most name nobody.

    A number is named by its digits.
    """
    module = _module(provider)
    return module.person(member, text) if module and text else None


@cache
def _module(provider: str) -> _Module | None:
    if provider not in PROVIDERS:
        return None
    return cast(_Module, import_module(f"telematics.providers.{provider}.people"))
