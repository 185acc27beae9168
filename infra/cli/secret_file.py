"""A provider's secret as an operator hands it in: read, held against the catalog, never shown."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from infra.cli import console
from infra.cli.exits import BadInput

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.schemes import ChosenProof
    from telematics.secrets import Fields

SHORT = 16  # characters: fewer can be guessed by trying


def read(file: str) -> str:
    """`-` is standard input."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"--file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"--file {file} is not a text file") from error


def validated(text: str, provider: "Provider") -> "Fields":
    """The secret's fields. What is wrong is told by names and places, never by a value."""
    from telematics.errors import MissingSetting
    from telematics.secrets import as_text, checked

    values = _object(text, provider)
    if unknown := values.keys() - {*provider.required, *provider.optional}:
        raise _wrong(f"has unknown fields ({', '.join(sorted(unknown))})", provider)
    if missing := [one for one in provider.required if values.get(one) in (None, "")]:
        raise _wrong(f"lacks {', '.join(missing)}", provider)
    given = {name: value for name, value in values.items() if value not in (None, "")}
    texts = {name: as_text(name, value) for name, value in given.items()}
    if odd := [name for name, value in texts.items() if not value]:
        raise _wrong(f"has a value that is no text ({', '.join(odd)})", provider)
    if blank := [name for name, value in texts.items() if value.isspace()]:
        raise _wrong(f"has nothing but blanks in {', '.join(blank)}", provider)
    try:
        fields = checked(texts, provider)
    except MissingSetting:
        raise _wrong("has a value with blanks or signs that can't be in it", provider) from None
    _check_signing(fields, provider)
    return fields


def _check_signing(fields: "Fields", provider: "Provider") -> None:
    """How a sender signs is described with all that it takes, or not at all."""
    from telematics.errors import MissingSetting
    from telematics.schemes import ChosenProof, DescribedSignature

    texts = {name: one.get_secret_value() for name, one in fields.items()}
    for webhook in provider.webhooks:
        if isinstance(webhook.proof, ChosenProof):
            _check_choice(webhook.proof, texts, provider)
        if not isinstance(webhook.proof, DescribedSignature):
            continue
        needed = (webhook.secret, webhook.proof.header)
        begun = [one for one in (webhook.secret, *webhook.proof.fields) if one in fields]
        if begun and (missing := [one for one in needed if one not in fields]):
            raise _wrong(f"has {', '.join(begun)} but lacks {', '.join(missing)}", provider)
        try:
            webhook.proof.scheme(texts)
        except MissingSetting as error:
            raise _wrong(f"describes no signature: {error}", provider) from None


def _check_choice(proof: "ChosenProof", texts: Mapping[str, str], provider: "Provider") -> None:
    from telematics.errors import MissingSetting

    try:
        proof.scheme(texts)
    except MissingSetting as error:
        raise _wrong(f"chooses what there is not: {error}", provider) from None


def warn_if_short(field: str, secret: str) -> None:
    if len(secret) < SHORT:
        console.remark(
            f"{field} has only {len(secret)} characters: who guesses it can send what they like;"
            f" take {SHORT} or more"
        )


def _object(text: str, provider: "Provider") -> dict[str, object]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        # Its own text is safe, but the exception carries the whole document.
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _wrong(f"is not JSON ({place})", provider) from None
    except (ValueError, RecursionError):  # a number or a nesting without end
        raise _wrong("is not JSON that anybody would read", provider) from None
    if not isinstance(values, dict):
        raise _wrong("is not a JSON object", provider)
    return values


def _wrong(what: str, provider: "Provider") -> BadInput:
    fields = ", ".join((*provider.required, *(f"{one}?" for one in provider.optional)))
    return BadInput(f"the secret {what}; {provider.title}'s is a JSON object with {fields}")
