"""Answers other than the one that was hoped for."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, Response

from tests.sandbox.simulators.sentiance.faults import Fault, Kind, Stage

S3_CODES = {429: "SlowDown", 503: "SlowDown", 500: "InternalError"}


def trouble(fault: Fault, at: Stage, *, now: datetime) -> Response:
    """Of a server that is busy or broken."""
    is_busy = fault.fault is Kind.BUSY
    message = "Please reduce your request rate" if is_busy else "We encountered an internal error"
    headers = {"Retry-After": _retry_after(fault, now)} if is_busy else {}
    if at == "download":
        code = S3_CODES.get(fault.status, "ServiceUnavailable")
        return storage_error(fault.status, code, message, headers=headers)
    return JSONResponse({"message": message}, status_code=fault.status, headers=headers)


def storage_error(
    status: int, code: str, message: str, *, headers: dict[str, str] | None = None
) -> Response:
    """In the storage's own words."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    )
    return Response(body, status, headers, media_type="application/xml")


def _retry_after(fault: Fault, now: datetime) -> str:
    if fault.date_form:
        return format_datetime(now + timedelta(seconds=fault.seconds), usegmt=True)
    return str(round(fault.seconds))
