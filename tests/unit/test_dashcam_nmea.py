"""Tracks of a satellite receiver become points; lines that can't be read cost themselves."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.providers.dashcam import nmea
from tests.unit.dashcam_server import PAYLOADS

TRACK = (PAYLOADS / "track.nmea").read_bytes()


def sentence(body: str) -> bytes:
    checksum = 0
    for one in body.encode():
        checksum ^= one
    return f"${body}*{checksum:02X}\r\n".encode()


def test_a_point_has_place_time_speed_and_height() -> None:
    found = nmea.points(TRACK)
    first, second, third = found.points
    assert first["timestamp"] == datetime(2024, 3, 5, 7, 12, 30, tzinfo=UTC)
    assert (first["lat"], first["lng"]) == pytest.approx((47.0707, 15.4395))
    assert first["speed_mps"] == pytest.approx(26.2 * 0.514444, rel=1e-5)
    assert (first["heading_degrees"], first["altitude_m"]) == (84.4, 353.0)
    assert (first["satellites"], first["hdop"]) == (8, 0.9)
    assert (second["speed_mps"], second["heading_degrees"]) == (None, None)
    assert "altitude_m" not in second
    assert third["timestamp"].second == 33  # behind a time of the camera's own


def test_a_line_with_a_wrong_checksum_is_named_and_without_a_fix_passed_by() -> None:
    found = nmea.points(TRACK)
    assert found.unreadable == {5: "not a sentence of NMEA 0183"}
    assert len(found.points) == 3


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("3751.65,S,14507.36,W", (-37.860833, -145.122667)),
        ("0000.00,N,00000.00,E", (0.0, 0.0)),
    ],
)
def test_hemispheres_have_signs(places: str, expected: tuple[float, float]) -> None:
    [point] = nmea.points(sentence(f"GPRMC,071230.00,A,{places},,,050324,,,A")).points
    assert (point["lat"], point["lng"]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "body",
    [
        "GPRMC,,A,4704.242,N,01526.370,E,,,050324,,,A",
        "GPRMC,071230.00,A,4704.242,N,01526.370,E,,,,,,A",
        "GPRMC,071230.00,A,,,,,,,050324,,,A",
        "GPRMC,071230.00,V,4704.242,N,01526.370,E,,,050324,,,N",
        "GPGGA,071230.00,4704.242,N,01526.370,E,1,08,0.9,353.0,M,46.9,M,,",
    ],
)
def test_what_lacks_time_or_place_is_no_point(body: str) -> None:
    found = nmea.points(sentence(body))
    assert (found.points, found.unreadable) == ([], {})


@pytest.mark.parametrize(
    "body",
    [
        "GPRMC,997799.00,A,4704.242,N,01526.370,E,,,050324,,,A",
        "GPRMC,071230.00,A,4704.242,N,01526.370,E,,,993399,,,A",
        "GPRMC,071230.00,A,north,N,east,E,,,050324,,,A",
    ],
)
def test_what_makes_no_sense_is_named(body: str) -> None:
    found = nmea.points(sentence(body))
    assert found.points == []
    assert set(found.unreadable) <= {1}


@given(st.binary())
def test_a_track_is_kept_byte_for_byte(track: bytes) -> None:
    assert nmea.exact(nmea.answer(track)) == track


SENTENCES = st.builds(
    lambda kind, rest: sentence(f"{kind},{rest}"),
    st.sampled_from(["GPRMC", "GNRMC", "GPGGA", "GPGSV", "PGRMC"]),
    st.text("0123456789.,NSEWAVM-x", max_size=60),
)


@given(st.lists(st.binary(max_size=40) | SENTENCES | st.just(TRACK), max_size=6))
def test_no_track_at_all_is_an_error_of_ours(lines: list[bytes]) -> None:
    found = nmea.points(b"".join(lines))
    assert all(point["timestamp"].tzinfo for point in found.points)


def test_what_is_no_text_is_no_track() -> None:
    with pytest.raises(ValueError, match="Expected"):
        nmea.exact(b"{}")
