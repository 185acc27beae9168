"""Both stages, synthesized once, as on a machine without AWS and without a network.

Each with the catalogue's providers, and once more with one that we imagine.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra import stack
from infra.synthesis import application
from telematics.catalog import PROVIDERS, Provider
from tests.infra.imagined import with_acme
from tests.infra.template import Template

STAGES = ("aws", "sandbox")
IMAGINED = "-acme"
CATALOGUES: Mapping[str, Mapping[str, Provider]] = {"": PROVIDERS, IMAGINED: with_acme()}
ASSEMBLIES = [f"{stage}{suffix}" for suffix in CATALOGUES for stage in STAGES]


@contextmanager
def offline() -> Iterator[None]:
    """No sockets, no credentials, no region."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("synthesizing must not need the network")

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "CDK_"))]:
            patch.delenv(name)
        patch.setattr(socket, "socket", refused)
        yield


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of them; the layers are built as on a fresh machine: not."""
    folder = tmp_path_factory.mktemp("assemblies")
    with offline(), pytest.MonkeyPatch.context() as patch:
        for suffix, providers in CATALOGUES.items():
            patch.setattr(stack, "PROVIDERS", providers)
            for stage in STAGES:
                outdir = folder / f"{stage}{suffix}"
                application(stage, outdir=outdir, layers=folder / "no-layers").synth()
    return folder


@pytest.fixture(scope="session")
def aws(assemblies: Path) -> Template:
    return read(assemblies / "aws")


@pytest.fixture(scope="session")
def sandbox(assemblies: Path) -> Template:
    return read(assemblies / "sandbox")


@pytest.fixture(scope="session", params=STAGES)
def acme(request: pytest.FixtureRequest, assemblies: Path) -> Template:
    """Each stage, with the provider that we imagine."""
    return read(assemblies / f"{request.param}{IMAGINED}", CATALOGUES[IMAGINED])


@pytest.fixture(scope="session", params=ASSEMBLIES)
def template(request: pytest.FixtureRequest, assemblies: Path) -> Template:
    """Each stage and catalogue in turn."""
    suffix = IMAGINED if request.param.endswith(IMAGINED) else ""
    return read(assemblies / request.param, CATALOGUES[suffix])


def read(assembly: Path, providers: Mapping[str, Provider] = PROVIDERS) -> Template:
    body = json.loads((assembly / "telematics.template.json").read_text())
    return Template(body, providers)
