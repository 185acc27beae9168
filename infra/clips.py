"""A provider's footage on request: claimed, asked for, waited for, stored, accounted for."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.announcements import objects_created
from infra.bus import Bus
from infra.clip_states import clip
from infra.function import Functions, TelematicsFunction
from infra.identity import camel_case
from infra.machine import Machine
from infra.providers import ProviderAccess
from infra.stages import Retries, Waits
from infra.storage import Storage
from telematics.catalog import Provider

REQUESTED = "Clip Requested"
# Longer than the longest deadline, so that it is never this that ends a clip.
LONGEST = Duration.days(11)
WORTH_STARTING = Duration.hours(24)
WORTH_WAKING = Duration.hours(1)  # by then it has been asked again without that
ATTEMPTS = 20


class Clips(Construct):
    """`Clip Requested` on the bus -> the machine; a webhook ends a wait of it sooner.

    None of the functions rings: whose failure matters fails its execution, or is a dead letter.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        access: ProviderAccess,
        functions: Functions,
        storage: Storage,
        bus: Bus,
        retries: Retries,
        waits: Waits,
    ) -> None:
        super().__init__(scope, id)
        self._provider = provider
        self._functions = functions
        ours = {
            "PROVIDER": provider.name,
            "RAW_BUCKET": storage.raw.bucket_name,
            "TASKS_TABLE": storage.tasks.table_name,
            "CLIP_FIRST_WAIT_SECONDS": str(waits.first_seconds),
            "CLIP_LONGEST_WAIT_SECONDS": str(waits.longest_seconds),
        }
        every = {
            **ours,
            "PROVIDER_BASE_URL": access.base_url,
            "SECRET_ARN": access.secret_arn,
            "MEDIA_BUCKET": storage.media.bucket_name,
            "BUS_NAME": bus.bus.event_bus_name,
            **access.media,
        }
        self.begin = self._function("begin_clip", 5, every)
        self.poll = self._function("poll_clip", 5, every)
        self.store = self._function("store_clip", 15, every, memory_mb=1024)
        self.finish = self._function("finish_clip", 2, every)
        self.resume = self._function("resume_task", 1, ours)
        self.machine = self._machine(retries, waits)
        self._start_on_request(bus)
        self._resume_on_webhook(storage)

    def _machine(self, retries: Retries, waits: Waits) -> Machine:
        return Machine(
            self,
            f"Clip{self._provider.id}",
            states=clip(
                begin=self.begin.function_arn,
                poll=self.poll.function_arn,
                store=self.store.function_arn,
                finish=self.finish.function_arn,
                retries=retries,
                waits=waits,
            ),
            timeout=LONGEST,
            alarms=self._functions.alarms,
        )

    def _start_on_request(self, bus: Bus) -> None:
        """Whoever put it there: the API, or another system of the owner's."""
        events.Rule(
            self,
            "Requested",
            event_bus=bus.bus,
            event_pattern=events.EventPattern(
                detail_type=[REQUESTED], detail={"provider": [self._provider.name]}
            ),
            targets=[
                targets.SfnStateMachine(
                    self.machine,
                    input=events.RuleTargetInput.from_event_path("$.detail"),
                    dead_letter_queue=self._functions.dead_letters,
                    retry_attempts=ATTEMPTS,
                    max_event_age=WORTH_STARTING,
                )
            ],
        )

    def _resume_on_webhook(self, storage: Storage) -> None:
        """Without a queue, which costs something even while it is empty."""
        sent = dict.fromkeys(webhook.dataset for webhook in self._provider.webhooks)
        events.Rule(
            self,
            "WebhookKept",
            event_pattern=objects_created(
                storage.raw, [f"{self._provider.name}/{dataset}/" for dataset in sent]
            ),
            targets=[
                targets.LambdaFunction(
                    self.resume,
                    dead_letter_queue=self._functions.dead_letters,
                    retry_attempts=ATTEMPTS,
                    max_event_age=WORTH_WAKING,
                )
            ],
        )

    def _function(
        self, verb: str, minutes: int, environment: Mapping[str, str], *, memory_mb: int = 512
    ) -> TelematicsFunction:
        return TelematicsFunction(
            self,
            f"{camel_case(verb)}{self._provider.id}",
            verb=verb,
            shared=self._functions,
            timeout=Duration.minutes(minutes),
            memory_mb=memory_mb,
            environment=environment,
            rings=False,
        )
