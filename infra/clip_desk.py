"""Where people and systems ask for clips, and look how far they are."""

from collections.abc import Mapping

from aws_cdk import Duration
from constructs import Construct

from infra.bus import Bus
from infra.function import Functions, TelematicsFunction
from infra.http_api import HttpApi
from infra.storage import Storage
from telematics.catalog import Provider


class ClipDesk(Construct):
    """`POST /v1/clips` and `GET /v1/clips/{clip_id}`; what is asked for is told on the bus."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        api: HttpApi,
        timeout: Duration,
        functions: Functions,
        storage: Storage,
        bus: Bus,
    ) -> None:
        super().__init__(scope, id)
        self._functions = functions
        self._timeout = timeout
        tasks = {"PROVIDER": provider.name, "TASKS_TABLE": storage.tasks.table_name}
        told = {"BUS_NAME": bus.bus.event_bus_name}
        self.request = self._function("RequestClip", "request_clip", tasks | told)
        self.show = self._function("ShowClip", "show_clip", tasks)
        api.serve("POST /v1/clips", by=self.request)
        api.serve("GET /v1/clips/{clip_id}", by=self.show)

    def _function(self, id: str, verb: str, environment: Mapping[str, str]) -> TelematicsFunction:
        return TelematicsFunction(
            self,
            id,
            verb=verb,
            shared=self._functions,
            timeout=self._timeout,
            memory_mb=512,
            environment=environment,
            rings=False,  # a call that fails does
        )
