"""Where our APIs answer: on AWS as CloudFormation tells, in the sandbox at the emulator's port."""

from urllib.parse import urlsplit

from telematics.catalog import Provider
from telematics.schemes import TOKEN
from telematics.settings import Settings


def served(url: str, endpoint: str | None) -> str:
    """`url` is that of an API, or of a call of it; an emulator serves it under its own address."""
    if endpoint is None:
        return url
    parts = urlsplit(url)
    api, _, _ = parts.netloc.partition(".")
    return f"{endpoint.rstrip('/')}/_aws/execute-api/{api}/$default{parts.path}"


def callback_url(here: Settings, provider: Provider, token: str) -> str:
    """Where a provider posts its answer; who knows it may answer."""
    base = here.public_url or served(here.webhook_api_url, here.endpoint_url)
    return base.rstrip("/") + provider.called_back.route(provider.name).replace(TOKEN, token)
