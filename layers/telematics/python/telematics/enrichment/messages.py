"""What the queue of `enrich` holds: pointers to notifications, and people to be reconciled."""

from pydantic import BaseModel, ConfigDict

from telematics.enrichment.reconciling import Request
from telematics.errors import MalformedPayload
from telematics.raw import RawKey


class _Object(BaseModel):
    key: str


class _Created(BaseModel):
    object: _Object


class Again(BaseModel):
    """A notification of which something was unknown. `round` counts how often it was asked for."""

    raw_key: str
    round: int


class Message(BaseModel):
    """One of three: S3's own event of an object, and two of ours."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    detail: _Created | None = None
    again: Again | None = None
    reconcile: Request | None = None

    @property
    def notification(self) -> Again:
        """The notification it is about, and which round this is."""
        if self.again is not None:
            return self.again
        if self.detail is None:
            raise MalformedPayload("a message that is neither S3's nor ours")
        return Again(raw_key=self.detail.object.key, round=0)


def again(raw_key: RawKey, number: int) -> str:
    return Message(again=Again(raw_key=str(raw_key), round=number)).model_dump_json(
        exclude_none=True
    )


def reconcile(request: Request) -> str:
    return Message(reconcile=request).model_dump_json(exclude_none=True)
