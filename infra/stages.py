"""What differs between a deployment to AWS and one into the sandbox."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StageSettings:
    """`retain` keeps data when the stack is deleted."""

    dependency_layers: bool
    retain: bool
    retry_seconds: int
    schedules: bool
    saved_queries: bool


STAGES = {
    "aws": StageSettings(
        dependency_layers=True,
        retain=True,
        retry_seconds=120,
        schedules=True,
        saved_queries=True,
    ),
    # The emulator has the third-party packages and no CloudFormation for saved queries. Nothing
    # starts there by itself, so that what one sees is what one did.
    "sandbox": StageSettings(
        dependency_layers=False,
        retain=False,
        retry_seconds=1,
        schedules=False,
        saved_queries=False,
    ),
}


def stage_settings(stage: str) -> StageSettings:
    if stage not in STAGES:
        raise ValueError(f"there is no stage {stage!r}: choose one of {', '.join(STAGES)}")
    return STAGES[stage]
