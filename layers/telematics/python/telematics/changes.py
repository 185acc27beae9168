"""Conditional changes of one item of a DynamoDB table."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import ConditionBase
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class Change:
    """An update in DynamoDB's words; every name has a placeholder, as many names are reserved."""

    def __init__(self) -> None:
        self._clauses: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._values: dict[str, object] = {}

    def write(self, facts: Mapping[str, object], initially: Mapping[str, object]) -> None:
        for name, value in facts.items():
            if value is None:
                self.drop([name])
            else:
                self._add("SET", f"{self._name(name)} = {self._value(name, value)}")
        for name, value in initially.items():
            known = f"if_not_exists({self._name(name)}, {self._value(name, value)})"
            self._add("SET", f"{self._name(name)} = {known}")

    def drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._add("REMOVE", self._name(name))

    def count(self, names: Iterable[str]) -> None:
        for name in names:
            self._add("ADD", f"{self._name(name)} {self._value(name, 1)}")

    # boto3 wants each argument under its own name and type, which a mapping can't promise.
    def arguments(self) -> dict[str, Any]:
        clauses = (f"{verb} {', '.join(parts)}" for verb, parts in self._clauses.items())
        arguments = {
            "UpdateExpression": " ".join(clauses),
            "ExpressionAttributeNames": self._names,
        }
        return arguments | ({"ExpressionAttributeValues": self._values} if self._values else {})

    def _add(self, verb: str, clause: str) -> None:
        self._clauses.setdefault(verb, []).append(clause)

    def _name(self, name: str) -> str:
        self._names[f"#{name}"] = name
        return f"#{name}"

    def _value(self, name: str, value: object) -> str:
        self._values[f":{name}"] = value
        return f":{name}"


def made(
    table: "Table", place: Mapping[str, str], change: Change, condition: ConditionBase | None = None
) -> bool:
    """Whether the condition held, and so the change was made."""
    where: dict[str, Any] = {} if condition is None else {"ConditionExpression": condition}
    try:
        table.update_item(Key=dict(place), **change.arguments(), **where)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True
