"""A run of the function that this is for, with all that the stack has for it."""

from collections.abc import Callable
from datetime import UTC, datetime

from telematics import ledger, links, media, raw
from telematics.clips import devices
from telematics.links import Policy
from telematics.settings import settings
from telematics.sync import sources
from telematics.sync.keeping import Keeper
from telematics.sync.listing import Events
from telematics.sync.looking import Looking
from telematics.sync.progress import Progress
from telematics.sync.syncing import Summary, Sync
from telematics.sync.windows import Request, Window


def run(request: Request, *, out_of_time: Callable[[], bool]) -> Summary:
    """Raises InvalidRequest, and ProviderBusy where it is to be tried again."""
    window = Window.asked_for(request, now=datetime.now(UTC))
    provider = settings().provider
    module, accounts = sources.module(provider), ledger.deployed()
    policy = Policy(settings().media_hosts, settings().media_insecure)
    progress = Progress(accounts.table, provider)
    with links.client(policy) as client:
        looking = Looking(
            tracks=module.TRACKS,
            source=sources.source(provider),
            zone=raw.deployed(),
            ledger=accounts,
            progress=progress,
            keeper=Keeper(media.deployed(), client, policy),
            devices=devices.deployed(),
            severity=settings().media_severity,
            out_of_time=out_of_time,
        )
        return Sync(Events(provider, module.EVENTS, looking), progress).run(window)
