"""Where people are registered, linked, blocked, unblocked, erased and looked up."""

import json

from constructs import Construct

from infra.desks import Desk
from infra.flow import Site
from infra.http_api import HttpApi
from infra.providers import ProviderAccess

USER = "/v1/users/{user_id}"


class UserDesk(Desk):
    """One function: each of its calls is a few reads and one transaction, and one may follow."""

    def __init__(self, scope: Construct, id: str, *, api: HttpApi, site: Site) -> None:
        super().__init__(scope, id, api=api, site=site)
        told = {one: where for one, where in site.access.items() if one.users.registers}
        self.manage = self._function(
            "manage_users",
            {
                "REACHABLE": json.dumps({one.name: _place(where) for one, where in told.items()}),
                "TASKS_TABLE": site.storage.tasks.table_name,
                "BUS_NAME": site.bus.bus.event_bus_name,
            },
        )
        self.reached = list(told)
        api.serve(
            "POST /v1/users",
            "GET /v1/users",
            f"GET {USER}",
            f"DELETE {USER}",
            f"POST {USER}/block",
            f"POST {USER}/unblock",
            f"POST {USER}/export",
            f"PUT {USER}/links/{{provider}}",
            f"DELETE {USER}/links/{{provider}}",
            f"GET {USER}/access-log",
            by=self.manage,
        )


def _place(access: ProviderAccess) -> dict[str, str]:
    return {"base_url": access.base_url, "secret_arn": access.secret_arn}
