"""What the page tells in words and tables, section by section."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.cli.reporting.custody import VERIFIED, Sealed
from infra.cli.reporting.dossier import Dossier
from infra.cli.reporting.findings import Impact, Score, before
from infra.cli.reporting.markup import (
    Markup,
    bullets,
    code,
    facts,
    joined,
    key_facts,
    paragraph,
    table,
    verdict,
)
from infra.cli.reporting.units import (
    UNKNOWN,
    clock,
    g,
    kmh,
    lasting,
    length,
    place,
    provider_name,
    share,
    when,
)
from telematics.catalog import PROVIDERS

COLOURS = {"G": "healthy", "O": "partly", "R": "unhealthy"}
NOTHING = "Nothing of it is in the lake."


def title(dossier: Dossier) -> str:
    told = dossier.case.told
    claim = told.get("claim") or dossier.case.id
    whose = dossier.case.subject.user_id if dossier.case.subject else "somebody unknown"
    return f"{claim}: {whose}, {when(dossier.moment).removesuffix(' UTC')[:16]} UTC"


def summary(dossier: Dossier) -> Markup:
    impact, moment = dossier.impact, dossier.moment
    last = before(dossier.points, moment) if moment else None
    hardest = max((one.acceleration_g for one in dossier.motion), default=None)
    tellers = len(dossier.tellings) + (impact is not None)
    return key_facts(
        (
            ("g-force", g(impact.g_force if impact and impact.g_force else hardest)),
            ("speed before the impact", kmh(last.speed_mps if last else _speed(impact))),
            ("airbag", _airbag(impact)),
            ("told by", f"{tellers} provider{'' if tellers == 1 else 's'}"),
            ("evidence", _intact(dossier)),
        )
    )


def asked(dossier: Dossier) -> Markup:
    case, told = dossier.case, dossier.case.told
    subject = case.subject
    known = (one for one in dict.fromkeys(case.identities) if one.provider in PROVIDERS)
    people = "; ".join(f"{provider_name(one.provider)}: {one.id}" for one in known)
    about = facts(
        (
            ("request", code(case.id)),
            ("claim", told.get("claim")),
            ("our user", f"{subject.user_id}, {subject.told['status']}" if subject else None),
            ("as providers call them", people),
            ("day that was asked about", case.day),
            ("moment that was told", when(case.at, dossier.offset_minutes)),
            ("place that was told", place(_number(told, "latitude"), _number(told, "longitude"))),
            ("this dossier", _made(dossier)),
        )
    )
    requests = table(
        "Requests",
        ("when", "who"),
        ((_spelt(one.get("requested_at")), one.get("requester")) for one in _requests(dossier)),
    )
    return joined((about, requests))


def trip(dossier: Dossier) -> Markup:
    offset = dossier.offset_minutes
    rows = (
        (
            provider_name(one.provider),
            clock(one.start_time, offset),
            clock(one.end_time, offset),
            one.mode,
            one.role,
            length(one.distance_m),
            lasting(one.duration_s),
            kmh(one.max_speed_mps),
            code(one.trip_id),
        )
        for one in dossier.drives
    )
    heads = (
        "told by",
        "from (local)",
        "to (local)",
        "mode",
        "role",
        "distance",
        "lasting",
        "top speed",
        "id",
    )
    return table("The trip as each provider tells it", heads, rows) or paragraph(NOTHING)


def tellings(dossier: Dossier) -> Markup:
    told = [*([dossier.impact] if dossier.impact else []), *dossier.tellings]
    rows = (
        (
            provider_name(one.provider),
            clock(one.time, dossier.offset_minutes),
            kmh(one.speed_mps),
            g(one.g_force),
            one.severity,
            f"{share(one.confidence)} {one.provider_confidence or ''}".strip(),
            _airbag(one),
            place(one.latitude, one.longitude),
            code(one.collision_id),
        )
        for one in told
    )
    heads = (
        "told by",
        "at (local)",
        "speed",
        "g-force",
        "severity",
        "confidence",
        "airbag",
        "place",
    )
    caption = "The same crash as each provider tells it"
    return table(caption, (*heads, "id"), rows) or paragraph(NOTHING)


def events(dossier: Dossier) -> Markup:
    moment = dossier.moment
    rows = (
        (
            clock(one.time, dossier.offset_minutes),
            f"{(one.time - moment).total_seconds():+.0f} s" if moment else None,
            one.kind.replace("_", " "),
            one.provider_kind,
            provider_name(one.provider),
            lasting((one.end_time - one.time).total_seconds()) if one.end_time else None,
            share(one.severity),
            kmh(one.speed_mps),
            kmh(one.speed_limit_mps),
        )
        for one in dossier.events
    )
    heads = ("at (local)", "from the impact", "what", "provider's word", "told by", "lasting")
    found = table("In the order of time", (*heads, "severity", "speed", "limit"), rows)
    return found or paragraph("No provider noticed anything on this trip.")


def scores(dossier: Dossier) -> Markup:
    of_trip = [one for one in dossier.scores if one.subject == "trip"]
    of_user = [one for one in dossier.scores if one.subject != "trip"]
    found = joined((_scores("Of this trip", of_trip), _scores("Of the driver", of_user)))
    return found if found.strip() else paragraph(NOTHING)


def health(dossier: Dossier) -> Markup:
    devices = table(
        "What recorded",
        ("provider", "kind", "device", "more"),
        ((provider_name(one.provider), one.kind, one.device, one.more) for one in dossier.devices),
    )
    checks = ("setup", "location_permissions", "location_service", "activity_permissions")
    more = ("background_restrictions", "precise_location", "battery_optimization")
    names = ("overall", *checks, *more)
    beats = table(
        "What the app said of itself",
        ("day", "platform", *(one.replace("_", " ") for one in names)),
        (
            (one.day, one.platform, *(_colour(getattr(one, name)) for name in names))
            for one in dossier.heartbeats
        ),
    )
    called = table(
        "Whether the app called in",
        ("day", "called in"),
        ((one.day, _yes(one.authenticated)) for one in dossier.authentications),
    )
    found = joined((devices, beats, called))
    return found if found.strip() else paragraph(NOTHING)


def custody(dossier: Dossier) -> Markup:
    came = {one["raw_key"]: str(one.get("came_at") or "") for one in dossier.case.answers}
    answers = _sealed("Answers of the provider", dossier.answers, came)
    sources = _sealed("What the rest was read from", dossier.sources, {})
    files = _sealed("Footage", [one.sealed for one in dossier.files], {})
    clips = table(
        "Who asked for the footage",
        ("when", "who", "why", "camera", "ended as", "clip"),
        (
            (
                when(one.requested_at),
                one.requester,
                one.reason,
                one.camera,
                " ".join(filter(None, (one.outcome, one.outcome_reason))),
                code(one.clip_id),
            )
            for one in dossier.clips
            if one.requested_at
        ),
    )
    log = table(
        "Who changed or used the access to this person's data",
        ("when", "what", "who", "why"),
        (
            (_spelt(one.get("at")), one.get("action"), one.get("by"), one.get("reason"))
            for one in (dossier.case.subject.log if dossier.case.subject else ())
        ),
    )
    intro = paragraph(
        "Each object was read again for this page, and its SHA-256 compared with the one noted"
        " when it came."
    )
    return joined((intro, answers, files, clips, sources, log))


def missing(dossier: Dossier) -> Markup:
    return bullets(dossier.missing) or paragraph("Nothing that is looked for.")


def _sealed(caption: str, kept: Sequence[Sealed], came: Mapping[str, str]) -> Markup:
    heads = ("object", "came", "bytes", "SHA-256 of its bytes", "request", "checked")
    return table(
        caption,
        heads,
        (
            (
                code(one.key),
                _spelt(came.get(one.key) or one.fetched_at),
                f"{one.bytes:,}",
                code(one.sha256),
                one.request_id,
                verdict(one.verdict, is_good=one.verdict == VERIFIED),
            )
            for one in kept
        ),
    )


def _scores(caption: str, found: Sequence[Score]) -> Markup:
    return table(
        caption,
        ("told by", "kind", "provider's word", "score, 1 is best", "as of"),
        (
            (
                provider_name(one.provider),
                one.kind,
                one.provider_kind,
                f"{one.score:.2f}",
                when(one.time),
            )
            for one in found
        ),
    )


def _requests(dossier: Dossier) -> Sequence[Mapping[str, Any]]:  # Any: JSON of the API
    return dossier.case.told.get("requests") or ()


def _spelt(text: str | None) -> str:
    return when(datetime.fromisoformat(text)) if text else UNKNOWN


def _made(dossier: Dossier) -> str:
    subject = dossier.case.subject
    if subject is None:
        return f"{when(dossier.made_at)}; nobody of ours, so no access log has it"
    return f"{when(dossier.made_at)}, by {subject.by}; it is in the access log"


def _intact(dossier: Dossier) -> Markup:
    words = "verified" if dossier.is_intact else "does not verify"
    return verdict(words, is_good=dossier.is_intact)


def _speed(impact: Impact | None) -> float | None:
    return impact.speed_mps if impact else None


def _airbag(impact: Impact | None) -> str | None:
    told = impact.airbag_deployed if impact else None
    return None if told is None else "deployed" if told else "not deployed"


def _colour(letter: str | None) -> Markup | None:
    if not letter:
        return None
    return verdict(COLOURS.get(letter, letter), is_good=letter == "G")


def _yes(told: bool | None) -> str | None:
    return None if told is None else "yes" if told else "no"


def _number(told: object, name: str) -> float | None:
    value = told.get(name) if isinstance(told, dict) else None
    return None if value is None else float(value)
