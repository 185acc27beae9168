"""The month into raw, a day after the other; and one day before it as providers really tell it."""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from telematics import identities
from telematics.raw import Zone
from telematics.users.directory import Directory
from tests.integration.insurer import Insurer
from tests.sandbox.simulators.people import Person, Population
from tests.sandbox.simulators.sentiance.files.layout import user_id
from tests.sandbox.simulators.zendrive.drivers import driver_id
from tests.soak.month.dashcam import Dashcam
from tests.soak.month.move import Move
from tests.soak.month.sentiance import Sentiance
from tests.soak.month.truth import Truth
from tests.soak.month.world import Into, Provided
from tests.soak.month.zendrive import Zendrive
from tests.soak.tally import Tally

ITEMS, TRIPS = 200, 50
TRANSPORTS = "transports"
ANSWERED_WITHIN_SECONDS = 3_600.0


def names_of(person: Person) -> dict[str, str]:
    """What each provider calls them."""
    return {
        "sentiance": user_id(person),
        "move": person.user_id,
        "dashcam": str(person.number),
        "zendrive": driver_id(person),
    }


def link(insurer: Insurer, people: Population) -> None:
    """Everybody is known, and linked to all four."""
    stack = insurer.stack
    secrets = stack.session.client("secretsmanager", endpoint_url=stack.endpoint)
    database = stack.session.resource("dynamodb", endpoint_url=stack.endpoint)
    table = database.Table(stack.outputs["UsersTable"])
    directory = Directory(table, identities.read(secrets, stack.outputs["IdentityKey"]))
    for person in people:
        directory.add(person.user_id, names_of(person), now=datetime.now(UTC))


def fill(insurer: Insurer, tally: Tally, people: Population, days: Sequence[date]) -> Truth:
    """As fast as raw takes it: loading goes on meanwhile."""
    seed, users = people.seed, len(people)
    providers: Sequence[Provided] = (
        Sentiance(people),
        Move(seed, users),
        Dashcam(seed, users),
        Zendrive(seed, users),
    )
    zone = Zone(insurer.stack.outputs["RawBucket"], insurer.sandbox.aws.objects)
    truth = Truth()
    for one in providers:
        into, begun = Into(zone, truth), time.monotonic()
        for day in days:
            one.store(day, into)
        told = f"{into.objects:,} objects, {into.size / 1e6:.1f} MB, {into.points:,} points"
        tally.tell(f"  {type(one).__name__}: {told}", begun)
    return truth.within(days[0], days[-1])


def wait(insurer: Insurer) -> None:
    insurer.sandbox.wait_until_idle(timeout_seconds=ANSWERED_WITHIN_SECONDS)


def live(insurer: Insurer, tally: Tally, day: date) -> None:
    """The day before, by API and webhooks, and counted."""
    begun, name = time.monotonic(), day.isoformat()
    said = insurer.telematics("fetch", "sentiance", "--from", name, "--to", name, "--json")
    tally.expect("exit code of fetch", said.code, 0)
    urls = insurer.whole_status()["webhooks"]
    of_day = {"from": name, "to": name}
    insurer.notified(**of_day, items=ITEMS, batch=100)
    order = {**of_day, "items": TRIPS, "types": ["TRIP_SCORED"]}
    run = insurer.zendrive.notify(url=urls["zendrive/notifications"], **order)
    wait(insurer)
    tally.tell(f"one day before it, {day}, by API and webhooks", begun)
    where = f"day = date '{day}'"
    for file in insurer.provider.truth(name):
        if file["type"] == TRANSPORTS:
            found = insurer.count(f"sentiance_{TRANSPORTS}", where)
            tally.expect(f"sentiance_{TRANSPORTS}", found, file["rows"])
    for table, count in insurer.move.known(name)["tables"].items():
        tally.expect(f"move_{table}", insurer.count(f"move_{table}", where), count)
    scored = insurer.count("zendrive_notifications", where)
    tally.expect("zendrive_notifications", scored, run["notifications"]["TRIP_SCORED"])


def before(day: date) -> date:
    return day - timedelta(days=1)
