"""`telematics webhook`: where providers call us, and the secrets that they sign with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from infra.cli import console, keys, rotation, secret_file, target, whose
from infra.cli.exits import BadInput, Interrupted
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.schemes import Webhook

app = typer.Typer(no_args_is_help=True, help="Where providers call us, and how they sign.")
LIST_EXAMPLES = examples("webhook list", "webhook list --json", "webhook list --tokens")
ROTATE_EXAMPLES = examples(
    "webhook rotate move",
    "webhook rotate move --webhook timeline",
    "webhook rotate move --webhook timeline --file - < new-secret.txt",
    "webhook rotate move --retire",
)


@app.callback()
def webhook() -> None:
    """Where providers call us, and the secrets that they sign with."""


@app.command("list", epilog=LIST_EXAMPLES)
def list_(
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Show the secrets that addresses hold.")
    ] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """List every webhook and the URL to paste into its provider's dashboard."""
    from telematics.schemes import TOKEN

    deployment = target.find(sandbox)
    urls = keys.callable_urls(deployment) if tokens else deployment.webhook_urls()
    if as_json:
        console.write_json([{"name": name, "url": url} for name, url in urls.items()])
        return
    table = console.table("webhook", "url")
    for name, url in urls.items():
        table.add_row(escape(name), escape(url))
    console.out().print(table)
    if any(TOKEN in url for url in urls.values()):
        console.remark(f"{TOKEN} stands for a secret: telematics webhook list --tokens shows it")


@app.command("rotate", epilog=ROTATE_EXAMPLES)
def rotate(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="Who calls: move, dashcam.")],
    name: Annotated[
        str | None,
        typer.Option(
            "--webhook", metavar="NAME", show_default=False, help="Only this one, like timeline."
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-",
            show_default=False,
            help="The new secret, not a random one; - is stdin.",
        ),
    ] = None,
    retire: Annotated[
        bool, typer.Option("--retire", help="Accept only the current secret from now on.")
    ] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Give webhooks new secrets without losing a delivery.

    First rotate: the new secret is shown, once, and accepted beside the one before.

    Then paste it into the provider's dashboard.

    When the provider signs with it, run this again with --retire.
    """
    of = whose.with_webhooks(provider)
    webhooks = _chosen(of, name)
    if retire and file is not None:
        raise BadInput("--retire takes no new secret: leave --file out")
    if file is not None and len(webhooks) > 1:
        names = " or ".join(one.name for one in webhooks)
        raise BadInput(f"--file holds one secret: say of which webhook, --webhook {names}")
    given = _given(file, webhooks) if file is not None else None
    deployment = target.find(sandbox)
    if retire:
        _retire(deployment, of, webhooks, as_json=as_json)
    else:
        if name is None:
            webhooks = _in_use(deployment, of)
        if given is None:
            _refuse_if_issued(of, webhooks)
        fresh = {one: given or rotation.fresh() for one in webhooks}
        _rotate(deployment, of, fresh, is_given=given is not None, as_json=as_json)


def _chosen(provider: "Provider", name: str | None) -> Sequence["Webhook"]:
    found = [one for one in provider.webhooks if name in (None, one.name)]
    if not found:
        known = ", ".join(one.name for one in provider.webhooks)
        raise BadInput(f"{provider.title} has no webhook {name!r}: choose one of {known}")
    return found


def _in_use(deployment: Deployment, provider: "Provider") -> Sequence["Webhook"]:
    """All but those that need not be configured, and are not."""
    from telematics.secrets import not_configured

    values = keys.stored(deployment, provider)
    needed = {*provider.required, *(name for name, value in values.items() if value)}
    found = [one for one in provider.webhooks if one.secret in needed]
    if not found:
        raise not_configured(provider, "its secret has nothing of its webhooks")
    return found


def _refuse_if_issued(provider: "Provider", webhooks: Sequence["Webhook"]) -> None:
    """A key that we make up ourselves would be none of theirs."""
    if any(one.is_issued for one in webhooks):
        raise BadInput(
            f"{provider.title} gives out the key that it signs with: have it give you another one,"
            " and hand that in with --file"
        )


def _given(file: str, webhooks: Sequence["Webhook"]) -> str:
    from telematics.schemes import PathToken

    secret = secret_file.read(file).strip()
    if not secret:
        raise BadInput("the new secret is empty")
    if not secret.isprintable():
        raise BadInput("the new secret has more than one line, or signs that can't be printed")
    if any(one.has_token for one in webhooks) and not PathToken.is_usable(secret):
        raise BadInput("the new secret is a part of a URL: take letters, digits and -._~ only")
    secret_file.warn_if_short("the new secret", secret)
    return secret


def _rotate(
    deployment: Deployment,
    provider: "Provider",
    secrets: Mapping["Webhook", str],
    *,
    is_given: bool,
    as_json: bool,
) -> None:
    changed = rotation.rotated(keys.stored(deployment, provider), provider, secrets)
    urls = keys.webhook_urls(deployment, provider, None if is_given else changed)
    keys.store(deployment, provider, changed)
    shown = {one.name: None if is_given else secret for one, secret in secrets.items()}
    try:
        rotation.wait_for_receivers()
    except KeyboardInterrupt as error:
        _show_rotated(provider, shown, urls, as_json=as_json)  # they can be read nowhere else
        raise Interrupted(
            "rotated all the same; for some seconds there may be functions that do not know it"
        ) from error
    _show_rotated(provider, shown, urls, as_json=as_json)


def _show_rotated(
    provider: "Provider",
    secrets: Mapping[str, str | None],
    urls: Mapping[str, str],
    *,
    as_json: bool,
) -> None:
    rows = [
        {"name": (name := f"{provider.name}/{one}"), "url": urls.get(name), "secret": secret}
        for one, secret in secrets.items()
    ]
    if as_json:
        console.write_json({"provider": provider.name, "rotated": rows})
        return
    for row in rows:
        typer.echo(f"{row['name']}  {row['url'] or ''}")
        typer.echo(f"  new secret: {row['secret'] or 'the one of the file'}")
    typer.echo(
        f"Paste into {provider.title}'s dashboard; the secret before is accepted until it retires."
    )
    only = f" --webhook {next(iter(secrets))}" if len(secrets) < len(provider.webhooks) else ""
    console.remark(
        f"when {provider.title} signs with it: telematics webhook rotate {provider.name}{only}"
        " --retire"
    )


def _retire(
    deployment: Deployment, provider: "Provider", webhooks: Sequence["Webhook"], *, as_json: bool
) -> None:
    remaining, ended = rotation.retired(keys.stored(deployment, provider), webhooks)
    names = [f"{provider.name}/{one.name}" for one in ended]
    if ended:
        keys.store(deployment, provider, remaining)
        rotation.wait_for_receivers()
    if as_json:
        console.write_json({"provider": provider.name, "retired": names})
    elif not ended:
        typer.echo("nothing to retire: no secret before the current one is live")
    else:
        typer.echo(f"{' and '.join(names)}: only the current secret is accepted from now on")
