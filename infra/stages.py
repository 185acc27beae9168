"""What differs between a deployment to AWS and one into the sandbox."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How a state machine tries again what failed, after the first attempt.

    `crowded` is the error by which it is told that too many functions run at once.
    """

    first_after_seconds: int
    backoff_rate: float
    attempts: int = 3
    crowded: str = "Lambda.TooManyRequestsException"


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """How often to ask a provider again for what it does not know yet, each time later."""

    first_after_seconds: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How long to wait between two looks at what a provider is still making, each time longer."""

    first_seconds: int
    growth: float
    longest_seconds: int


@dataclass(frozen=True, kw_only=True)
class Answers:
    """How long to wait for what a provider posts when it has it, and how often to ask for it."""

    wait_seconds: int
    asks: int


@dataclass(frozen=True, kw_only=True)
class StageSettings:
    """`retain` keeps data when the stack is deleted.

    A message that fails comes back after seconds at first, then ever later: the attempts at a load
    must outlast somebody else's load of the same object, those at asking a provider its bad hours.
    `gate_seconds` is for how long it may go unnoticed that somebody was blocked.
    """

    dependency_layers: bool
    retain: bool
    retries: Retries
    loading_attempts: int
    merging_waits_seconds: int
    asking_attempts: int
    asking_rounds: Rounds
    clip_waits: Waits
    collision_answers: Answers
    asks_for_collisions: bool
    clips_of_impacts: bool
    gate_seconds: int
    schedules: bool
    saved_queries: bool
    event_archive: bool
    budget: bool


STAGES = {
    "aws": StageSettings(
        dependency_layers=True,
        retain=True,
        retries=Retries(first_after_seconds=120, backoff_rate=3),
        loading_attempts=8,
        merging_waits_seconds=60,  # a batch costs the same whatever is in it
        asking_attempts=30,  # more than six hours
        asking_rounds=Rounds(first_after_seconds=15, most=10),  # about an hour
        clip_waits=Waits(first_seconds=10, growth=1.5, longest_seconds=900),
        collision_answers=Answers(wait_seconds=900, asks=3),  # it comes within minutes
        asks_for_collisions=False,
        clips_of_impacts=False,
        gate_seconds=10,
        schedules=True,
        saved_queries=True,
        event_archive=True,
        budget=True,
    ),
    # The emulator has the third-party packages and no CloudFormation for saved queries, archives
    # and budgets. Nothing starts there by itself, so that what one sees is what one did.
    "sandbox": StageSettings(
        dependency_layers=False,
        retain=False,
        # Without a word of its own: what a function raises has another one there.
        retries=Retries(first_after_seconds=1, backoff_rate=1, crowded="Lambda.Unknown"),
        loading_attempts=3,
        merging_waits_seconds=1,
        asking_attempts=3,
        asking_rounds=Rounds(first_after_seconds=2, most=5),  # about a minute
        clip_waits=Waits(first_seconds=1, growth=1.3, longest_seconds=5),
        collision_answers=Answers(wait_seconds=15, asks=3),
        asks_for_collisions=True,
        clips_of_impacts=True,
        gate_seconds=1,
        schedules=False,
        saved_queries=False,
        event_archive=False,
        budget=False,
    ),
}


def stage_settings(stage: str) -> StageSettings:
    if stage not in STAGES:
        raise ValueError(f"there is no stage {stage!r}: choose one of {', '.join(STAGES)}")
    return STAGES[stage]
