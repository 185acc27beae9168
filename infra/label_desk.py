"""Where people say what a trip really was."""

from constructs import Construct

from infra.desks import ProviderDesk
from infra.flow import Site
from infra.http_api import HttpApi
from telematics.catalog import Provider


class LabelDesk(ProviderDesk):
    """`PATCH /v1/trips/<provider>/{trip_id}/label`."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, api: HttpApi, site: Site
    ) -> None:
        super().__init__(scope, id, provider=provider, api=api, site=site)
        self.label = self._function("label_trip", self._reaching | self._raw)
        api.serve(f"PATCH /v1/trips/{provider.name}/{{trip_id}}/label", by=self.label)
