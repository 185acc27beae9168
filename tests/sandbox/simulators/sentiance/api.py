"""GraphQL over HTTP, `POST /v4/gql`, and the calls about users by REST; with a bearer key."""

from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, graphql_sync
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sandbox.simulators.sentiance import replies
from tests.sandbox.simulators.sentiance.patience import wait
from tests.sandbox.simulators.sentiance.schema import (
    DELETE_USERS,
    GENERATE_URL,
    LINK_USERS,
    READ,
    Call,
    Trouble,
)
from tests.sandbox.simulators.sentiance.settings import Settings
from tests.sandbox.simulators.sentiance.users import Users


class Asked(BaseModel):
    """The body of a request."""

    query: str
    variables: dict[str, Any] | None = None  # Any: the query says what they are
    operationName: str | None = None  # noqa: N815  # GraphQL's own spelling


class Linked(BaseModel):
    """What the customer calls the user that is to be."""

    external_id: str


class Api:
    """Who may ask, and how it is answered."""

    def __init__(self, schema: GraphQLSchema, settings: Settings, users: Users) -> None:
        self._schema = schema
        self._users = users
        self._now = settings.now
        self._keys = _scopes(
            (settings.read_key, READ),
            (settings.url_key, GENERATE_URL),
            (settings.link_key, LINK_USERS),
            (settings.delete_key, DELETE_USERS),
        )
        self.routes = [
            Route("/v4/gql", self.answer, methods=["POST"]),
            Route("/users/auth-code", self.link, methods=["POST"]),
            Route("/users/{id}", self.delete, methods=["DELETE"]),
        ]

    async def link(self, request: Request) -> Response:
        """A code with which the app makes its user, who is then the one of that external id."""
        if (refused := self._refused(request, LINK_USERS)) is not None:
            return refused
        try:
            wanted = Linked.model_validate_json(await request.body())
        except ValidationError:
            return _complaint(400, "external_id is missing", "BAD_REQUEST")
        return JSONResponse(self._users.code(wanted.external_id))

    async def delete(self, request: Request) -> Response:
        """The older way: 200 and nothing."""
        if (refused := self._refused(request, DELETE_USERS)) is not None:
            return refused
        self._users.delete(request.path_params["id"])
        return Response(status_code=200)

    def _scopes_of(self, request: Request) -> frozenset[str] | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return self._keys.get(key.strip()) if scheme.lower() == "bearer" else None

    def _refused(self, request: Request, scope: str) -> Response | None:
        scopes = self._scopes_of(request)
        if scopes is None:
            return _complaint(401, "the key is missing or unknown", "UNAUTHORIZED")
        if scope not in scopes:
            return _complaint(403, f"the key lacks the scope {scope}", "FORBIDDEN")
        return None

    async def answer(self, request: Request) -> Response:
        scopes = self._scopes_of(request)
        if scopes is None:
            return JSONResponse({"message": "the key is missing or unknown"}, status_code=401)
        try:
            asked = Asked.model_validate_json(await request.body())
        except ValidationError:
            return JSONResponse({"message": "the body is no GraphQL request"}, status_code=400)
        call = Call(scopes, str(request.base_url).rstrip("/"))
        result = await run_in_threadpool(self._execute, asked, call)
        await wait(request.receive, call.delay_seconds)
        return self._trouble(result) or JSONResponse(result.formatted)

    def _execute(self, asked: Asked, call: Call) -> ExecutionResult:
        return graphql_sync(
            self._schema,
            asked.query,
            context_value=call,
            variable_values=asked.variables,
            operation_name=asked.operationName,
        )

    def _trouble(self, result: ExecutionResult) -> Response | None:
        for error in result.errors or ():
            cause = error.original_error
            if isinstance(cause, Trouble):
                return replies.trouble(cause.fault, cause.at, now=self._now())
        return None


def _complaint(status: int, message: str, code: str) -> Response:
    return JSONResponse({"message": message, "errorCode": code, "ref": "-"}, status_code=status)


def _scopes(*granted: tuple[str, str]) -> Mapping[str, frozenset[str]]:
    """One key may be given for several."""
    scopes: dict[str, frozenset[str]] = {}
    for key, scope in granted:
        scopes[key] = scopes.get(key, frozenset()) | {scope}
    return scopes
