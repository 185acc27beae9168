"""Several items of a DynamoDB table, changed together or not at all."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

# Somebody else was faster, or is at it right now: what was read is read again.
OVERTAKEN = {"None", "ConditionalCheckFailed", "TransactionConflict"}


class Transaction:
    """Whole items, put and deleted; each only if the condition on what is there holds.

    A condition is an attribute and what it must be, or nothing: then the item must not be there.
    """

    def __init__(self, table: "Table", key: str) -> None:
        self._table = table
        self._key = key
        self._steps: list[Mapping[str, Any]] = []  # as boto3 has them

    def create(self, item: Mapping[str, Any]) -> None:
        absent = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": self._key},
        }
        self._steps.append({"Put": self._here(Item=dict(item), **absent)})

    def replace(self, item: Mapping[str, Any], attribute: str, value: object) -> None:
        self._steps.append({"Put": self._here(Item=dict(item), **_equal(attribute, value))})

    def delete(self, place: str, attribute: str, value: object) -> None:
        key = {self._key: place}
        self._steps.append({"Delete": self._here(Key=key, **_equal(attribute, value))})

    def commit(self) -> bool:
        """Whether all conditions held, and so everything was changed."""
        steps: Any = self._steps  # boto3 wants one type for each kind of step
        try:
            self._table.meta.client.transact_write_items(TransactItems=steps)
        except ClientError as error:
            if _is_overtaken(error):
                return False
            raise
        return True

    def _here(self, **arguments: object) -> Mapping[str, Any]:
        return {"TableName": self._table.name, **arguments}


def _equal(attribute: str, value: object) -> Mapping[str, Any]:
    return {
        "ConditionExpression": "#attribute = :value",
        "ExpressionAttributeNames": {"#attribute": attribute},
        "ExpressionAttributeValues": {":value": value},
    }


def _is_overtaken(error: ClientError) -> bool:
    """Not where it was throttled, or makes no sense."""
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return False
    # The reasons are in the answer beside the error, which its type does not know.
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {str(one.get("Code", "None")) for one in reasons}
    return codes <= OVERTAKEN
