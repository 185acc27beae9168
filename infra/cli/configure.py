"""`telematics configure`: a provider's keys, checked against the provider, into Secrets Manager."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import console, keys, rotation, secret_file, target, whose
from infra.cli.options import JsonOption, SandboxOption, examples

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.secrets import Fields

EXAMPLES = examples(
    "configure sentiance --file secret.json",
    "configure move --file secret.json",
    "configure move --file - < secret.json",
    "configure move --file secret.json --no-check",
)


def configure(
    provider: Annotated[
        str, typer.Argument(metavar="PROVIDER", help="Whose keys: sentiance or move.")
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
    """Store a provider's keys, once the provider has shown that it accepts them.

    The secret is a JSON object.

    Of Sentiance: read_key and url_key; maybe user_delete_key and base_url.

    Of MOVE: product_id, api_key, timeline_secret and notifications_secret;
    maybe base_url, api_version, batch_shape and batch_size.
    Then paste the URLs that are printed into MOVE's dashboard.
    """
    of = whose.any_provider(provider)
    fields = secret_file.validated(secret_file.read(file), of)
    deployment = target.find(sandbox)
    seen: list[str] = []
    if check:
        from infra.cli import trial

        address = deployment.parameters.get(f"{of.id}BaseUrl", of.base_url)
        seen = trial.run(of, fields, base_url=address)
    rotating = keys.rotating(deployment, of)
    keys.store(deployment, of, {name: one.get_secret_value() for name, one in fields.items()})
    if of.webhooks:
        rotation.wait_for_receivers()
    _warn(of, fields, rotating)
    _report(of, list(fields), seen, urls=keys.webhook_urls(deployment, of), as_json=as_json)


def _warn(provider: "Provider", fields: "Fields", rotating: list[str]) -> None:
    """Of secrets that are easily guessed, and of those that ended with this."""
    for webhook in provider.webhooks:
        secret_file.warn_if_short(webhook.secret, fields[webhook.secret].get_secret_value())
    if rotating:
        console.remark(
            f"{' and '.join(rotating)}: a rotation was under way, and ended with this; what is"
            " still signed with the secret before is refused from now on"
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
                typer.echo(f"  {name}  {urls[name]}  (signed with {webhook.secret})")
