"""The private API of the access desk: every call is signed for IAM."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from constructs import Construct

from infra.clip_desk import ClipDesk
from infra.collision_desk import CollisionDesk
from infra.desks import Desk, ProviderDesk
from infra.discard_desk import DiscardDesk
from infra.flow import Site
from infra.function import TelematicsFunction
from infra.http_api import HttpApi
from infra.label_desk import LabelDesk
from infra.lookup_desk import LookupDesk
from infra.monitoring import Advice
from infra.user_desk import UserDesk
from telematics.catalog import Provider

CALLS_PER_SECOND = 20
D = TypeVar("D", bound=ProviderDesk)


class PrivateApi(Construct):
    """`/v1/users` and, of the providers that have them, clips, collisions, labels and more."""

    def __init__(self, scope: Construct, id: str, *, site: Site) -> None:
        super().__init__(scope, id)
        self._site = site
        self.api = HttpApi(
            self,
            "PrivateApi",
            description="The access desk, for callers that IAM lets in.",
            calls_per_second=CALLS_PER_SECOND,
            alarms=site.functions.alarms,
            failing=Advice(
                because="A call of the access desk failed, through us or through a provider.",
                do="Read the log of its API for the route.",
                section="failed-calls",
            ),
            authorizer=authorizers.HttpIamAuthorizer(),
        )
        self.describe = DescribeDesk(self, "DescribeDesk", api=self.api, site=site).describe
        self.users = UserDesk(self, "UserDesk", api=self.api, site=site)
        self.labels = self._desks(LabelDesk, lambda one: one.labels_trips)
        self.lookups = self._desks(LookupDesk, lambda one: bool(one.lookups))
        self.discards = self._desks(DiscardDesk, lambda one: one.discards)
        self.clips = self._desks(ClipDesk, lambda one: one.clips)
        self.collisions = self._desks(CollisionDesk, lambda one: one.collisions)
        for desks, called in ((self.clips, "/v1/clips"), (self.collisions, "/v1/collisions")):
            must_be_one(desks, called=called)

    @property
    def outputs(self) -> dict[str, str]:
        return {"ApiId": self.api.api_id, "ApiUrl": self.api.api_endpoint}

    def _desks(self, kind: type[D], has_it: Callable[[Provider], bool]) -> Mapping[Provider, D]:
        return {
            one: kind(self, f"{kind.__name__}{one.id}", provider=one, api=self.api, site=self._site)
            for one in self._site.access
            if has_it(one)
        }


class DescribeDesk(Desk):
    """`GET /v1/openapi.json`."""

    def __init__(self, scope: Construct, id: str, *, api: HttpApi, site: Site) -> None:
        super().__init__(scope, id, api=api, site=site)
        self.describe: TelematicsFunction = self._function("describe_api", {})
        api.serve("GET /v1/openapi.json", by=self.describe)


def must_be_one(providers: Iterable[Provider], *, called: str) -> None:
    """A call that names no provider can only be meant for one."""
    names = [one.name for one in providers]
    if len(names) > 1:
        raise ValueError(f"{called} names no provider, and there are several: {', '.join(names)}")
