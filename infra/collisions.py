"""A provider's details of collisions on request: claimed, asked for, waited for, told of."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.announcements import objects_created
from infra.collision_states import collision
from infra.flow import Flow, Site
from infra.function import TelematicsFunction
from infra.machine import Machine
from infra.stages import Answers, Waits
from telematics.catalog import Provider

REQUESTED = "Collision Requested"
LONGEST = Duration.hours(23)  # less than a request may be open
WORTH_STARTING = Duration.hours(12)
WORTH_WAKING = Duration.hours(1)  # by then it has been asked again without that
ATTEMPTS = 20


class Collisions(Flow):
    """A claimed `Collision Requested` -> the machine; one that nobody has claimed -> a function.

    None of the functions rings: whose failure matters fails its execution, or is a dead letter.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        site: Site,
        webhook_api_url: str,
        answers: Answers,
        waits: Waits,
    ) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        tasks = {"PROVIDER": provider.name, "TASKS_TABLE": site.storage.tasks.table_name}
        told = {**tasks, "BUS_NAME": site.bus.bus.event_bus_name}
        seconds, asks = self._patience(answers)
        asking = {
            **self._reaching,
            **tasks,
            "ANSWER_SECONDS": seconds,
            "MOST_ASKS": asks,
            "FIRST_WAIT_SECONDS": str(waits.first_seconds),
            "LONGEST_WAIT_SECONDS": str(waits.longest_seconds),
            "WEBHOOK_API_URL": webhook_api_url,
            "PUBLIC_URL": self._parameter(
                "PublicUrl",
                f"Where {provider.title} reaches our webhooks, if not at their own address.",
                default="",
                pattern="(https?://.+)?",
            ),
        }
        self.claim = self._function("claim_collision", minutes=1, environment=told)
        self.ask = self._function("ask_collision", minutes=3, environment=asking)
        self.finish = self._function("finish_collision", minutes=2, environment=told)
        self.resume = self._function("resume_task", minutes=1, environment=tasks)
        self.machine = self._waiting(seconds)
        self._start_on_request()
        self._resume_on_answer()

    def _patience(self, answers: Answers) -> tuple[str, str]:
        """The seconds that an answer is waited for, and how often it is asked for."""
        seconds = self._parameter(
            "AnswerSeconds",
            "How many seconds to wait for the details of a collision before asking again.",
            default=str(answers.wait_seconds),
            pattern="[1-9][0-9]{0,3}",
        )
        asks = self._parameter(
            "MostAsks",
            "How often to ask for the details of a collision.",
            default=str(answers.asks),
            pattern="[1-9]",
        )
        return seconds, asks

    def _waiting(self, answer_seconds: str) -> Machine:
        return self._machine(
            "Collision",
            states=collision(
                ask=self.ask.function_arn,
                finish=self.finish.function_arn,
                retries=self._site.retries,
                answer_seconds=answer_seconds,
            ),
            timeout=LONGEST,
        )

    def _start_on_request(self) -> None:
        """Of the event the machine gets nothing but the id: the task knows who and where.

        What another system of the owner's wants is claimed first.
        """
        claimed = events.RuleTargetInput.from_object(
            {"collision_id": events.EventField.from_path("$.detail.collision_id")}
        )
        self._on_request(
            "Claimed",
            events.Match.exists(),
            targets.SfnStateMachine(
                self.machine,
                input=claimed,
                dead_letter_queue=self._site.functions.dead_letters,
                retry_attempts=ATTEMPTS,
                max_event_age=WORTH_STARTING,
            ),
        )
        claim = self._calling(self.claim, WORTH_STARTING)
        self._on_request("Requested", events.Match.does_not_exist(), claim)

    def _on_request(self, id: str, collision_id: object, target: events.IRuleTarget) -> None:
        detail = {"provider": [self._provider.name], "collision_id": collision_id}
        events.Rule(
            self,
            id,
            event_bus=self._site.bus.bus,
            event_pattern=events.EventPattern(detail_type=[REQUESTED], detail=detail),
            targets=[target],
        )

    def _resume_on_answer(self) -> None:
        """Without a queue, which costs something even while it is empty."""
        kept = f"{self._provider.name}/{self._provider.called_back.dataset}/"
        events.Rule(
            self,
            "AnswerKept",
            event_pattern=objects_created(self._site.storage.raw, [kept]),
            targets=[self._calling(self.resume, WORTH_WAKING)],
        )

    def _calling(self, function: TelematicsFunction, worth: Duration) -> events.IRuleTarget:
        return targets.LambdaFunction(
            function,
            dead_letter_queue=self._site.functions.dead_letters,
            retry_attempts=ATTEMPTS,
            max_event_age=worth,
        )
