"""Machines that wait for a token, and what they are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
import msgspec
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# Time was up, or somebody else has answered: the machine has gone on, and will ask again.
_GONE = frozenset({"TaskTimedOut", "InvalidToken", "TaskDoesNotExist"})


@dataclass(frozen=True)
class Callbacks:
    """Answers to waiting machines. Tokens are never shown."""

    client: "SFNClient"

    def answer(self, token: str, told: Mapping[str, object]) -> bool:
        """Whether anybody still waited for it."""
        try:
            self.client.send_task_success(
                taskToken=token, output=msgspec.json.encode(told).decode()
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
        return True


@cache
def deployed() -> Callbacks:
    return Callbacks(boto3.client("stepfunctions"))
