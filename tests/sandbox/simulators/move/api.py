"""The API in both versions: the timeline, labels, and registering, blocking and deleting users.

Where the reference is silent: a batch that names a blocked user is 403 as a whole, unknown items
are absent from a batch's answer, and a path's whole seconds find a start with a fraction.
"""

import base64
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.move import SECRET, answers
from tests.sandbox.simulators.move.answers import Cut, Refused
from tests.sandbox.simulators.move.asked import Asked, seconds, whole
from tests.sandbox.simulators.move.faults import Faults
from tests.sandbox.simulators.move.features import (
    UNKNOWN_FEATURE,
    V1_5,
    V20,
    Json,
    Version,
    described,
)
from tests.sandbox.simulators.move.points import points
from tests.sandbox.simulators.move.timeline import KINDS, WITH_POINTS, Item, Timeline
from tests.sandbox.simulators.sentiance.patience import wait

LIMIT, MOST_LISTED = 10, 10_000
_KEY = base64.b64encode(f"{SECRET['product_id']}:{SECRET['api_key']}".encode())


class Api:
    """Who may ask, and how it is answered."""

    def __init__(self, timeline: Timeline, faults: Faults) -> None:
        self._timeline = timeline
        self._faults = faults
        self.routes = [
            *self._timeline_routes("/timeline/v1_5", V1_5),
            *self._timeline_routes("/v20/timeline", V20),
            self._route("POST", "/sdk-auth/v1_5/jwt/registeruser", "register", V1_5, self.register),
            self._route("POST", "/sdk-auth/v1_5/deleteuser", "delete", V1_5, self.delete),
            self._route("POST", "/access/v1_5/block", "block", V1_5, self.block),
            self._route("POST", "/v20/user", "register", V20, self.register),
            self._route("DELETE", "/v20/user", "delete", V20, self.delete),
            self._route("POST", "/v20/access/block", "block", V20, self.block),
        ]

    def _timeline_routes(self, base: str, version: Version) -> Iterator[Route]:
        yield self._route("GET", base, "list", version, self.listed)
        yield self._route("POST", f"{base}/batch", "batch", version, self.batch)
        yield self._route("GET", f"{base}/{{start}}", "item", version, self.item)
        yield self._route("GET", f"{base}/{{start}}/points", "points", version, self.points)
        path = f"{base}/label/{{start}}/{{label}}"
        yield self._route("PATCH", path, "label", version, self.label)

    def _route(
        self, method: str, path: str, at: str, version: Version, answer: Callable[[Asked], object]
    ) -> Route:
        async def respond(request: Request) -> Response:
            try:
                content = await request.body()
                self._refuse(request, at)
                if fault := self._faults.strike("slow", at):
                    await wait(request.receive, fault.seconds)
                asked = Asked(at, version, request.query_params, request.path_params, content)
                response = answers.json(answer(asked))
            except Refused as refused:
                return refused.response
            if self._faults.strike("cut", at):
                return Cut(response.body, media_type="application/json")
            return response

        return Route(path, respond, methods=[method])

    def _refuse(self, request: Request, at: str) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or not hmac.compare_digest(key.encode(), _KEY):
            raise Refused(401, "the product or its key is unknown")
        if fault := self._faults.strike("busy", at):
            pause = f"{fault.seconds:g}"
            raise Refused(fault.status or 429, "too many requests", Retry_After=pause)
        if fault := self._faults.strike("error", at):
            raise Refused(fault.status or 500, "something went wrong")

    def listed(self, asked: Asked) -> object:
        contract = self._admitted(asked.contract, asked.at)
        limit = whole(asked.query.get("limit", LIMIT))
        if not 1 <= limit <= MOST_LISTED:
            raise Refused(400, f"limit is from 1 to {MOST_LISTED}")
        since = datetime.fromtimestamp(seconds(asked.query.get("from", 0)), UTC)
        now = int(self._timeline.now().timestamp())
        until = datetime.fromtimestamp(seconds(asked.query.get("to", now)), UTC)
        if self._faults.is_hidden(contract):
            return []
        found = self._timeline.newest_first(contract, since, until)
        return [self._told(asked, item) for item in islice(found, limit)]

    def batch(self, asked: Asked) -> object:
        keys = asked.keys()
        for contract in {contract for contract, _ in keys}:
            self._admitted(contract, asked.at)
        found = (self._find(asked.at, *key) for key in keys)
        return [self._told(asked, item) for item in found if item]

    def item(self, asked: Asked) -> object:
        return self._told(asked, self._one(asked))

    def points(self, asked: Asked) -> object:
        with_info = asked.query.get("withWayPointInfo", "false")
        if with_info not in ("true", "false"):
            raise Refused(400, "withWayPointInfo is true or false")
        item = self._one(asked)
        if self._timeline.kind(item) not in WITH_POINTS:
            raise Refused(400, "there are points of DRIVING and CYCLING only")
        trip = self._timeline.trip(item)
        return points(item, trip, asked.version, with_info=with_info == "true")

    def label(self, asked: Asked) -> object:
        label = asked.path["label"]
        if label not in KINDS:
            raise Refused(400, f"a label is one of {', '.join(KINDS)}")
        item = self._one(asked)
        self._timeline.relabel(item, label)
        return self._told(asked, item)

    def register(self, asked: Asked) -> object:
        contract, body = asked.account()
        self._admitted(contract, asked.at)
        return {
            "accessToken": identity(64, contract, "access"),
            "refreshToken": identity(64, contract, "refresh"),
            asked.version.contract: contract,
            "audience": "sandbox",
            "installationId": str(body.get("installationId", "")),
            asked.version.product: int(SECRET["product_id"]),
        }

    def delete(self, asked: Asked) -> object:
        """Also a user who is blocked; of what they did, nothing comes back."""
        contract, _ = asked.account()
        self._timeline.deleted.add(contract)
        return {}

    def block(self, asked: Asked) -> object:
        contract, body = asked.account()
        asked.check_product(body)
        if not isinstance(body.get("block"), bool):
            raise Refused(400, "block is true or false")
        (self._timeline.blocked.add if body["block"] else self._timeline.blocked.discard)(contract)
        return {}

    def _one(self, asked: Asked) -> Item:
        contract = self._admitted(asked.contract, asked.at)
        item = self._find(asked.at, contract, asked.start)
        if item is None:
            raise Refused(404, "there is no such item")
        return item

    def _find(self, at: str, contract: str, start: int) -> Item | None:
        if self._faults.strike("missing", at, contract=contract, start=start):
            return None
        return self._timeline.find(contract, start)

    def _admitted(self, contract: str, at: str) -> str:
        is_forbidden = self._faults.strike("forbidden", at, contract=contract)
        if is_forbidden or contract in self._timeline.blocked:
            raise Refused(403, "the user is blocked")
        return contract

    def _told(self, asked: Asked, item: Item) -> Json:
        timeline = self._timeline
        told = described(item, timeline.kind(item), timeline.trip(item), asked.version)
        contract, start = item.key
        if self._faults.strike("unknown_feature", asked.at, contract=contract, start=start):
            features = told["features"]
            if isinstance(features, list):
                features.append(UNKNOWN_FEATURE)
            elif isinstance(features, dict):
                features |= UNKNOWN_FEATURE
        return told
