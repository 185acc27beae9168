"""Build the dependency layers: `python -m layers.build --target aws`."""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from layers import bytecode, requirements
from layers.strip import strip

BUILT = Path(__file__).parent.parent / "build" / "layers"
LAMBDA_PYTHON = "3.13"
LIMIT_BYTES = 250 * 1024 * 1024  # of a function and its layers together, unzipped

Report = Callable[[str], None]


class BuildFailed(Exception):
    """A layer could not be built; the text says why."""


@dataclass(frozen=True)
class Target:
    """Where a layer will run."""

    name: str
    python: str
    platforms: tuple[str, ...] = ()

    @property
    def pip_options(self) -> list[str]:
        if not self.platforms:
            return []
        options = ["--implementation", "cp", "--python-version", self.python]
        for abi in (f"cp{self.python.replace('.', '')}", "abi3", "none"):
            options += ["--abi", abi]
        for platform in (*self.platforms, "any"):
            options += ["--platform", platform]
        return options


# Python 3.13 on Lambda is Amazon Linux 2023, which has glibc 2.34.
AWS = Target(
    "aws",
    LAMBDA_PYTHON,
    (*(f"manylinux_2_{minor}_aarch64" for minor in range(34, 16, -1)), "manylinux2014_aarch64"),
)
HOST = Target("host", "{}.{}".format(*sys.version_info))
TARGETS = {target.name: target for target in (AWS, HOST)}


@dataclass(frozen=True)
class Layer:
    """A built layer. `made_from` is the digest of all that decides what is in it."""

    folder: Path
    made_from: str
    compiled_by: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.made_from} {self.compiled_by}".encode()).hexdigest()

    @property
    def unzipped_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def built(name: str, target: Target = AWS, root: Path = BUILT) -> Layer | None:
    """The layer as it was built, unless what it is made from has changed since."""
    stamp = _stamp(root / target.name / name)
    if not stamp.is_file():
        return None
    layer = Layer(folder=stamp.with_suffix(""), **json.loads(stamp.read_text()))
    return layer if layer.made_from == _made_from(name, target) else None


def build(name: str, target: Target, report: Report, root: Path = BUILT) -> Layer:
    """Built before from the same requirements, it is left alone."""
    python = bytecode.interpreter(target.python)
    compiled_by = bytecode.full_version(python) if python else ""
    layer = built(name, target, root)
    if layer and layer.compiled_by == compiled_by:
        report(f"{name}: up to date ({layer.unzipped_bytes / 1e6:.0f} MB unzipped)")
        return layer
    folder = root / target.name / name
    fresh = folder.with_name(f"{name}.{os.getpid()}")
    report(f"{name}: installing for {target.name} (Python {target.python}) ...")
    try:
        _install(name, target, fresh / "python")
        strip(fresh / "python")
        if python:
            bytecode.compile_all(fresh, python)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    layer = Layer(folder, _made_from(name, target), compiled_by)
    facts = {key: value for key, value in asdict(layer).items() if key != "folder"}
    _stamp(folder).write_text(json.dumps(facts))
    report(f"{name}: {layer.unzipped_bytes / 1e6:.0f} MB unzipped, in {folder}")
    return layer


def _stamp(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def _made_from(name: str, target: Target) -> str:
    """The lock, the target, and this builder itself."""
    digest = hashlib.sha256(f"{requirements.installed(name)}\n{target}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _install(name: str, target: Target, folder: Path) -> None:
    folder.mkdir(parents=True)
    lock = folder.with_name("requirements.txt")
    lock.write_text(requirements.installed(name))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile"]
    command += ["--target", str(folder), "--requirement", str(lock), *target.pip_options]
    pip = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own words
    lock.unlink()
    if pip.returncode:
        raise BuildFailed(f"{name}: pip could not install it:\n{pip.stderr.strip()}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m layers.build", description=__doc__)
    parser.add_argument("--target", choices=TARGETS, default=AWS.name)
    target = TARGETS[parser.parse_args().target]
    console = Console(stderr=True, highlight=False)
    if not bytecode.interpreter(target.python):
        console.print(
            f"No Python {target.python} on this machine: the layers will hold no bytecode, so each "
            f"cold start compiles what it imports. Install Python {target.python} and run this "
            "again to ship it."
        )
    try:
        for name in requirements.NAMES:
            with console.status(f"{name} ..."):
                build(name, target, console.print)
    except BuildFailed as failure:
        console.print(f"[red]{failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
