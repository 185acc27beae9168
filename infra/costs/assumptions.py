"""What the bill rests on, told with it: what was measured, and what is only assumed."""

from infra.costs import bill, work
from infra.costs.measured import Measured
from infra.costs.use import DAYS, Use


def assumptions(use: Use, measured: Measured, merging_waits_seconds: float) -> list[str]:
    return [*_of_use(use), *_of_work(use, merging_waits_seconds), *_of_prices(measured)]


def _of_use(use: Use) -> list[str]:
    return [
        f"{use.users:,} users, {use.trips_per_user_day:g} trips a day each, {DAYS} days",
        f"{use.points_per_trip:g} points a trip; {work.ITEMS_PER_TRIP} items, one being the rest",
        f"the trips of {use.notified:.0%} of them are notified by webhooks (MOVE), all others come"
        " in files (Sentiance)",
        f"{use.claims_per_month:,.0f} claims a month: a collision's details (Zendrive) and a clip"
        f" of {work.CLIP_BYTES / 1e6:g} MB each, {work.TRANSITIONS_OF_A_CLAIM} transitions,"
        f" {work.CALLS_OF_A_CLAIM} calls of {work.SECONDS_OF_SUCH_A_CALL:g} s",
        "all other events of dashcams, backfills, exports and erasures are left out",
        f"{use.queries_per_day:,.0f} queries of one day or user a day, of at most"
        f" {bill.LEAST_SCANNED / 1e6:g} MB, which Athena charges at least;"
        f" {use.reports_per_day:,.0f} a day over a month, {bill.SCANNED_OF_A_TRIP:g} bytes a trip",
        f"{use.months_kept:g} months are kept, in S3 Standard, all as large as this one",
    ]


def _of_work(use: Use, merging_waits_seconds: float) -> list[str]:
    return [
        f"a webhook is sent after {work.NOTIFIED_ITEMS:,} items or {work.NOTIFIED_SECONDS} seconds,"
        " day and night alike, and never twice",
        f"small objects are gathered for {merging_waits_seconds:g} seconds and merged by"
        f" {work.MERGERS} at once: nobody has to wait for somebody else's commit",
        f"a core of Lambda takes {work.SLOWER:g} x the measured seconds; a request of S3 takes"
        f" {work.S3_SECONDS * 1000:g} ms, one of Glue {work.GLUE_SECONDS * 1000:g} ms, one to a"
        f" provider {use.provider_seconds * 1000:g} ms, {work.POINTS_AT_ONCE} at once",
        f"files are fetched at {work.DOWNLOAD_BYTES / 1e6:g} MB/s",
        f"every night {work.NIGHTS_LISTED} days of everybody who is notified of are listed again",
        f"a call logs {work.LOG_BYTES:,} bytes, an object {work.LOG_BYTES // 3}; of each function"
        f" one call a second is traced, and {bill.TRACED_SHARE:.0%} of the others",
        f"what is replaced in the lake stays for {bill.REWRITTEN_DAYS} days",
    ]


def _of_prices(measured: Measured) -> list[str]:
    return [
        f"seconds, requests and bytes of each step were measured on {measured.measured_on} by"
        f" `{measured.command}`",
        "list prices of us-east-1 without the free tier, but Glue's first million requests, which"
        " are always free; no tax, no support, no traffic between regions",
    ]
