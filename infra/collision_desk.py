"""Where people and systems ask for the details of collisions, and look whether they came."""

from constructs import Construct

from infra.desks import ProviderDesk
from infra.flow import Site
from infra.http_api import HttpApi
from telematics.catalog import Provider


class CollisionDesk(ProviderDesk):
    """`POST /v1/collisions` and `GET /v1/collisions/{collision_id}`."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, api: HttpApi, site: Site
    ) -> None:
        super().__init__(scope, id, provider=provider, api=api, site=site)
        tasks = self._asking | self._tasks
        self.request = self._function("request_collision", tasks | self._told)
        self.show = self._function("show_collision", tasks)
        api.serve("POST /v1/collisions", by=self.request)
        api.serve("GET /v1/collisions/{collision_id}", by=self.show)
