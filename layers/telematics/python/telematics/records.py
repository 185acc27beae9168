"""Tasks as what they are: read, changed a step at a time, and never over somebody else's change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, Self, TypeVar

from telematics.errors import Busy, TelematicsError
from telematics.tasks import Item, Tasks

ATTEMPTS = 30


class Record(Protocol):
    """A task of one kind. `revision` is the one that was read."""

    KIND: ClassVar[str]

    @property
    def revision(self) -> int: ...

    def with_(self, **facts: object) -> Self: ...

    def item(self) -> Item: ...

    @classmethod
    def of(cls, item: Item) -> Self: ...


T = TypeVar("T", bound=Record)


@dataclass(frozen=True)
class Records(Generic[T]):
    """Those of one kind among the tasks. `unknown` is raised for one that is not there."""

    tasks: Tasks
    model: type[T]
    unknown: type[TelematicsError]

    def get(self, task_id: str) -> T | None:
        item = self.tasks.get(task_id)
        return self.model.of(item) if item and item.get("kind") == self.model.KIND else None

    def change(self, task_id: str, step: Callable[[T], T]) -> T:
        """As it is then; `step` may be called again, if somebody else was faster."""

        def known(one: T | None) -> T:
            if one is None:
                raise self.unknown(f"there is no {self.model.KIND} {task_id}")
            return step(one)

        return self.put(task_id, known)

    def put(self, task_id: str, step: Callable[[T | None], T]) -> T:
        """As `change`, but it need not be there yet."""
        for _ in range(ATTEMPTS):
            one = self.get(task_id)
            wanted = step(one)
            if wanted == one:
                return wanted
            revision = one.revision if one else 0
            if self.tasks.write(task_id, wanted.item(), revision=revision):
                return wanted.with_(revision=revision + 1)
        raise Busy(f"others keep changing {task_id}")
