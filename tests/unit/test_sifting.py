"""What is left of objects without some people: nothing of them, and all the rest as it was."""

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics import sifting
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.erasure.persons import Person, Persons
from telematics.identities import OURS
from telematics.people import Identity
from telematics.providers.zendrive.about import Subject
from telematics.raw import RawKey
from tests.unit import zendrive_answers

DAY = date(2023, 6, 4)
THEN = datetime(2023, 6, 5, tzinfo=UTC)
ANNA = Person(
    "anna",
    frozenset(
        {
            Identity(OURS, "our-anna"),
            Identity("move", "move-anna"),
            Identity("sentiance", "sen-anna"),
            Identity("dashcam", "cam-anna"),
            Identity("zendrive", "zen/anna"),
        }
    ),
)
SHORT = Person("short", frozenset({Identity("move", "42"), Identity("sentiance", "7")}))
SOUGHT = Persons((ANNA, SHORT))


def key(provider: str, extension: str) -> RawKey:
    return RawKey(provider, "things", DAY, "one", extension)


def sifted(
    body: bytes, provider: str = "sentiance", extension: str = "csv"
) -> tuple[bytes | None, dict[str, int]]:
    """What is left, and of whom how much is not."""
    found = sifting.sift(key(provider, extension), io.BytesIO(body), SOUGHT)
    if found.rest is None:
        return None, dict(found.removed)
    with found.rest as rest:
        left = rest.read()
    assert len(left) == found.size
    return left, dict(found.removed)


def left_of_json(value: Any, provider: str = "move") -> Any:  # Any: JSON of any shape
    rest, _ = sifted(json.dumps(value).encode(), provider, "json")
    return None if rest is None else json.loads(rest)


def test_rows_of_a_file_go_and_the_others_keep_every_byte() -> None:
    body = b'user_id,text\r\nsen-bert,"a\r\nb ""c"""\r\nsen-anna,"x\ny"\nsen-cara,  d\n7,z\nlast,1'
    assert sifted(body) == (
        b'user_id,text\r\nsen-bert,"a\r\nb ""c"""\r\nsen-cara,  d\nlast,1',
        {"anna": 1, "short": 1},
    )


def test_a_quote_within_a_cell_ties_no_rows_together() -> None:
    body = b'user_id,screen\nsen-bert,5" wide\nsen-anna,6" wide\nsen-cara,"7"" wide"\n'
    assert sifted(body)[0] == b'user_id,screen\nsen-bert,5" wide\nsen-cara,"7"" wide"\n'


def test_a_file_of_several_with_headers_marks_and_parts_of_their_own() -> None:
    parts = [b"\xef\xbb\xbfuser_id,mode\n", b"sen-anna,1\nsen-bert,2\n", b"user_id,mode\n"]
    parts += [b"sen-cara,3\nsen-anna,4\n"]
    rest, removed = sifted(b"".join(map(gzip.compress, parts)), extension="csv.gz")
    assert rest is not None
    assert gzip.decompress(rest) == b"".join(parts).replace(b"sen-anna,1\n", b"").replace(
        b"sen-anna,4\n", b""
    )
    assert removed == {"anna": 2}


def test_headers_alone_are_nothing() -> None:
    assert sifted(b"user_id,mode\nsen-anna,1\nuser_id,mode\nsen-anna,2\n") == (None, {"anna": 2})


def test_a_file_without_a_header_or_with_more_cells_than_one_keeps_nobody() -> None:
    assert sifted(b"sen-anna,1\nsen-bert,2\n")[0] == b"sen-bert,2\n"
    assert sifted(b"mode\nCAR,sen-anna\nBUS,x\n")[0] == b"mode\nBUS,x\n"


@pytest.mark.parametrize(
    "body", [b"", b"user_id,mode\n", b"user_id\nsen-bert\n", b"\x00\xff\n\x01", b'a\n"open\n']
)
def test_what_nobody_sought_is_in_is_the_same(body: bytes) -> None:
    rest, removed = sifted(body)
    assert (rest or b"", removed) == (body, {})


def test_a_cell_of_json_is_about_whom_any_part_of_it_is_about() -> None:
    rows = io.StringIO()
    told: list[list[Any]] = [["id", "content"]]
    told += [[n, json.dumps({"external_id": one})] for n, one in enumerate(("our-anna", "our-b"))]
    csv.writer(rows, lineterminator="\n").writerows(told)
    left, removed = sifted(rows.getvalue().encode())
    assert left is not None
    assert removed == {"anna": 1}
    assert left.decode() == "".join(rows.getvalue().splitlines(keepends=True)[::2])


def test_lines_go_and_the_others_keep_every_byte() -> None:
    body = b'{"contractId": "move-bert",  "n": 1.10}\n{"contractId":"move-anna"}\nno json\r\n\n'
    expected = b'{"contractId": "move-bert",  "n": 1.10}\nno json\r\n\n'
    for extension in ("jsonl", "ndjson", "json"):
        assert sifted(body, "move", extension) == (expected, {"anna": 1})


def test_a_line_that_is_no_json_goes_where_it_mentions_somebody() -> None:
    rest, removed = sifted(b"{broken move-anna\n{broken move-bert\n", "move", "jsonl")
    assert (rest, removed) == (b"{broken move-bert\n", {"anna": 1})


def test_of_a_document_the_smallest_elements_of_lists_go() -> None:
    told = {"items": [{"contractId": "move-anna"}, {"contractId": "move-bert"}], "n": 1}
    assert left_of_json(told) == {"items": [{"contractId": "move-bert"}], "n": 1}
    deep = {"days": [{"items": [{"contractId": "move-anna"}, 1]}, {"items": []}]}
    assert left_of_json(deep) == {"days": [{"items": [1]}, {"items": []}]}
    assert left_of_json({"items": [{"a": {"b": {"contractId": "move-anna"}}}, 2]}) == {"items": [2]}


def test_what_is_about_somebody_as_a_whole_goes_as_a_whole() -> None:
    assert left_of_json({"contractId": "move-anna", "items": [1, 2]}) is None
    assert left_of_json({"about": {"contractId": "move-anna"}}) is None
    assert left_of_json([{"contractId": "move-anna"}]) is None


def test_numbers_are_ids_where_names_stand_and_nothing_elsewhere() -> None:
    told = {"items": [{"contractId": 42, "n": 1}, {"contractId": 421, "n": 42}]}
    assert left_of_json(told) == {"items": [{"contractId": 421, "n": 42}]}


def test_a_name_in_any_text_or_in_place_of_a_member_is_a_mention() -> None:
    told = [
        {"note": "by move-anna, at home"},
        {"by_user": {"move-anna": 1}},
        {"note": "move-annas"},
    ]
    assert left_of_json(told) == [{"note": "move-annas"}]


def test_json_in_a_text_of_json_is_looked_into() -> None:
    inner = [json.dumps({"contractId": one}) for one in ("42", "43")]
    assert left_of_json([{"message": one} for one in inner]) == [{"message": inner[1]}]


def test_a_member_that_stands_twice_hides_nobody() -> None:
    rest, removed = sifted(b'{"contractId": "move-anna", "contractId": "b"}', "move", "json")
    assert (rest, removed) == (None, {"anna": 1})


def test_answers_in_an_envelope_go_by_what_they_are_about() -> None:
    trip = "20230604T080000.000Z-1000-{}"
    entries = [
        Entry("points", THEN, b'[{"lat":  1.0}]', trip.format(one)) for one in ("42", "move-bert")
    ]
    entries.append(Entry("batch", THEN, b'{"items": [{"contractId": "move-anna"}, 1]}'))
    rest, removed = sifted(envelope.packed(entries), "move", "json.gz")
    assert rest is not None
    left = envelope.unpacked(gzip.decompress(rest))
    assert [one.trip for one in left] == [trip.format("move-bert"), None]
    assert json.loads(bytes(left[0].answer)) == [{"lat": 1.0}]
    assert json.loads(bytes(left[1].answer)) == {"items": [1]}
    assert removed == {"short": 1, "anna": 1}


def test_a_trip_that_was_read_goes_by_a_driver_whose_name_is_escaped() -> None:
    answer = zendrive_answers.payload("answer_trip")
    entries = [Entry("trip", THEN, answer, str(Subject(one, "1"))) for one in ("zen/anna", "zen/b")]
    rest, _ = sifted(envelope.packed(entries), "zendrive", "json.gz")
    assert rest is not None
    assert [one.trip for one in envelope.unpacked(gzip.decompress(rest))] == ["zen%2Fb/1"]


def test_a_callback_goes_as_a_whole_also_with_a_slash_escaped() -> None:
    assert left_of_json({"user_id": "zen/anna", "trip_info": [1]}, "zendrive") is None
    assert sifted(b'{"user_id": "zen\\/anna"}', "zendrive", "json") == (None, {"anna": 1})
    assert left_of_json({"user_id": "zen/bert", "n": 2**70}, "zendrive")["n"] == 2**70


def test_what_breaks_off_is_left_out_as_a_whole() -> None:
    body = gzip.compress(b"user_id\nsen-bert\n" * 1000)
    assert sifted(body[:-20], extension="csv.gz") == (None, {sifting.UNKNOWN: 1})


def test_a_large_document_is_one_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sifting, "LARGEST_DOCUMENT_BYTES", 40)
    lines = [json.dumps({"contractId": f"move-{one}"}).encode() for one in ("bert", "anna", "cara")]
    assert sifted(b"\n".join(lines), "move", "json")[0] == lines[0] + b"\n" + lines[2]


PEOPLE = st.sampled_from(["sen-anna", "7", "sen-bert", "sen-annabel", "77", "x7"])
CELLS = st.text(st.sampled_from('ab,"\n\r é{[7'), max_size=8)
GONE = {"sen-anna", "7"}


@given(st.lists(st.tuples(PEOPLE, CELLS, CELLS)), st.booleans())
def test_of_any_mix_of_rows_all_others_are_left_in_order(
    rows: list[tuple[str, str, str]], packed: bool
) -> None:
    def spelt(some: list[tuple[str, str, str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([("user_id", "b", "c"), *some])
        return text.getvalue().encode()

    extension = "csv.gz" if packed else "csv"
    body = gzip.compress(spelt(rows)) if packed else spelt(rows)
    others = [one for one in rows if one[0] not in GONE]
    rest, removed = sifted(body, extension=extension)
    assert sum(removed.values()) == len(rows) - len(others)
    if rest is None:
        assert not others
        return
    assert (gzip.decompress(rest) if packed else rest) == spelt(others)
    assert sifted(rest, extension=extension) == (rest, {})


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(-1, 1))
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "contractId", "items"]), inner, max_size=3)
        | st.fixed_dictionaries({"contractId": st.sampled_from(["move-anna", "42", 42, "move-b"])})
    ),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=6))
def test_of_any_json_nobody_sought_is_left_and_twice_is_once(told: list[Any]) -> None:
    body = json.dumps(told).encode()
    rest, removed = sifted(body, "move", "json")
    if not removed:
        assert rest == body
        return
    assert sifted(rest or b"", "move", "json") == (rest, {})
    assert not SOUGHT.mentioned(rest or b"")
    assert not _named(json.loads(rest or b"[]"))


def _named(value: Any) -> bool:  # Any: JSON of any shape
    if isinstance(value, list):
        return any(map(_named, value))
    if isinstance(value, dict):
        who = value.get("contractId")
        named = not isinstance(who, bool) and str(who) in ("move-anna", "42")
        return named or any(map(_named, value.values()))
    return False


@pytest.mark.fault("poison", of=("users",))
@given(st.binary(max_size=60), st.sampled_from(["csv", "json", "jsonl", "csv.gz", "txt"]))
def test_junk_breaks_nothing(junk: bytes, extension: str) -> None:
    rest, removed = sifted(junk, "move", extension)
    assert removed or (rest or b"") == junk or extension.endswith("gz")
