"""The cloud assembly: what the CDK application makes of our sources, as S3 wants its files."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tests.sandbox.errors import SynthesisFailed
from tests.sandbox.places import ROOT
from tests.sandbox.progress import Progress

STACK = "telematics"
CONTEXT = {"stage": "sandbox"}
SOURCES = ("app.py", "cdk.json", "infra", "functions", "layers/telematics")
NOT_SOURCES = {"__pycache__", "cli"}  # the command line is not part of the stack
TEMPLATE = f"{STACK}.template.json"
LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Asset:
    """A file or folder of the assembly, and where in S3 the template looks for it."""

    source: Path
    bucket: str
    key: str
    zipped: bool

    def content(self) -> bytes:
        return zip_folder(self.source) if self.zipped else self.source.read_bytes()


@dataclass(frozen=True)
class Assembly:
    folder: Path

    @property
    def assets(self) -> list[Asset]:
        listed = json.loads((self.folder / f"{STACK}.assets.json").read_text())["files"]
        return [
            Asset(
                source=self.folder / one["source"]["path"],
                bucket=place["bucketName"],
                key=place["objectKey"],
                zipped=one["source"]["packaging"] == "zip",
            )
            for one in listed.values()
            for place in one["destinations"].values()
        ]

    @property
    def template(self) -> Asset:
        return next(asset for asset in self.assets if asset.source.name == TEMPLATE)

    @property
    def resources(self) -> int:
        return len(json.loads((self.folder / TEMPLATE).read_text())["Resources"])


def synthesize(folder: Path, progress: Progress) -> Assembly:
    """Unless the one in the folder was made from the same sources."""
    stamp = folder / "made-from"
    sources = fingerprint()
    if not stamp.exists() or stamp.read_text() != sources:
        progress.step("Synthesizing the stack")
        shutil.rmtree(folder, ignore_errors=True)
        _run(folder)
        stamp.write_text(sources)
    return Assembly(folder)


def fingerprint(root: Path = ROOT) -> str:
    """Of all that decides what the template and the functions' code are."""
    digest = hashlib.sha256(metadata.version("aws-cdk-lib").encode())
    for name in SOURCES:
        for path in _files(root / name):
            digest.update(f"\n{path.relative_to(root)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def zip_folder(folder: Path) -> bytes:
    """The same folder always gives the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
                entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    return written.getvalue()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for below in sorted(path.rglob("*")):
        names = below.relative_to(path).parts
        if below.is_file() and not NOT_SOURCES.intersection(names) and below.suffix != ".pyc":
            yield below


def _run(folder: Path) -> None:
    """Run `app.py` as the CDK command does. Node is the one installed beside this Python."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": json.dumps(CONTEXT),
    }
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode or not (folder / TEMPLATE).exists():
        reason = (run.stderr or run.stdout).strip() or "it wrote no template and gave no reason"
        raise SynthesisFailed(f"app.py gives no template for the sandbox:\n{reason}")
