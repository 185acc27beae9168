"""`telematics configure`: a provider's keys, checked against the provider, into Secrets Manager."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import console, target
from infra.cli.exits import BadInput
from infra.cli.options import JsonOption, SandboxOption, examples

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.secrets import Fields

EXAMPLES = examples(
    "configure sentiance --file secret.json",
    "configure sentiance --file - < secret.json",
    "configure sentiance --file secret.json --no-check",
)


def configure(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="Whose keys: sentiance.")],
    file: Annotated[
        str, typer.Option(metavar="FILE|-", help="The secret as JSON; - for standard input.")
    ],
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Try the keys before they are stored.")
    ] = True,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Store a provider's keys, once the provider has shown that it accepts them.

    Sentiance: a JSON object with read_key and url_key, and maybe user_delete_key and base_url.
    """
    whose = _provider(provider)
    fields = validated(_read(file), whose)
    deployment = target.find(sandbox)
    seen: list[str] = []
    if check and whose.fetches_offloads:
        from infra.cli import trial

        address = deployment.parameters.get(f"{whose.id}BaseUrl", whose.base_url)
        seen = trial.run(whose.name, fields, base_url=address)
    deployment.secrets.put_secret_value(
        SecretId=deployment.output(f"{whose.id}Secret"),
        SecretString=json.dumps({name: one.get_secret_value() for name, one in fields.items()}),
    )
    if as_json:
        console.write_json({"provider": whose.name, "fields": list(fields), "checked": seen})
        return
    for one in seen:
        typer.echo(f"checked: {one}")
    typer.echo(f"{whose.title} is configured: {', '.join(fields)}")


def _provider(name: str) -> "Provider":
    from telematics.catalog import PROVIDERS

    if name not in PROVIDERS:
        raise BadInput(f"there is no provider {name!r}: choose one of {', '.join(PROVIDERS)}")
    return PROVIDERS[name]


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"--file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"--file {file} is not a text file") from error


def validated(text: str, provider: "Provider") -> "Fields":
    """The secret's fields. What is wrong is told by names and places, never by a value."""
    from telematics.errors import MissingSetting
    from telematics.secrets import checked

    values = _object(text, provider)
    if unknown := values.keys() - {*provider.required, *provider.optional}:
        raise _wrong(f"has unknown fields ({', '.join(sorted(unknown))})", provider)
    if missing := [name for name in provider.required if not values.get(name)]:
        raise _wrong(f"lacks {', '.join(missing)}", provider)
    if odd := [name for name, value in values.items() if not isinstance(value, str | None)]:
        raise _wrong(f"has a value that is no text ({', '.join(odd)})", provider)
    try:
        return checked(values, provider)
    except MissingSetting:
        raise _wrong("has a value with blanks or signs that no key has", provider) from None


def _object(text: str, provider: "Provider") -> dict[str, object]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        # Its own text is safe, but the exception carries the whole document.
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _wrong(f"is not JSON ({place})", provider) from None
    if not isinstance(values, dict):
        raise _wrong("is not a JSON object", provider)
    return values


def _wrong(what: str, provider: "Provider") -> BadInput:
    fields = ", ".join((*provider.required, *(f"{one}?" for one in provider.optional)))
    return BadInput(f"the secret {what}; {provider.title}'s is a JSON object with {fields}")
