"""The sandbox comes, goes and comes again, and says in one line what it can't do."""

import socket
from pathlib import Path

from tests.integration.insurer import Insurer
from tests.sandbox.sandbox import Sandbox

DAY = "2023-09-01"


def test_state_survives_down_and_up(insurer: Insurer) -> None:
    assert insurer.fetch(DAY).code == 0
    before = insurer.status(DAY)
    rows = insurer.count("sentiance_transports")
    insurer.sandbox.stop()
    up = insurer.telematics("sandbox", "up")
    assert up.code == 0, up.err
    assert insurer.status(DAY) == before
    assert insurer.count("sentiance_transports") == rows
    assert insurer.fetch("2023-09-02").code == 0


def test_a_second_up_says_that_it_is_up(insurer: Insurer) -> None:
    said = insurer.telematics("sandbox", "up")
    assert said.code != 0
    assert "already up" in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_named(insurer: Insurer, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        elsewhere = Insurer(
            Sandbox(type(insurer.sandbox.places)(tmp_path), insurer.sandbox.running)
        )
        said = elsewhere.telematics("sandbox", "up", "--port", str(port))
    assert said.code != 0
    assert f"port {port} is taken" in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_it_listens_on_loopback_only(insurer: Insurer) -> None:
    told = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
    ports = {int(url.rsplit(":", 1)[1]) for url in (insurer.sandbox.endpoint, insurer.provider.url)}
    listening = [line.split()[1] for line in told.splitlines()[1:] if line.split()[3] == "0A"]
    addresses = {one.split(":")[0] for one in listening if int(one.split(":")[1], 16) in ports}
    assert addresses <= {"0100007F"}
