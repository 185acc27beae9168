"""Signatures: what was signed is accepted, and nothing else is."""

import re
import shutil
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import BadSignature, MissingSetting, NotAuthentic
from telematics.providers.move.webhooks import SIGNATURE, TIMELINE
from telematics.providers.zendrive.webhooks import API_KEY, AUTHENTICATION
from telematics.providers.zendrive.webhooks import SIGNATURE as V1
from telematics.schemes import DescribedSignature, PathToken, Signature, SignedBy, Webhook

PAYLOADS = Path(__file__).parent.parent / "payloads" / "webhooks"
ROW = re.compile(r"\| (?P<file>\S+) \| `(?P<secret>[^`]+)` \| `(?P<signature>[^`]+)` \|")
OPENSSL = shutil.which("openssl")
BODIES = st.binary(min_size=1)
SECRETS = st.text(min_size=1)


@dataclass(frozen=True)
class Vector:
    """A row of the table beside the bodies."""

    file: str
    secret: str
    signature: str

    @property
    def body(self) -> bytes:
        return (PAYLOADS / self.file).read_bytes()

    @property
    def scheme(self) -> Signature:
        return next(one for one in (SIGNATURE, V1) if self.signature.startswith(one.prefix))


VECTORS = [Vector(**row.groupdict()) for row in ROW.finditer((PAYLOADS / "README.md").read_text())]
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one.file)


def accepted(body: bytes, given: str, *secrets: str, by: SignedBy = SIGNATURE) -> bool:
    try:
        by.matching(body, given, secrets)
    except BadSignature:
        return False
    return True


def test_every_body_is_in_the_table() -> None:
    bodies = {path.name for path in PAYLOADS.iterdir()} - {"README.md"}
    assert bodies == {one.file for one in VECTORS}


@each_vector
def test_we_sign_as_the_table_says(vector: Vector) -> None:
    assert vector.scheme.sign(vector.body, vector.secret) == vector.signature
    assert accepted(vector.body, vector.signature, vector.secret, by=vector.scheme)


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
@each_vector
def test_openssl_signs_as_the_table_says(vector: Vector) -> None:
    command = [str(OPENSSL), "dgst", "-sha256", "-hmac", vector.secret, "-binary"]
    made = subprocess.run(  # noqa: S603  # the program that was found
        [*command, PAYLOADS / vector.file], capture_output=True, check=True
    )
    assert vector.scheme.prefix + b64encode(made.stdout).decode() == vector.signature


@given(body=BODIES, secret=SECRETS)
def test_what_was_signed_is_accepted(body: bytes, secret: str) -> None:
    assert accepted(body, SIGNATURE.sign(body, secret), secret)


@given(body=BODIES, secret=SECRETS, place=st.integers(min_value=0), change=st.integers(1, 255))
def test_a_changed_byte_of_the_body_is_refused(
    body: bytes, secret: str, place: int, change: int
) -> None:
    changed = bytearray(body)
    changed[place % len(body)] ^= change
    assert not accepted(bytes(changed), SIGNATURE.sign(body, secret), secret)


@given(body=BODIES, secret=SECRETS, place=st.integers(min_value=0), other=st.characters())
def test_a_changed_character_of_the_header_is_refused(
    body: bytes, secret: str, place: int, other: str
) -> None:
    made = SIGNATURE.sign(body, secret)
    place %= len(made)
    changed = made[:place] + other + made[place + 1 :]
    assert accepted(body, changed, secret) == (changed == made)


@given(body=BODIES, secret=SECRETS, other=SECRETS)
def test_another_secret_is_refused(body: bytes, secret: str, other: str) -> None:
    # A key that is shorter than a block is filled up with zeros: with more of them it is the same.
    same = secret.rstrip("\0") == other.rstrip("\0")
    assert same or not accepted(body, SIGNATURE.sign(body, secret), other)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sha256=",
        "2XlCaRDKRxyR+rZYYQQsBZfj+jMtxeup47zLuJRs5vs=",
        "SHA256=2XlCaRDKRxyR+rZYYQQsBZfj+jMtxeup47zLuJRs5vs=",
        "sha1=2XlCaRDKRxyR+rZYYQQsBZfj+jMtxeup47zLuJRs5vs=",
        "sha256=2XlCaRDKRxyR+rZYYQQsBZfj+jMtxeup47zLuJRs5vs",
        "sha256=2XlCaRDKRxyR-rZYYQQsBZfj-jMtxeup47zLuJRs5vs=",
        "sha256=2XlCaRDKRxyR+rZYYQQsBZfj+jMtxeup47zLuJRs5vs=,sha256=",
        "sha256=d979426910ca471c91fab65861042c0597e3fa332dc5eba9e3bccbb8946ce6fb",
        "sha256=é\ud800",
    ],
    ids=[
        *("nothing", "a prefix alone", "no prefix", "a loud prefix", "another prefix"),
        *("no padding", "the URL's alphabet", "two headers as one", "hex", "no text at all"),
    ],
)
def test_a_signature_in_another_form_is_refused(given: str) -> None:
    body = (PAYLOADS / "timeline.json").read_bytes()
    assert not accepted(body, given, "a-secret-of-ours")


def test_an_empty_body_is_refused_even_when_signed() -> None:
    assert not accepted(b"", SIGNATURE.sign(b"", "secret"), "secret")


@given(body=BODIES)
def test_an_empty_secret_matches_nothing(body: bytes) -> None:
    assert not accepted(body, SIGNATURE.sign(body, ""), "", "")


def test_which_secret_signed_is_told() -> None:
    made = SIGNATURE.sign(b"body", "old")
    assert SIGNATURE.matching(b"body", made, ["new", "old"]) == 1
    assert SIGNATURE.matching(b"body", made, ["old", "old"]) == 0
    assert SIGNATURE.matching(b"body", made, ["", "old"]) == 1


def test_a_refusal_shows_neither_secret_nor_signature() -> None:
    with pytest.raises(BadSignature) as refusal:
        SIGNATURE.matching(b"body", "sha256=given", ["a-secret-of-ours"])
    assert "secret-of" not in str(refusal.value)
    assert "given" not in str(refusal.value)


def test_the_secret_before_is_a_field_beside() -> None:
    assert TIMELINE.previous_secret.removeprefix(TIMELINE.secret) == "_previous"


def test_a_webhook_is_called_and_kept_by_its_name_unless_it_says_otherwise() -> None:
    assert TIMELINE.route("move") == "/webhooks/move/timeline"
    assert (TIMELINE.dataset, TIMELINE.has_token) == ("timeline", False)
    other = Webhook("signed", PathToken(), "key", path="acme/{token}", kept_as="messages")
    assert other.route("acme") == "/webhooks/acme/{token}"
    assert (other.dataset, other.has_token) == ("messages", True)


def known(given: str, *secrets: str) -> bool:
    try:
        PathToken().matching(given, secrets)
    except NotAuthentic:
        return False
    return True


@given(offered=st.text(), secret=SECRETS)
def test_only_the_token_itself_is_taken(offered: str, secret: str) -> None:
    assert known(secret, secret)
    assert known(offered, secret) == (offered == secret)
    assert not known(offered, "", "")


def test_which_token_it_is_is_told() -> None:
    assert PathToken().matching("old", ["new", "old"]) == 1
    assert PathToken().matching("old", ["old", "old"]) == 0
    assert not known("\ud800", "old")


@pytest.mark.parametrize(
    ("token", "usable"),
    [
        *((one, True) for one in ("a", "A-Z_09", "sandbox.token", "-", "x..y", "a~b")),
        *(
            (one, False)
            for one in ("", ".", "..", ".a", "a b", "a/b", "a%20", "é", "{token}", "a\n")
        ),
    ],
)
def test_a_token_is_spelt_with_signs_that_stand_in_a_path_as_they_are(
    token: str, usable: bool
) -> None:
    assert PathToken.is_usable(token) == usable


def test_a_signature_is_described_by_fields_and_is_none_without_its_header() -> None:
    described = DescribedSignature("header", "encoding", "digest", "prefix")
    assert described.fields == ("header", "encoding", "digest", "prefix")
    assert described.scheme({"encoding": "hex"}) is None
    told = {"header": "X-Dolphin-Signature", "prefix": "sha256="}
    assert described.scheme(told) == SIGNATURE


EACH = AUTHENTICATION.scheme({})
SIGNED = V1.sign(b"body", "key")


@pytest.mark.parametrize("given", [SIGNED, "APIKEY key"])
def test_of_several_proofs_each_is_enough(given: str) -> None:
    assert accepted(b"body", given, "key", by=EACH)
    assert EACH.matching(b"body", given, ["new", "key"]) == 1
    assert not accepted(b"body", given, "another", "", by=EACH)


@pytest.mark.parametrize(
    "given",
    [
        *("", "APIKEY", "APIKEY ", "APIKEY  key", "apikey key", "API KEY key", "APIKEY key "),
        *("key", "v1_key", "v1_", SIGNED.removeprefix("v1_"), f"APIKEY {SIGNED}"),
        *(SIGNED.replace("v1_", "v2_"), f"{SIGNED}, APIKEY key", "APIKEY \ud800"),
    ],
)
def test_of_several_proofs_none_is_what_only_looks_like_one(given: str) -> None:
    assert not accepted(b"body", given, "key", "", by=EACH)


@pytest.mark.parametrize(
    ("chosen", "signed", "shown"),
    [
        *((one, True, True) for one in (None, "both", "BOTH")),
        ("signature", True, False),
        ("api_key", False, True),
    ],
)
def test_which_proofs_count_is_chosen(chosen: str | None, signed: bool, shown: bool) -> None:
    values = {} if chosen is None else {"notifications_auth": chosen}
    scheme = AUTHENTICATION.scheme(values)
    assert scheme.header == "authorization"
    assert accepted(b"body", SIGNED, "key", by=scheme) == signed
    assert accepted(b"body", "APIKEY key", "key", by=scheme) == shown


@pytest.mark.parametrize("chosen", ["none", "", "signature,api_key", "no"])
def test_there_is_no_choosing_no_proof_at_all(chosen: str) -> None:
    with pytest.raises(MissingSetting, match="notifications_auth is none of signature, api_key"):
        AUTHENTICATION.scheme({"notifications_auth": chosen})


@given(body=BODIES, other=BODIES, key=SECRETS)
def test_only_the_body_that_was_signed_is_taken_of_any(body: bytes, other: bytes, key: str) -> None:
    assert accepted(other, V1.sign(body, key), key, by=EACH) == (body == other)


def test_a_key_that_is_refused_is_not_shown() -> None:
    with pytest.raises(BadSignature) as refusal:
        API_KEY.matching(b"body", "APIKEY given", ["a-secret-of-ours"])
    assert "secret-of" not in str(refusal.value)
    assert "given" not in str(refusal.value)
