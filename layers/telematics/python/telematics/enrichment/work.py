"""One message of the queue of `enrich`, worked off by the function that it is for."""

from collections.abc import Callable
from datetime import timedelta

from telematics import events, ledger, queues, raw
from telematics.enrichment import messages, sources
from telematics.enrichment.enriching import Enrichment, Progress, Rounds
from telematics.enrichment.messages import Again
from telematics.enrichment.reconciling import Found, Reconciliation, Request
from telematics.raw import RawKey
from telematics.settings import settings
from telematics.users import gate


def enrich(notification: Again, *, out_of_time: Callable[[], bool]) -> Progress | None:
    """See Enrichment.take. What is still unknown comes back as a message of its own, later."""
    provider, key = settings().provider, RawKey.parse(notification.raw_key)
    rounds = Rounds(settings().rounds, timedelta(seconds=settings().first_wait_seconds))
    wait = rounds.wait_after(notification.round)
    progress = Enrichment(
        provider=provider,
        dataset=sources.datasets(provider)[0],
        source=sources.source(provider),
        zone=raw.deployed(),
        ledger=ledger.deployed(),
        bus=events.deployed(),
        gate=gate.deployed(),
        out_of_time=out_of_time,
    ).take(key, last_round=wait is None)
    if progress and progress.pending and wait is not None:
        again = messages.again(key, notification.round + 1)
        queues.send(again, delay_seconds=int(wait.total_seconds()))
    return progress


def reconcile(request: Request) -> Found:
    provider = settings().provider
    return Reconciliation(
        provider=provider,
        dataset=sources.datasets(provider)[0],
        source=sources.source(provider),
        zone=raw.deployed(),
        ledger=ledger.deployed(),
        gate=gate.deployed(),
    ).run(request)
