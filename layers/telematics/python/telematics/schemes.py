"""Webhooks, declared as data: who calls where, how they show who they are, and what we answer."""

import base64
import binascii
import dataclasses
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from telematics.errors import BadSignature, MissingSetting, NotAuthentic

ENCODERS: Mapping[str, Callable[[bytes], str]] = {
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "hex": lambda digest: binascii.hexlify(digest).decode(),
}
DIGESTS = ("sha1", "sha256", "sha384", "sha512")
TOKEN = "{token}"  # noqa: S105  # where in a path it stands
HANDED_OUT = "callback-"  # how the tasks begin that stand for an address
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_IN_A_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~-]*")  # dots alone would lead elsewhere


@dataclass(frozen=True)
class Signature:
    """An HMAC over the exact bytes of the body, in a header, like `sha256=<base64>`.

    Anyone can check it: `openssl dgst -sha256 -hmac <secret> -binary body.json | base64`.
    """

    header: str
    prefix: str
    digest: str
    encoding: str

    def sign(self, body: bytes, secret: str) -> str:
        made = hmac.digest(secret.encode(), body, self.digest)
        return self.prefix + ENCODERS[self.encoding](made)

    def matching(self, body: bytes, given: str, secrets: Sequence[str]) -> int:
        """Which of the live secrets signed it. Raises BadSignature when none did."""
        if not body:
            raise BadSignature("the body is empty")
        found = _place(given, secrets, lambda secret: self.sign(body, secret))
        if found is None:
            raise BadSignature("the body and its signature disagree")
        return found


@dataclass(frozen=True)
class DescribedSignature:
    """A signature whose kind its sender does not document: fields of the provider's secret tell it.

    `header` is needed; the others are base64, sha256 and nothing where they are not there.
    """

    header: str
    encoding: str
    digest: str
    prefix: str

    @property
    def fields(self) -> tuple[str, ...]:
        return self.header, self.encoding, self.digest, self.prefix

    def scheme(self, values: Mapping[str, str]) -> Signature | None:
        """None while nobody has described it. Raises MissingSetting for what there is not."""
        header = values.get(self.header)
        if not header:
            return None
        if not _HEADER.fullmatch(header):
            raise MissingSetting(f"the field {self.header} is not the name of a header")
        digest = _one_of(DIGESTS, self.digest, values.get(self.digest) or "sha256")
        encoding = _one_of(ENCODERS, self.encoding, values.get(self.encoding) or "base64")
        return Signature(header.lower(), values.get(self.prefix, ""), digest, encoding)


@dataclass(frozen=True)
class StaticKey:
    """A key in a header as it is, like `APIKEY <key>`. It shows who calls, and nothing of the body.

    To be told apart from a signature in the same header is up to their prefixes.
    """

    header: str
    prefix: str

    def matching(self, body: bytes, given: str, secrets: Sequence[str]) -> int:
        """Which of the live secrets it is. Raises BadSignature when it is none of them."""
        found = _place(given, secrets, lambda secret: self.prefix + secret)
        if found is None:
            raise BadSignature("the key is none of ours")
        return found


@dataclass(frozen=True)
class AnyOf:
    """Several proofs in one header, of which one is enough."""

    proofs: tuple[Signature | StaticKey, ...]

    @property
    def header(self) -> str:
        return self.proofs[0].header

    def matching(self, body: bytes, given: str, secrets: Sequence[str]) -> int:
        """Which of the live secrets one of them shows. Raises BadSignature when none does.

        All are tried, so that the time it takes does not tell which one it was.
        """
        found = [one for proof in self.proofs for one in _shown(proof, body, given, secrets)]
        if not found:
            raise BadSignature("neither a signature nor a key of ours")
        return found[0]


SignedBy: TypeAlias = Signature | StaticKey | AnyOf


@dataclass(frozen=True)
class ChosenProof:
    """Proofs of which a field of the provider's secret names one, or all of them by `every`.

    Where it says nothing, all of them count. There is no choosing none.
    """

    field: str
    proofs: Mapping[str, Signature | StaticKey] = dataclasses.field(hash=False)
    every: str

    def scheme(self, values: Mapping[str, str]) -> AnyOf:
        """Raises MissingSetting for what there is not."""
        chosen = _one_of((*self.proofs, self.every), self.field, values.get(self.field, self.every))
        named = [proof for name, proof in self.proofs.items() if chosen in (name, self.every)]
        return AnyOf(tuple(named))


@dataclass(frozen=True)
class PathToken:
    """A secret in the place of `{token}` in the path: who knows the address may call."""

    def matching(self, given: str, secrets: Sequence[str]) -> int:
        """Which of the live secrets it is. Raises NotAuthentic when it is none of them."""
        found = _place(given, secrets, lambda secret: secret)
        if found is None:
            raise NotAuthentic("the path holds no token of ours")
        return found

    @staticmethod
    def is_usable(secret: str) -> bool:
        """In a path it is sent as it is, and nobody spells it otherwise."""
        return bool(_IN_A_PATH.fullmatch(secret))


@dataclass(frozen=True)
class Capability:
    """A token of 256 bits in the place of `{token}` in the path, made for one answer and one use.

    Whoever we gave the address may call it, until it expires; capabilities.py looks after them.
    """


Proof: TypeAlias = Signature | StaticKey | DescribedSignature | ChosenProof | PathToken | Capability


@dataclass(frozen=True)
class Webhook:
    """`POST /webhooks/<provider>/<name>`, or what `path` has behind `/webhooks/`.

    What arrives is kept as the raw dataset `name`, unless `kept_as` names that of another one.
    `secret` is the field of the provider's secret with the key or the token; while it rotates, the
    one before is in `<secret>_previous`. `answer` is JSON: the body that this sender takes for
    success, beside 200. `is_issued` says that the secret is a key which the provider gives out, so
    that we can't make another one.
    """

    name: str
    proof: Proof
    secret: str
    answer: str = ""
    largest_bytes: int = 5_000_000
    path: str = ""
    kept_as: str = ""
    is_issued: bool = False

    @property
    def previous_secret(self) -> str:
        return f"{self.secret}_previous"

    @property
    def dataset(self) -> str:
        return self.kept_as or self.name

    @property
    def has_token(self) -> bool:
        return isinstance(self.proof, PathToken)

    def route(self, provider: str) -> str:
        """The path that its provider calls; a token in it is spelt `{token}`."""
        return f"/webhooks/{self.path or f'{provider}/{self.name}'}"


def _place(given: str, secrets: Iterable[str], made: Callable[[str], str]) -> int | None:
    """Which of the secrets makes what is given.

    All are compared, each in constant time: how long it takes tells at most how many there are. An
    empty one is none.
    """
    offered = given.encode(errors="surrogatepass")
    found: int | None = None
    for place, secret in enumerate(secrets):
        if secret:
            is_it = hmac.compare_digest(made(secret).encode(), offered)
            found = place if is_it and found is None else found
    return found


def _shown(
    proof: Signature | StaticKey, body: bytes, given: str, secrets: Sequence[str]
) -> list[int]:
    try:
        return [proof.matching(body, given, secrets)]
    except BadSignature:
        return []


def _one_of(known: Iterable[str], field: str, given: str) -> str:
    if given.lower() not in known:
        raise MissingSetting(f"the field {field} is none of {', '.join(known)}")
    return given.lower()
