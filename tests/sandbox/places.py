"""Where a sandbox keeps its things."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.errors import SandboxError

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Places:
    """One folder: what runs, what is remembered, the emulator's data, the logs."""

    folder: Path

    @classmethod
    def of_this_checkout(cls) -> "Places":
        chosen = os.environ.get("TELEMATICS_SANDBOX_DIR")
        return cls(Path(chosen).absolute() if chosen else ROOT / ".sandbox")

    @property
    def state(self) -> Path:
        """What runs; only there while something does."""
        return self.folder / "sandbox.json"

    @property
    def options(self) -> Path:
        return self.folder / "options.json"

    @property
    def services(self) -> Path:
        return self.folder / "services"

    @property
    def objects(self) -> Path:
        return self.folder / "s3"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def assembly(self) -> Path:
        return self.folder / "assembly"

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    @property
    def used(self) -> bool:
        """Whether a sandbox has ever begun here."""
        return self.options.exists() or self.state.exists()

    @property
    def data(self) -> tuple[Path, ...]:
        """Folders that a sandbox fills."""
        logs = self.log("any").parent
        return self.services, self.objects, self.temporary, self.assembly, logs

    @property
    def shown(self) -> str:
        """As one would name the folder from where one stands."""
        here = Path.cwd()
        return str(self.folder.relative_to(here) if here in self.folder.parents else self.folder)

    @property
    def busy(self) -> bool:
        """Whether a command is starting or stopping this sandbox."""
        if not self.folder.exists():
            return False
        try:
            with self.locked():
                return False
        except SandboxError:
            return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time starts or stops a sandbox."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SandboxError(
                    f"another command is starting or stopping the sandbox in {self.shown}:"
                    " try again when it is done"
                ) from None
            yield
