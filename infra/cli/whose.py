"""Whose it is: the provider that a command names, if that one can do what is asked."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from infra.cli.exits import BadInput

if TYPE_CHECKING:
    from telematics.catalog import Provider


def any_provider(name: str) -> "Provider":
    from telematics.catalog import PROVIDERS

    return _named(name, PROVIDERS.values(), "there is no provider {name}: choose one of {known}")


def with_offloads(name: str) -> "Provider":
    from telematics.catalog import PROVIDERS

    fetched = (one for one in PROVIDERS.values() if one.fetches_offloads)
    return _named(name, fetched, "nothing to fetch from {name}: offloads come from {known}")


def with_webhooks(name: str) -> "Provider":
    from telematics.catalog import PROVIDERS

    calling = (one for one in PROVIDERS.values() if one.webhooks)
    return _named(name, calling, "{name} calls no webhook of ours: these do: {known}")


def with_details(name: str) -> "Provider":
    from telematics.catalog import PROVIDERS

    asked = (one for one in PROVIDERS.values() if one.enriched)
    return _named(name, asked, "nothing to reconcile with {name}: what can be is of {known}")


def with_events(name: str) -> "Provider":
    from telematics.catalog import PROVIDERS

    asked = [one for one in PROVIDERS.values() if one.syncs]
    if not asked:
        raise BadInput("no provider here has events to ask for")
    return _named(name, asked, "{name} has no events to ask for: these have: {known}")


def with_clips() -> "Provider":
    """Who is asked for footage."""
    from telematics.catalog import PROVIDERS

    for one in PROVIDERS.values():
        if one.clips:
            return one
    raise BadInput("no provider here makes clips")


def with_collisions() -> "Provider":
    """Who knows the details of collisions."""
    from telematics.catalog import PROVIDERS

    for one in PROVIDERS.values():
        if one.collisions:
            return one
    raise BadInput("no provider here knows the details of collisions")


def _named(name: str, those: Iterable["Provider"], otherwise: str) -> "Provider":
    known = {one.name: one for one in those}
    if name not in known:
        raise BadInput(otherwise.format(name=repr(name), known=", ".join(known)))
    return known[name]
