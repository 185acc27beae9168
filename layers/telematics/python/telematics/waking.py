"""Machines that wait for what a provider's webhook brings: which of them is to be woken."""

from typing import Any, Protocol

from telematics.catalog import PROVIDERS


class Waking(Protocol):
    """`event` is an `Object Created` of an object in raw. How many were woken."""

    def take(self, event: Any) -> int: ...  # Any: JSON


def deployed(provider: str) -> Waking:
    """By what the provider is asked for."""
    if PROVIDERS[provider].collisions:
        from telematics.collisions import waking as answers

        return answers.deployed()
    from telematics.clips import waking as clips

    return clips.deployed()
