"""Tests that say which fault of which flow they show, found in their source without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("tests/unit", "tests/infra", "tests/integration")


@dataclass(frozen=True)
class Shown:
    """One test for one pair."""

    fault: str
    flow: str
    file: str
    test: str
    is_thorough: bool

    @property
    def id(self) -> str:
        return f"{self.file}::{self.test}"

    @property
    def sentence(self) -> str:
        return self.test.removeprefix("test_").replace("_", " ")

    @property
    def runs_in(self) -> str:
        return "make soak" if self.is_thorough else "make test"


def shown() -> list[Shown]:
    """In the order of files, and of tests in them."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("test_*.py"))]
    return [one for path in paths if b"mark.fault(" in path.read_bytes() for one in _in(path)]


def _in(path: Path) -> Iterator[Shown]:
    file = path.relative_to(ROOT).as_posix()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            decorators = [ast.unparse(one) for one in node.decorator_list]
            is_thorough = "pytest.mark.thorough" in decorators
            for one in node.decorator_list:
                for fault, flow in _pairs(one):
                    yield Shown(fault, flow, file, node.name, is_thorough)


def _pairs(decorator: ast.expr) -> Iterator[tuple[str, str]]:
    """Of `@pytest.mark.fault("duplicate", of=("move",))`."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault":
        [of] = [ast.literal_eval(one.value) for one in decorator.keywords if one.arg == "of"]
        for fault in map(ast.literal_eval, decorator.args):
            for flow in of:
                yield fault, flow
