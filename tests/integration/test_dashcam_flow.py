"""Events of dashcams in the lake, and footage on request in the owner's own bucket."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.cli.crash import Crash
from tests.integration.footage import KINDS, Crowd
from tests.integration.insurer import Insurer, Said
from tests.sandbox.simulators.dashcam import SECRET

# Long enough ago that nothing arrives late any more, not so long that videos have expired.
DAY = (datetime.now(UTC).date() - timedelta(days=4)).isoformat()


def synced(insurer: Insurer, day: str) -> Said:
    said = insurer.telematics("sync", "dashcam", "--from", day, "--to", day, "--json")
    assert said.code == 0, said.err
    return said


def requested(insurer: Insurer, driver: str, at: str, *words: str) -> Said:
    device = insurer.dashcam.device(driver)
    return insurer.telematics(
        *("clip", "request", "--device", device, "--at", at, "--reason", "claim 4711", "--json"),
        *words,
    )


def shown(insurer: Insurer, clip_id: str) -> dict[str, Any]:
    return insurer.telematics("clip", "show", clip_id, "--json").json  # type: ignore[no-any-return]


def test_events_reports_and_uploads_of_a_day_are_in_the_lake(insurer: Insurer) -> None:
    told = synced(insurer, DAY).json
    truth = insurer.dashcam.known(**{"from": DAY, "to": DAY})
    assert (told["listed"], told["failed_files"]) == (truth["events"][DAY], 0)
    where = f"day = date '{DAY}'"
    assert insurer.count("dashcam_events", where) == truth["events"][DAY] > 0
    assert insurer.count("dashcam_event_videos", where) > 0
    assert insurer.count("dashcam_points", where) > 0
    assert insurer.count("dashcam_safety_report") > 0
    before = insurer.count("dashcam_event_details")
    synced(insurer, DAY)
    assert insurer.count("dashcam_event_details") == before


def test_a_clip_is_stored_whole_with_its_custody(insurer: Insurer) -> None:
    said = requested(insurer, "driver-0001", f"{DAY}T10:00:00Z", "--wait")
    assert said.code == 0, said.err
    clip = said.json
    told = insurer.dashcam.known()["tasks"].values()
    [truth] = [
        task["videos"] for task in told if task["device"] == insurer.dashcam.device("driver-0001")
    ]
    assert {video["sha256"] for video in clip["videos"]} == {one["sha256"] for one in truth}
    for video in clip["videos"]:
        media = insurer.sandbox.aws.objects.get_object(
            Bucket=bucket(insurer), Key=video["media_key"]
        )
        assert hashlib.sha256(media["Body"].read()).hexdigest() == video["sha256"]
    insurer.wait_until_idle()
    rows = insurer.query("select distinct outcome, reason, requester from dashcam_clips")
    assert rows == [{"outcome": "stored", "reason": "claim 4711", "requester": "api"}]


def bucket(insurer: Insurer) -> str:
    stack = insurer.sandbox.aws.cloudformation.describe_stacks(StackName="telematics")["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    return outputs["MediaBucket"]


@pytest.mark.fault("duplicate", of=("dashcam",))
def test_who_asks_for_the_same_footage_joins(insurer: Insurer) -> None:
    asked = len(insurer.dashcam.known()["tasks"])
    first = requested(insurer, "driver-0002", f"{DAY}T11:00:00Z", "--wait")
    again = requested(insurer, "driver-0002", f"{DAY}T11:00:00Z", "--requester", "fraud desk")
    assert first.json["clip_id"] == again.json["clip_id"]
    assert again.json["joined"] is True
    assert len(insurer.dashcam.known()["tasks"]) == asked + 1


@pytest.mark.thorough
def test_clips_of_every_kind_at_once_end_as_they_have_to(insurer: Insurer) -> None:
    crowd = Crowd(insurer)
    wanted = crowd.wanted(len(KINDS), DAY, drivers=len(KINDS), first=2)
    crowd.prepare(wanted)
    insurer.dashcam.told("webhook", url=called_at(insurer), types=["TASK_UPDATE"])
    asked, again = crowd.ask(wanted, twice=5)
    crowd.turn_back_on(wanted)
    ended = crowd.ended(asked, within_seconds=240)
    insurer.dashcam.deaf()
    assert {one.kind: clip["state"] for one, clip in zip(wanted, ended, strict=True)} == {
        name: kind.end for name, kind in KINDS.items()
    }
    assert sum(one["joined"] for one in (*asked, *again)) == 5
    tasks = crowd.tasks()
    asks = {one.kind: tasks[one.footage] for one in wanted}
    assert asks == {name: 2 if "busy" in name else 1 for name in KINDS}
    assert '"woken":1' in insurer.told()


def called_at(insurer: Insurer) -> str:
    return str(insurer.whole_status()["webhooks"]["dashcam/messages"])


def test_a_crash_of_a_linked_driver_asks_for_its_footage_by_itself(insurer: Insurer) -> None:
    crash = Crash(insurer.dashcam.url, insurer.stack)
    found = crash.live(today=datetime.now(UTC).date())
    insurer.dashcam.deaf()
    assert (found.state, len(found.videos)) == ("stored", 2)
    assert {one["requester"] for one in found.requests} == {"telematics"}
    insurer.wait_until_idle()
    where = f"clip_id = '{found.clip_id}' and outcome = 'stored' and sha256 is not null"
    assert insurer.count("dashcam_clips", where) == 2


def test_an_event_is_discarded_once_and_for_good(insurer: Insurer) -> None:
    at = datetime.now(UTC) - timedelta(days=6)
    crash = insurer.dashcam.told("crash", driver="driver-0009", at=int(at.timestamp()))
    discard = ("dashcam", "discard", crash["uuid"], "--reason", "private land", "--json")
    assert insurer.telematics(*discard).code != 0  # nobody has confirmed it
    for again in (False, True):
        said = insurer.telematics(*discard, "--yes")
        assert said.json == {"event": crash["uuid"], "again": again}, said.err
    day = at.date().isoformat()
    synced(insurer, day)
    assert insurer.count("dashcam_events", f"uuid = '{crash['uuid']}'") == 0


@pytest.mark.fault("duplicate", of=("dashcam",))
def test_a_webhook_is_taken_by_its_token_alone(insurer: Insurer) -> None:
    right = called_at(insurer)
    wrong = right.replace(SECRET["webhook_secret"], "guessed")
    body = {"type": "Notification", "hookName": "TRIP_STARTED", "messageId": "m-1"}
    body["message"] = '{"device_cid": "d-1", "timestamp": 1790000000}'
    assert httpx.post(wrong, json=body).status_code == 404
    for _ in range(2):
        answer = httpx.post(right, json=body)
        assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    insurer.wait_until_idle()
    assert insurer.count("dashcam_webhook_messages", "message_id = 'm-1'") == 1


def test_a_redirect_into_the_network_is_not_followed(insurer: Insurer) -> None:
    insurer.dashcam.misbehave(fault="redirect", at="media", url="http://169.254.169.254/latest")
    clip = requested(insurer, "driver-0008", f"{DAY}T13:00:00Z", "--wait").json
    assert clip["state"] == "failed"
    assert clip["videos"] == []


def test_no_secret_and_no_link_is_in_a_log_or_an_execution(insurer: Insurer) -> None:
    told = insurer.told()
    assert "events asked for" in told
    for secret in (*SECRET.values(), "/media/", "driver-000"):
        assert secret not in told
