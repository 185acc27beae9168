"""What the desks of the private API share: functions that answer while somebody waits."""

from collections.abc import Mapping

from aws_cdk import Duration
from constructs import Construct

from infra.flow import Site
from infra.function import TelematicsFunction
from infra.http_api import HttpApi
from infra.identity import camel_case
from telematics.catalog import Provider

ANSWERED_WITHIN = Duration.seconds(29)  # API Gateway waits for 30


class Desk(Construct):
    """Some calls of the private API."""

    def __init__(self, scope: Construct, id: str, *, api: HttpApi, site: Site) -> None:
        super().__init__(scope, id)
        self._api = api
        self._site = site

    def _function(self, verb: str, environment: Mapping[str, str]) -> TelematicsFunction:
        return TelematicsFunction(
            self,
            camel_case(verb),
            verb=verb,
            shared=self._site.functions,
            timeout=ANSWERED_WITHIN,
            memory_mb=512,
            environment=environment,
        )


class ProviderDesk(Desk):
    """Calls about one provider."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, api: HttpApi, site: Site
    ) -> None:
        super().__init__(scope, id, api=api, site=site)
        access, storage = site.access[provider], site.storage
        self._provider = provider
        self._asking = {"PROVIDER": provider.name}
        self._reaching = {  # what a function has to know that asks the provider
            **self._asking,
            "PROVIDER_BASE_URL": access.base_url,
            "SECRET_ARN": access.secret_arn,
        }
        self._tasks = {"TASKS_TABLE": storage.tasks.table_name}
        self._raw = {"RAW_BUCKET": storage.raw.bucket_name}
        self._told = {"BUS_NAME": site.bus.bus.event_bus_name}
