"""Where people have a provider's events discarded."""

from constructs import Construct

from infra.desks import ProviderDesk
from infra.flow import Site
from infra.http_api import HttpApi
from telematics.catalog import Provider


class DiscardDesk(ProviderDesk):
    """`POST /v1/<provider>/events/{event}/discard`, which can't be undone."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, api: HttpApi, site: Site
    ) -> None:
        super().__init__(scope, id, provider=provider, api=api, site=site)
        self.discard = self._function("discard_event", self._reaching | self._tasks)
        api.serve(f"POST /v1/{provider.name}/events/{{event}}/discard", by=self.discard)
