"""What we need to reach a provider: where it answers, and our keys for it."""

from aws_cdk import CfnParameter, RemovalPolicy, SecretValue
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.identity import pin
from telematics.catalog import Provider


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
