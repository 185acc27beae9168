"""The private API of the access desk: every call is signed for IAM."""

from collections.abc import Iterable, Mapping

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from constructs import Construct

from infra.bus import Bus
from infra.clip_desk import ClipDesk
from infra.function import Functions, TelematicsFunction
from infra.http_api import HttpApi
from infra.providers import ProviderAccess
from infra.storage import Storage
from telematics.catalog import Provider

CALLS_PER_SECOND = 20
ANSWERED_WITHIN = Duration.seconds(29)  # API Gateway waits for 30


class PrivateApi(Construct):
    """`PATCH /v1/trips/<provider>/{trip_id}/label`, and where there are clips, `/v1/clips`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        access: Mapping[Provider, ProviderAccess],
        functions: Functions,
        storage: Storage,
        bus: Bus,
    ) -> None:
        super().__init__(scope, id)
        self.api = HttpApi(
            self,
            "PrivateApi",
            description="The access desk, for callers that IAM lets in.",
            calls_per_second=CALLS_PER_SECOND,
            alarms=functions.alarms,
            failing="A call of the access desk failed, through us or through a provider.",
            authorizer=authorizers.HttpIamAuthorizer(),
        )
        self.label: Mapping[Provider, TelematicsFunction] = {
            one: self._label(one, where, functions, storage)
            for one, where in access.items()
            if one.labels_trips
        }
        self.clips: Mapping[Provider, ClipDesk] = {
            one: ClipDesk(
                self,
                "ClipDesk",
                provider=one,
                api=self.api,
                timeout=ANSWERED_WITHIN,
                functions=functions,
                storage=storage,
                bus=bus,
            )
            for one in only(one for one in access if one.clips)
        }

    @property
    def outputs(self) -> dict[str, str]:
        return {"ApiId": self.api.api_id, "ApiUrl": self.api.api_endpoint}

    def _label(
        self, provider: Provider, access: ProviderAccess, functions: Functions, storage: Storage
    ) -> TelematicsFunction:
        label = TelematicsFunction(
            self,
            f"LabelTrip{provider.id}",
            verb="label_trip",
            shared=functions,
            timeout=ANSWERED_WITHIN,
            memory_mb=512,
            environment={
                "PROVIDER": provider.name,
                "PROVIDER_BASE_URL": access.base_url,
                "SECRET_ARN": access.secret_arn,
                "RAW_BUCKET": storage.raw.bucket_name,
            },
            rings=False,  # a call that fails does
        )
        self.api.serve(f"PATCH /v1/trips/{provider.name}/{{trip_id}}/label", by=label)
        return label


def only(providers: Iterable[Provider]) -> list[Provider]:
    """A call that names no provider can only be meant for one."""
    found = list(providers)
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise ValueError(f"/v1/clips names no provider, and there are several: {names}")
    return found
