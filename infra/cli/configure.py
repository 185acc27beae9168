"""`telematics configure`: a provider's keys, checked against the provider, into Secrets Manager."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import console, expiry, keys, rotation, secret_file, target, whose
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.secrets import Fields

EXAMPLES = examples(
    "configure sentiance --file secret.json",
    "configure move --file secret.json",
    "configure move --file - < secret.json",
    "configure move --file secret.json --no-check",
    "configure dashcam --file secret.json",
    "configure zendrive --file secret.json",
)


def configure(
    provider: Annotated[
        str,
        typer.Argument(metavar="PROVIDER", help="Whose keys: sentiance, move, dashcam, zendrive."),
    ],
    file: Annotated[
        str, typer.Option(metavar="FILE|-", help="The secret as JSON; - for standard input.")
    ],
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Try the keys before they are stored.")
    ] = True,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Store a provider's keys, a JSON object, once the provider has shown that it accepts them.

    Of Sentiance: read_key and url_key; maybe user_link_key, user_delete_key, user_delete and
    base_url.

    Of MOVE: product_id, api_key, timeline_secret and notifications_secret;
    maybe base_url, api_version, batch_shape and batch_size.
    Of the dashcams: api_key, email and password; maybe base_url, fleet_id, and as objects
    paths, headers, parameters and codes. The webhook's address holds webhook_secret; without one
    it stays as it is, or is made. Who knows how they sign adds webhook_signing_secret and
    webhook_header; maybe webhook_prefix, webhook_digest and webhook_encoding.

    Of Zendrive: api_key; maybe base_url, and notifications_auth if only one way of signing is to
    be taken: signature or api_key. Zendrive has no call to check a key: a trip that nobody made is
    read, and any answer but 401 or 403 about it shows that the key is taken.

    Any may say, as keys_expire_on, the day on which its keys expire, like 2027-01-31: you are told
    a month before. Of Sentiance it is a year from today unless you say so.

    Then paste the URLs that are printed into the provider's dashboard.
    """
    of = whose.any_provider(provider)
    today = datetime.now(UTC).date()
    text, told = expiry.parted(secret_file.read(file), today=today)
    fields = secret_file.validated(text, of)
    deployment = target.find(sandbox)
    seen = _tried(deployment, of, fields) if check else []
    rotating = keys.rotating(deployment, of)
    given = {name: one.get_secret_value() for name, one in fields.items()}
    values = {**given, **_tokens(deployment, of, given)}
    keys.store(deployment, of, values)
    expires = expiry.known(of, told, today=today)
    expiry.note(deployment, of, expires)
    if of.webhooks:
        rotation.wait_for_receivers()
    _warn(of, given, rotating)
    urls = keys.webhook_urls(deployment, of, values)
    _report(of, list(values), seen, urls=urls, as_json=as_json)
    if expires and not as_json:
        typer.echo(f"its keys are taken to expire on {expires}: you are told 30 days before")


def _tried(deployment: Deployment, provider: "Provider", fields: "Fields") -> list[str]:
    """What the provider has shown of these keys."""
    from infra.cli import trial

    address = deployment.parameters.get(f"{provider.id}BaseUrl", provider.base_url)
    return trial.run(provider, fields, base_url=address)


def _tokens(
    deployment: Deployment, provider: "Provider", given: Mapping[str, str]
) -> dict[str, str]:
    """Those of webhooks' addresses that nobody has given: as they are, so that these stay good."""
    missing = [one.secret for one in provider.webhooks if one.has_token and one.secret not in given]
    there = keys.tokens(deployment, provider) if missing else {}
    for name in missing:
        console.remark(f"{name} stays as it is" if name in there else f"{name} is a new one")
    return {name: there.get(name) or rotation.fresh() for name in missing}


def _warn(provider: "Provider", given: Mapping[str, str], rotating: list[str]) -> None:
    """Of secrets that are easily guessed, and of those that ended with this."""
    for webhook in provider.webhooks:
        if webhook.secret in given:
            secret_file.warn_if_short(webhook.secret, given[webhook.secret])
    if rotating:
        console.remark(
            f"{' and '.join(rotating)}: a rotation was under way, and ended with this; what still"
            " comes with the secret before is refused from now on"
        )


def _report(
    provider: "Provider", names: list[str], seen: list[str], *, urls: dict[str, str], as_json: bool
) -> None:
    if as_json:
        console.write_json(
            {"provider": provider.name, "fields": names, "checked": seen, "webhooks": urls}
        )
        return
    for one in seen:
        typer.echo(f"checked: {one}")
    typer.echo(f"{provider.title} is configured: {', '.join(names)}")
    if urls:
        typer.echo(f"Paste into {provider.title}'s dashboard, each with its secret:")
        for webhook in provider.webhooks:
            name = f"{provider.name}/{webhook.name}"
            if name in urls:
                how = "it holds" if webhook.has_token else "signed with"
                typer.echo(f"  {name}  {urls[name]}  ({how} {webhook.secret})")
