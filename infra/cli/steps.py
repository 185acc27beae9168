"""Work in steps, followed on standard error: a spinner for a person, a line each for a file."""

import time
from types import TracebackType

from rich.markup import escape

from infra.cli import console


class Steps:
    """The beginning of a step is the end of the one before."""

    def __init__(self) -> None:
        self._err = console.err()
        self._spinner = self._err.status("")
        self._text = ""
        self._begun = 0.0

    def __enter__(self) -> "Steps":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end("[green]✓[/]" if error is None else "[red]✗[/]")

    def step(self, text: str) -> None:
        self._end("[green]✓[/]")
        self._text, self._begun = text, time.monotonic()
        if console.watched():
            self._spinner.update(escape(text))
            self._spinner.start()
        else:
            console.remark(f"{text} ...")

    def detail(self, text: str) -> None:
        if console.watched():
            self._spinner.update(f"{escape(self._text)} [dim]{escape(text)}[/]")

    def _end(self, mark: str) -> None:
        if self._text and console.watched():
            self._spinner.stop()
            seconds = time.monotonic() - self._begun
            self._err.print(f"{mark} {escape(self._text)} [dim]{seconds:.1f} s[/]")
        self._text = ""
