"""All items of one of our own tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

Item = Mapping[str, Any]  # as DynamoDB has it


@dataclass(frozen=True)
class Items:
    """Read from end to end: for what has to be looked for everywhere."""

    table: "Table"

    @property
    def name(self) -> str:
        return self.table.name

    def all(self) -> Iterator[Item]:
        begin: dict[str, Any] = {}
        while True:
            page = self.table.scan(ConsistentRead=True, **begin)
            yield from page["Items"]
            if not (place := page.get("LastEvaluatedKey")):
                return
            begin = {"ExclusiveStartKey": place}

    def key(self, item: Item) -> dict[str, Any]:
        return {one["AttributeName"]: item[one["AttributeName"]] for one in self.table.key_schema}

    def delete(self, item: Item) -> None:
        self.table.delete_item(Key=self.key(item))

    def forget(self, item: Item, members: list[str]) -> None:
        """Leave the item without these members."""
        names = {f"#{place}": name for place, name in enumerate(members)}
        self.table.update_item(
            Key=self.key(item),
            UpdateExpression=f"REMOVE {', '.join(names)}",
            ExpressionAttributeNames=names,
        )
