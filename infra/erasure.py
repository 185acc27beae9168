"""Erasure: everything of some people, wherever it is, and the proof that it is gone."""

from collections.abc import Iterable, Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.erasure_states import erasure
from infra.flow import Site
from infra.function import TelematicsFunction
from infra.identity import camel_case
from infra.machine import Machine
from infra.queues import DeadLetters
from infra.users import Users
from telematics.catalog import Provider

REQUESTED = "User Erasure Requested"
ATTEMPTS = 20
LONGEST = Duration.days(3)
ONE_CORE_MB, MORE_MB = 1769, 3008


class Erasure(Construct):
    """`User Erasure Requested` on the bus -> the machine, which takes everybody who waits."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        site: Site,
        users: Users,
        dead_letters: Iterable[DeadLetters],
        settles_within: Duration,
    ) -> None:
        super().__init__(scope, id)
        self._site = site
        self.letters = list(dead_letters)
        storage, letters = site.storage, [one.queue_url for one in self.letters]
        pass_ = {
            "TASKS_TABLE": storage.tasks.table_name,
            "RESULTS_BUCKET": storage.results.bucket_name,
        }
        everything = {
            **pass_,
            **site.lake.environment,
            "RAW_BUCKET": storage.raw.bucket_name,
            "MEDIA_BUCKET": storage.media.bucket_name,
            "LEDGER_TABLE": storage.ledger.table_name,
            "ACCESS_LOG_TABLE": users.access_log.table_name,
            "DEAD_LETTERS": ",".join(letters),
        }
        told = {"BUS_NAME": site.bus.bus.event_bus_name}
        self.begin = self._function("begin_erasure", 5, pass_)
        self.revoke = {one: self._revoke(one, pass_) for one in site.access if one.forgets}
        self.purge = self._function("purge_people", 15, everything, memory_mb=MORE_MB)
        self.verify = self._function("verify_erasure", 15, everything, memory_mb=ONE_CORE_MB)
        self.finish = self._function("finish_erasure", 15, pass_ | told)
        for function in self._all:
            users.let_check(function)
            users.let_read(function)
            users.let_list(function)
        for function in (self.begin, self.purge, self.finish):
            users.let_manage(function)
        users.let_log(self.finish)
        self.machine = self._machine(settles_within)
        self.machine.may_be_followed_by(self.begin)
        self._start_on_request()

    @property
    def _all(self) -> list[TelematicsFunction]:
        return [self.begin, *self.revoke.values(), self.purge, self.verify, self.finish]

    def _machine(self, settles_within: Duration) -> Machine:
        return Machine(
            self,
            "Erasure",
            states=erasure(
                begin=self.begin.function_arn,
                revoke={one.name: by.function_arn for one, by in self.revoke.items()},
                purge=self.purge.function_arn,
                verify=self.verify.function_arn,
                finish=self.finish.function_arn,
                retries=self._site.retries,
                pause_seconds=int(settles_within.to_seconds()),
            ),
            timeout=LONGEST,
            alarms=self._site.functions.alarms,
        )

    def _start_on_request(self) -> None:
        """What the event tells of whom is not needed: whoever waits is in the users' table."""
        events.Rule(
            self,
            "Requested",
            event_bus=self._site.bus.bus,
            event_pattern=events.EventPattern(detail_type=[REQUESTED]),
            targets=[
                targets.SfnStateMachine(
                    self.machine,
                    input=events.RuleTargetInput.from_object({}),
                    dead_letter_queue=self._site.functions.dead_letters,
                    retry_attempts=ATTEMPTS,
                    max_event_age=Duration.hours(24),
                )
            ],
        )

    def _revoke(self, provider: Provider, environment: Mapping[str, str]) -> TelematicsFunction:
        access = self._site.access[provider]
        reaching = {
            "PROVIDER": provider.name,
            "PROVIDER_BASE_URL": access.base_url,
            "SECRET_ARN": access.secret_arn,
        }
        return self._function("revoke_people", 15, {**environment, **reaching}, of=provider.id)

    def _function(
        self,
        verb: str,
        minutes: int,
        environment: Mapping[str, str],
        *,
        memory_mb: int = 512,
        of: str = "",
    ) -> TelematicsFunction:
        return TelematicsFunction(
            self,
            f"{camel_case(verb)}{of}",
            verb=verb,
            shared=self._site.functions,
            timeout=Duration.minutes(minutes),
            memory_mb=memory_mb,
            environment=environment,
            uses_lake=True,
        )
