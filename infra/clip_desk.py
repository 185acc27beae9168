"""Where people and systems ask for clips, and look how far they are."""

from constructs import Construct

from infra.desks import ProviderDesk
from infra.flow import Site
from infra.http_api import HttpApi
from telematics.catalog import Provider


class ClipDesk(ProviderDesk):
    """`POST /v1/clips` and `GET /v1/clips/{clip_id}`; what is asked for is told on the bus."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, api: HttpApi, site: Site
    ) -> None:
        super().__init__(scope, id, provider=provider, api=api, site=site)
        tasks = self._asking | self._tasks
        self.request = self._function("request_clip", tasks | self._told)
        self.show = self._function("show_clip", tasks)
        api.serve("POST /v1/clips", by=self.request)
        api.serve("GET /v1/clips/{clip_id}", by=self.show)
