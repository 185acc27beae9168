"""Both stages, synthesized once, as on a machine without AWS and without a network."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.synthesis import application
from tests.infra.template import Template

STAGES = ("aws", "sandbox")


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
    """A folder with the assembly of each stage; the layers are built as on a fresh machine: not."""
    folder = tmp_path_factory.mktemp("assemblies")
    with offline():
        for stage in STAGES:
            application(stage, outdir=folder / stage, layers=folder / "no-layers").synth()
    return folder


@pytest.fixture(scope="session")
def aws(assemblies: Path) -> Template:
    return read(assemblies / "aws")


@pytest.fixture(scope="session")
def sandbox(assemblies: Path) -> Template:
    return read(assemblies / "sandbox")


@pytest.fixture(scope="session", params=STAGES)
def template(request: pytest.FixtureRequest, assemblies: Path) -> Template:
    """Each stage in turn."""
    return read(assemblies / request.param)


def read(assembly: Path) -> Template:
    return Template(json.loads((assembly / "telematics.template.json").read_text()))
