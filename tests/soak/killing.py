"""The function that stores a video of 200 MB is killed in the middle of it."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.integration.footage import Crowd
from tests.integration.insurer import Insurer
from tests.sandbox import emulator
from tests.soak import workers
from tests.soak.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DRIVER = "driver-0001"
BYTES = 200_000_000
PARTS = 5  # of 8 MB or more each are there when it is killed
WITHIN_SECONDS = 300.0
LOOK_EVERY_SECONDS = 0.02


def run(insurer: Insurer, tally: Tally) -> None:
    begun = time.monotonic()
    device = insurer.dashcam.device(DRIVER)
    videos = [{"capture_mode": "C_F", "bytes": BYTES}]
    insurer.dashcam.told("clips", device=device, count=1, videos=videos)
    at = (datetime.now(UTC) - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    crowd = Crowd(insurer)
    asked = crowd.request(device, at)
    bucket = insurer.stack.output("MediaBucket")
    objects = insurer.sandbox.aws.objects
    key = begun_upload(objects, bucket, asked["clip_id"])
    pid = insurer.sandbox.running.processes[emulator.NAME].pid
    killed = workers.kill(pid, "StoreClip")
    visible = objects.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    [clip] = crowd.ended([asked], within_seconds=WITHIN_SECONDS)
    tally.tell("a video of 200 MB, its function killed while it was stored", begun)
    tally.judge("functions killed", killed, killed > 0, "none ran")
    tally.expect("half-written objects that could be seen", len(visible), 0)
    tally.expect("it ended", clip["state"], "stored")
    [told] = clip["videos"] or [{}]
    tally.expect("bytes", told.get("bytes"), BYTES)
    [truth] = [
        task["videos"][0]["sha256"]
        for task in insurer.dashcam.known()["tasks"].values()
        if (task["device"], task["at"]) == (device, at)
    ]
    tally.expect("its digest is that of the provider's", told.get("sha256"), truth)
    tally.expect("and of the object", digest(objects, bucket, key), truth)
    versions = objects.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    tally.expect("versions of the object", len(versions), 1)


def begun_upload(objects: "S3Client", bucket: str, clip_id: str) -> str:
    """The key of what is being written, once some parts of it are there."""
    until = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < until:
        for one in objects.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            key, upload = one["Key"], one["UploadId"]
            if clip_id in key and parts(objects, bucket, key, upload) >= PARTS:
                return key
        time.sleep(LOOK_EVERY_SECONDS)
    raise TimeoutError(f"nothing of {clip_id} was stored")


def parts(objects: "S3Client", bucket: str, key: str, upload: str) -> int:
    from botocore.exceptions import ClientError

    try:
        listed: Any = objects.list_parts(Bucket=bucket, Key=key, UploadId=upload)
    except ClientError:
        return 0  # it is done, or given up
    return len(listed.get("Parts", []))


def digest(objects: "S3Client", bucket: str, key: str) -> str:
    found = hashlib.sha256()
    for part in objects.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(1 << 20):
        found.update(part)
    return found.hexdigest()
