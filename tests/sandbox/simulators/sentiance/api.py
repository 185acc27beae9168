"""GraphQL over HTTP: `POST /v4/gql` with a bearer key."""

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
from tests.sandbox.simulators.sentiance.schema import GENERATE_URL, READ, Call, Trouble
from tests.sandbox.simulators.sentiance.settings import Settings


class Asked(BaseModel):
    """The body of a request."""

    query: str
    variables: dict[str, Any] | None = None  # Any: the query says what they are
    operationName: str | None = None  # noqa: N815  # GraphQL's own spelling


class Api:
    """Who may ask, and how it is answered."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._now = settings.now
        self._keys = _scopes((settings.read_key, READ), (settings.url_key, GENERATE_URL))
        self.routes = [Route("/v4/gql", self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        scopes = self._keys.get(key.strip())
        if scheme.lower() != "bearer" or scopes is None:
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


def _scopes(*granted: tuple[str, str]) -> Mapping[str, frozenset[str]]:
    """One key may be given for both."""
    scopes: dict[str, frozenset[str]] = {}
    for key, scope in granted:
        scopes[key] = scopes.get(key, frozenset()) | {scope}
    return scopes
