"""The people whose data flows here, over HTTP: register, link, block, erase, export, look up."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.request import Request
from pydantic import AfterValidator, Field, StrictStr

from telematics import desk
from telematics.catalog import PROVIDERS
from telematics.desk import Told
from telematics.errors import InvalidRequest
from telematics.requesting import Conflict
from telematics.users import changing
from telematics.users.changing import Call, Changed
from telematics.users.exporting import ExportNoted
from telematics.users.listing import MOST
from telematics.users.log import Entry
from telematics.users.telling import Told as Telling
from telematics.users.user import (
    MOST_CHARACTERS,
    AlreadyLinked,
    AlreadyRegistered,
    IllegalTransition,
    LinkTaken,
    Status,
    UnknownLink,
    UnknownUser,
    User,
    UserGone,
    check_id,
)

LONGEST_REASON = 300
LONGEST_CURSOR = 400
USUAL_PAGE = 50
_ID = {"minLength": 1, "maxLength": MOST_CHARACTERS, "pattern": "^[^:]*$"}
# Ours stands in paths: nobody could be blocked again whose id leads elsewhere there.
_OUR_ID = {**_ID, "pattern": "^[^:/]*[^:/.][^:/]*$"}


def _usable(id: str) -> str:
    try:
        check_id(id)
    except InvalidRequest as error:
        raise ValueError(str(error)) from None
    return id


def _ours(id: str) -> str:
    if "/" in _usable(id) or not id.strip("."):
        raise ValueError("an id of ours has no slash, and is more than dots: it stands in a path")
    return id


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("a reason is a text of one line")
    return text.strip()


def _offered(provider: str) -> str:
    if provider not in PROVIDERS:
        raise ValueError(f"a provider is one of {', '.join(PROVIDERS)}")
    return provider


Id = Annotated[StrictStr, AfterValidator(_usable), Field(json_schema_extra=dict(_ID))]
OurId = Annotated[StrictStr, AfterValidator(_ours), Field(json_schema_extra=dict(_OUR_ID))]
Reason = Annotated[
    StrictStr,
    AfterValidator(_one_line),
    Field(min_length=1, max_length=LONGEST_REASON, description="Why; it stays on record."),
]
Provider = Annotated[
    StrictStr, AfterValidator(_offered), Field(json_schema_extra={"enum": list(PROVIDERS)})
]
UserId = Annotated[str, desk.decoded, AfterValidator(_ours), Path(json_schema_extra=dict(_OUR_ID))]
ProviderName = Annotated[
    str,
    desk.decoded,
    AfterValidator(_offered),
    Path(json_schema_extra={"enum": list(PROVIDERS)}),
]


class UserAsked(Told):
    """A link that is null: the provider calls them as we do, or will say itself how it does."""

    user_id: OurId
    links: Mapping[Provider, Id | None] = {}
    reason: Reason | None = None


class LinkAsked(Told):
    """What the provider calls them; without it as for a new user."""

    provider_user_id: Id | None = None
    reason: Reason | None = None


class Why(Told):
    """What a change is made for."""

    reason: Reason


class UserShown(Told):
    """`since` is when the status began, `revision` how often they were changed."""

    user_id: str
    status: Status
    since: datetime
    created_at: datetime
    links: Mapping[str, str]
    revision: int

    @classmethod
    def of(cls, user: User) -> "UserShown":
        return cls(**_facts(user))


class UserAfter(UserShown):
    """What became of telling each provider, and why where that failed: then repeat the call."""

    providers: Mapping[str, Telling]
    reasons: Mapping[str, str]

    @classmethod
    def after(cls, changed: Changed) -> "UserAfter":
        return cls(**_facts(changed.user), **_told(changed))


class UserAdmitted(UserAfter):
    """`credentials`, by provider, are what their app begins with: told once, and kept nowhere."""

    credentials: Mapping[str, Mapping[str, str]]

    @classmethod
    def after(cls, changed: Changed) -> "UserAdmitted":
        credentials = {
            provider: {name: one.get_secret_value() for name, one in told.credentials.items()}
            for provider, told in changed.told.items()
            if told.credentials
        }
        return cls(**_facts(changed.user), **_told(changed), credentials=credentials)


class UsersPage(Told):
    """`cursor` is where the next page begins; null at the end."""

    users: Sequence[UserShown]
    cursor: str | None


class ExportAsked(Told):
    """Nothing has to be said."""

    reason: Reason | None = None


class EntryShown(Told):
    """`by` is a role, never a person."""

    at: datetime
    action: str
    by: str
    reason: str
    result: str
    request_id: str


class LogShown(Told):
    """In the order of time."""

    entries: Sequence[EntryShown]


def _call(request: Request) -> Call:
    """Who asks, and what their idempotency key stands for."""
    event = request.resolved_event.raw_event
    headers = {name.lower(): one for name, one in (event.get("headers") or {}).items()}
    spelt = [event.get("routeKey"), event.get("rawPath"), event.get("body")]
    return Call(
        by=desk.caller(event),
        request_id=str(event.get("requestContext", {}).get("requestId", "")),
        key=headers.get("idempotency-key", "").strip(),
        spelt=json.dumps(spelt),
    )


Asking = Annotated[Call, Depends(_call)]
REFUSALS = {
    UnknownUser: 404,
    UnknownLink: 404,
    AlreadyRegistered: 409,
    AlreadyLinked: 409,
    LinkTaken: 409,
    IllegalTransition: 409,
    Conflict: 409,
    UserGone: 410,
}
router = desk.router(REFUSALS)
_CHANGED = (404, 409, 410, 503)


@router.post(
    "/v1/users",
    summary="Register somebody, and have their providers know them",
    tags=["users"],
    status_code=201,
    responses=desk.answers(201, 409, 410, 503, telling="They are registered."),
)
def add_user(
    asked: Annotated[UserAsked, Body()], call: Asking, key: desk.IdempotencyKey = ""
) -> UserAdmitted:
    changed = changing.deployed().add(asked.user_id, asked.links, _for(asked.reason, call))
    return UserAdmitted.after(changed)


@router.get(
    "/v1/users",
    summary="Everybody, or those of one status, a page at a time",
    tags=["users"],
    responses=desk.answers(200, 503, telling="One page."),
)
def list_users(
    status: Annotated[Status | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = USUAL_PAGE,
) -> UsersPage:
    page = changing.deployed().directory.list(status, cursor or None, limit)
    return UsersPage(users=[UserShown.of(one) for one in page.users], cursor=page.cursor)


@router.get(
    "/v1/users/<user_id>",
    summary="Somebody, with what providers call them and whether their data is kept",
    tags=["users"],
    responses=desk.answers(200, 404, 410, telling="As they are now."),
)
def show_user(user_id: UserId) -> UserShown:
    return UserShown.of(changing.deployed().existing(user_id))


@router.delete(
    "/v1/users/<user_id>",
    summary="Have somebody erased everywhere: it begins at once, and can't be undone",
    tags=["users"],
    status_code=202,
    responses=desk.answers(202, *_CHANGED, telling="Nothing more is kept; it has begun."),
)
def erase_user(
    user_id: UserId, why: Annotated[Why, Body()], call: Asking, key: desk.IdempotencyKey = ""
) -> UserAfter:
    return UserAfter.after(changing.deployed().erase(user_id, _for(why.reason, call)))


@router.post(
    "/v1/users/<user_id>/block",
    summary="Keep nothing more of somebody",
    tags=["users"],
    responses=desk.answers(200, *_CHANGED, telling="They are blocked."),
)
def block_user(
    user_id: UserId, why: Annotated[Why, Body()], call: Asking, key: desk.IdempotencyKey = ""
) -> UserAfter:
    return UserAfter.after(changing.deployed().block(user_id, _for(why.reason, call)))


@router.post(
    "/v1/users/<user_id>/unblock",
    summary="Keep what comes of somebody again",
    tags=["users"],
    responses=desk.answers(200, *_CHANGED, telling="They are active."),
)
def unblock_user(
    user_id: UserId, why: Annotated[Why, Body()], call: Asking, key: desk.IdempotencyKey = ""
) -> UserAfter:
    return UserAfter.after(changing.deployed().unblock(user_id, _for(why.reason, call)))


@router.post(
    "/v1/users/<user_id>/export",
    summary="Note that somebody is given all that is held of them; tells where it is found",
    tags=["users"],
    responses=desk.answers(200, *_CHANGED, telling="It is in the access log."),
)
def export_user(
    user_id: UserId,
    asked: Annotated[ExportAsked, Body()],
    call: Asking,
    key: desk.IdempotencyKey = "",
) -> ExportNoted:
    exported = changing.deployed().export(user_id, _for(asked.reason, call))
    return ExportNoted.of(exported, by=call.by)


@router.put(
    "/v1/users/<user_id>/links/<provider>",
    summary="Say what a provider calls somebody; again, it gives their app new credentials",
    tags=["users"],
    responses=desk.answers(200, *_CHANGED, telling="They are linked."),
)
def link_user(
    user_id: UserId,
    provider: ProviderName,
    asked: Annotated[LinkAsked, Body()],
    call: Asking,
    key: desk.IdempotencyKey = "",
) -> UserAdmitted:
    named = asked.provider_user_id
    changed = changing.deployed().link(user_id, provider, named, _for(asked.reason, call))
    return UserAdmitted.after(changed)


@router.delete(
    "/v1/users/<user_id>/links/<provider>",
    summary="Forget what a provider calls somebody",
    tags=["users"],
    responses=desk.answers(200, *_CHANGED, telling="They are not linked any more."),
)
def unlink_user(
    user_id: UserId, provider: ProviderName, call: Asking, key: desk.IdempotencyKey = ""
) -> UserAfter:
    return UserAfter.after(changing.deployed().unlink(user_id, provider, call))


@router.get(
    "/v1/users/<user_id>/access-log",
    summary="Who changed somebody's access, when and why; also of somebody who is erased",
    tags=["users"],
    responses=desk.answers(200, 404, telling="All that was done."),
)
def show_access_log(user_id: UserId) -> LogShown:
    entries = changing.deployed().entries(user_id)
    if not entries:
        raise UnknownUser("nobody was ever registered under that id")
    return LogShown(entries=[_entry(one) for one in entries])


def _for(reason: str | None, call: Call) -> Call:
    return Call(call.by, reason or "", call.request_id, call.key, call.spelt)


def _entry(entry: Entry) -> EntryShown:
    return EntryShown(**vars(entry))


def _facts(user: User) -> dict[str, Any]:  # Any: fields of several types
    return {
        "user_id": user.user_id,
        "status": user.status,
        "since": user.since,
        "created_at": user.created_at,
        "links": user.links,
        "revision": user.revision,
    }


def _told(changed: Changed) -> dict[str, Any]:  # Any: as above
    return {
        "providers": {name: one.told for name, one in changed.told.items()},
        "reasons": {name: one.reason for name, one in changed.told.items() if one.reason},
    }
