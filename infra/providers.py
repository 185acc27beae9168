"""What we need to reach a provider: where it answers, and our keys for it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from aws_cdk import CfnParameter, RemovalPolicy, SecretValue
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.identity import pin
from telematics.catalog import Provider

ANY_BUCKET = "*.amazonaws.com"  # where providers on AWS keep files


class ProviderAccess(Construct):
    """A provider's address, and the secret into which `telematics configure` puts its keys."""

    def __init__(self, scope: Construct, id: str, *, provider: Provider) -> None:
        super().__init__(scope, id)
        address = CfnParameter(
            self,
            "BaseUrl",
            default=provider.base_url,
            allowed_pattern="https?://.+",
            description=f"Where {provider.title} answers.",
        )
        address.override_logical_id(f"{provider.id}BaseUrl")
        self.base_url = address.value_as_string
        # Empty until configured, and never changed by a later deployment. Deleted with the stack:
        # keys without their stack are a risk, and one command sets them again.
        secret = secretsmanager.Secret(
            self,
            "Keys",
            secret_name=f"telematics/{provider.name}",
            description=f"Keys for {provider.title}: {', '.join(provider.required)}.",
            secret_string_value=SecretValue.unsafe_plain_text("{}"),
            removal_policy=RemovalPolicy.DESTROY,
        )
        pin(secret, f"{provider.id}Keys")
        self.secret_arn = secret.secret_arn
        self.media = self._media(provider) if provider.clips or provider.syncs else {}

    def _media(self, provider: Provider) -> Mapping[str, str]:
        """Which files are fetched, and from where, as their environment tells functions."""
        hosts = CfnParameter(
            self,
            "MediaHosts",
            default=f"{urlsplit(provider.base_url).netloc},{ANY_BUCKET}",
            description=f"Hosts to which {provider.title}'s links to files may lead.",
        )
        hosts.override_logical_id(f"{provider.id}MediaHosts")
        insecure = CfnParameter(
            self,
            "MediaInsecure",
            default="",
            description="The same without encryption, as host:port; only for simulators.",
        )
        insecure.override_logical_id(f"{provider.id}MediaInsecure")
        severity = CfnParameter(
            self,
            "MediaSeverity",
            default="2",
            allowed_pattern="[0-9]",
            description="From which severity on the files of an event are stored.",
        )
        severity.override_logical_id(f"{provider.id}MediaSeverity")
        return {
            "MEDIA_HOSTS": hosts.value_as_string,
            "MEDIA_INSECURE": insecure.value_as_string,
            "MEDIA_SEVERITY": severity.value_as_string,
        }
