"""What `up` says while it works."""

from typing import Protocol


class Progress(Protocol):
    def step(self, text: str) -> None:
        """The next piece of work begins; the one before is done."""

    def detail(self, text: str) -> None:
        """How far it is."""


class Silent:
    """Says nothing."""

    def step(self, text: str) -> None:
        pass

    def detail(self, text: str) -> None:
        pass
