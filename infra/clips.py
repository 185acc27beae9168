"""A provider's footage on request: claimed, asked for, waited for, stored, accounted for."""

from aws_cdk import CfnParameter, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.announcements import objects_created
from infra.clip_states import clip
from infra.flow import Flow, Site
from infra.machine import Machine
from infra.stages import Waits
from telematics.catalog import Provider

REQUESTED = "Clip Requested"
# Longer than the longest deadline, so that it is never this that ends a clip.
LONGEST = Duration.days(11)
WORTH_STARTING = Duration.hours(24)
WORTH_WAKING = Duration.hours(1)  # by then it has been asked again without that
ATTEMPTS = 20


class Clips(Flow):
    """`Clip Requested` on the bus -> the machine; a webhook ends a wait of it sooner.

    None of the functions rings: whose failure matters fails its execution, or is a dead letter.
    """

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, site: Site, waits: Waits
    ) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        longest = self._longest_wait(waits)
        ours = {
            "PROVIDER": provider.name,
            "RAW_BUCKET": site.storage.raw.bucket_name,
            "TASKS_TABLE": site.storage.tasks.table_name,
            "CLIP_FIRST_WAIT_SECONDS": str(waits.first_seconds),
            "CLIP_LONGEST_WAIT_SECONDS": longest,
        }
        every = {
            **ours,
            **self._reaching,
            **site.access[provider].media,
            "MEDIA_BUCKET": site.storage.media.bucket_name,
            "BUS_NAME": site.bus.bus.event_bus_name,
        }
        self.begin = self._function("begin_clip", minutes=5, environment=every)
        self.poll = self._function("poll_clip", minutes=5, environment=every)
        self.store = self._function("store_clip", minutes=15, environment=every, memory_mb=1024)
        self.finish = self._function("finish_clip", minutes=2, environment=every)
        self.resume = self._function("resume_task", minutes=1, environment=ours)
        self.machine = self._clip_machine(waits.growth, longest)
        self._start_on_request()
        self._resume_on_webhook()

    def _longest_wait(self, waits: Waits) -> str:
        """Seconds between two looks, at most: fewer cost more, and more make it later."""
        longest = CfnParameter(
            self,
            "LongestWait",
            default=str(waits.longest_seconds),
            allowed_pattern="[1-9][0-9]{0,3}",
            description="How many seconds to wait at most between two looks at a clip.",
        )
        longest.override_logical_id(f"{self._provider.id}ClipLongestWait")
        return longest.value_as_string

    def _clip_machine(self, growth: float, longest_seconds: str) -> Machine:
        return self._machine(
            "Clip",
            states=clip(
                begin=self.begin.function_arn,
                poll=self.poll.function_arn,
                store=self.store.function_arn,
                finish=self.finish.function_arn,
                retries=self._site.retries,
                growth=growth,
                longest_seconds=longest_seconds,
            ),
            timeout=LONGEST,
        )

    def _start_on_request(self) -> None:
        """Whoever put it there: the API, or another system of the owner's."""
        events.Rule(
            self,
            "Requested",
            event_bus=self._site.bus.bus,
            event_pattern=events.EventPattern(
                detail_type=[REQUESTED], detail={"provider": [self._provider.name]}
            ),
            targets=[
                targets.SfnStateMachine(
                    self.machine,
                    input=events.RuleTargetInput.from_event_path("$.detail"),
                    dead_letter_queue=self._site.functions.dead_letters,
                    retry_attempts=ATTEMPTS,
                    max_event_age=WORTH_STARTING,
                )
            ],
        )

    def _resume_on_webhook(self) -> None:
        """Without a queue, which costs something even while it is empty."""
        sent = dict.fromkeys(webhook.dataset for webhook in self._provider.webhooks)
        events.Rule(
            self,
            "WebhookKept",
            event_pattern=objects_created(
                self._site.storage.raw, [f"{self._provider.name}/{dataset}/" for dataset in sent]
            ),
            targets=[
                targets.LambdaFunction(
                    self.resume,
                    dead_letter_queue=self._site.functions.dead_letters,
                    retry_attempts=ATTEMPTS,
                    max_event_age=WORTH_WAKING,
                )
            ],
        )
