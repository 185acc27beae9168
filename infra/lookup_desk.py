"""Where somebody names one thing that a provider knows, to have it in the lake."""

from constructs import Construct

from infra.desks import ProviderDesk
from infra.flow import Site
from infra.http_api import HttpApi
from telematics.catalog import Provider


class LookupDesk(ProviderDesk):
    """`POST /v1/lookups/<provider>`: whom it is about, and what, is in the body."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, api: HttpApi, site: Site
    ) -> None:
        super().__init__(scope, id, provider=provider, api=api, site=site)
        self.look_up = self._function("look_up", self._reaching | self._raw)
        api.serve(f"POST /v1/lookups/{provider.name}", by=self.look_up)
