"""The dependency layers: built from the locks alone, small enough, and importable."""

import subprocess
import sys
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import boto3
import pytest

from infra.layers import NOT_BUILT
from infra.synthesis import ROOT, application
from layers import build, bytecode, requirements
from layers.build import AWS, HOST, Layer, Target
from layers.strip import strip, without_symbols
from tests.infra.conftest import read
from tests.infra.template import Template

# What the managed runtime brings along.
MANAGED = ("boto3", "botocore", "jmespath", "s3transfer", "urllib3")
IMPORTED = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.utilities.batch",
    "httpx",
    "isal.igzip",
    "msgspec",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.fs",
    "pyarrow.json",
    "pyarrow.parquet",
    "pydantic",
    "pyiceberg.catalog.glue",
    "pyiceberg.io.pyarrow",
)


def silent(_: str) -> None:
    """Nobody reads the builder's progress here."""


def built(target: Target) -> Mapping[str, Layer]:
    """Both layers, built unless they are already."""
    return {name: build.build(name, target, silent) for name in requirements.NAMES}


@pytest.fixture(scope="module")
def host() -> Mapping[str, Layer]:
    return built(HOST)


@pytest.fixture(scope="module")
def for_lambda() -> Mapping[str, Layer]:
    return built(AWS)


def test_functions_and_all_layers_fit_into_lambda_together(
    for_lambda: Mapping[str, Layer],
) -> None:
    ours = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/telematics").rglob("*.py")]
    own_bytes = sum(path.stat().st_size for path in ours)
    layer_bytes = sum(layer.unzipped_bytes for layer in for_lambda.values())
    assert own_bytes + layer_bytes < build.LIMIT_BYTES


def test_libraries_are_those_of_lambdas_machine_type(for_lambda: Mapping[str, Layer]) -> None:
    names = [path.name for path in for_lambda["lake"].folder.rglob("*.so")]
    assert "lib.cpython-313-aarch64-linux-gnu.so" in names
    assert not [name for name in names if "x86_64" in name]


def test_bytecode_is_lambdas_or_there_is_none(for_lambda: Mapping[str, Layer]) -> None:
    for layer in for_lambda.values():
        compiled = list(layer.folder.rglob("*.pyc"))
        assert bool(compiled) == bool(bytecode.interpreter(AWS.python))
        assert all(path.name.endswith(".cpython-313.pyc") for path in compiled)


def test_bytecode_is_taken_without_looking_at_the_source(host: Mapping[str, Layer]) -> None:
    unchecked = (1).to_bytes(4, "little")
    for path in host["runtime"].folder.rglob("*.pyc"):
        assert path.read_bytes()[:8] == MAGIC_NUMBER + unchecked


def test_boto3_is_left_to_the_managed_runtime(for_lambda: Mapping[str, Layer]) -> None:
    packages = {
        path.name for layer in for_lambda.values() for path in (layer.folder / "python").iterdir()
    }
    assert not packages & {"boto3", "botocore", "requests", "urllib3"}


def test_a_clean_interpreter_imports_what_functions_import(
    host: Mapping[str, Layer], tmp_path: Path
) -> None:
    installed = Path(boto3.__file__).parent.parent
    for package in MANAGED:
        (tmp_path / package).symlink_to(installed / package)
    folders = [str(layer.folder.resolve() / "python") for layer in host.values()]
    script = (
        f"import sys; sys.path[:0] = {folders!r}; sys.path.append({str(tmp_path)!r})\n"
        f"import importlib, importlib.metadata, io\n"
        f"for name in {IMPORTED!r}: importlib.import_module(name)\n"
        "importlib.metadata.version('pyarrow')\n"
        "import pyarrow, pyarrow.parquet\n"
        "file = io.BytesIO()\n"
        "pyarrow.parquet.write_table(pyarrow.table({'a': [1]}), file, compression='zstd')\n"
        # A thread that pyarrow starts as the interpreter ends may abort it.
        "file.seek(0); print(pyarrow.parquet.read_table(file, use_threads=False).num_rows)"
    )
    python = getattr(sys, "_base_executable", sys.executable)
    answer = subprocess.run(  # noqa: S603 our own words
        [python, "-I", "-S", "-c", script], capture_output=True, text=True, check=False
    )
    assert (answer.stdout.strip(), answer.stderr) == ("1", "")


def test_a_second_build_leaves_the_first_one_alone(host: Mapping[str, Layer]) -> None:
    reports: list[str] = []
    assert build.build("runtime", HOST, reports.append) == host["runtime"]
    assert reports[0].startswith("runtime: up to date")


def test_a_layer_made_from_something_else_counts_as_not_built(tmp_path: Path) -> None:
    (tmp_path / "aws" / "runtime" / "python").mkdir(parents=True)
    stamp = tmp_path / "aws" / "runtime.json"
    stamp.write_text('{"made_from": "another lock", "compiled_by": "3.13.0"}')
    assert build.built("runtime", AWS, tmp_path) is None


def test_a_build_that_fails_says_why_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "installed", lambda name: "no-such==1 --hash=sha256:0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(build.BuildFailed, match="runtime: pip could not install it"):
        build.build("runtime", HOST, silent, tmp_path)
    assert not list((tmp_path / "host").iterdir())


def test_a_machine_without_lambdas_python_is_told_what_that_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bytecode, "interpreter", lambda version: None)
    monkeypatch.setattr(build, "build", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["layers.build", "--target", "aws"])
    assert build.main() == 0
    assert (
        "No Python 3.13 on this machine: the layers will hold no bytecode"
        in capsys.readouterr().err
    )


def test_both_layers_together_hold_what_functions_need_once() -> None:
    runtime, lake = (requirements.installed(name) for name in requirements.NAMES)
    assert "pydantic==" in runtime
    assert "pydantic==" not in lake
    assert "pyiceberg==" in lake
    assert "rich==" not in lake


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for name in requirements.NAMES:
        assert all("--hash=sha256:" in pin for pin in requirements.pinned(name).values())


def test_a_requirement_for_some_machines_only_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runtime").mkdir()
    lock = tmp_path / "runtime" / "requirements.txt"
    lock.write_text("six==1.17.0 ; python_full_version < '3.13' \\\n    --hash=sha256:0\n")
    monkeypatch.setattr(requirements, "LAYERS", tmp_path)
    with pytest.raises(ValueError, match="judged by the machine that builds"):
        requirements.pinned("runtime")


def test_tests_headers_and_unused_engines_are_left_out(tmp_path: Path) -> None:
    unread = ["pyarrow/tests/test_a.py", "pyarrow/include/arrow/api.h", "pyarrow/_flight.so"]
    unread += ["pyarrow/libarrow.so", "a-1.dist-info/RECORD"]
    read_ = ["pyarrow/parquet/core.py", "pyarrow/libarrow.so.2600", "a-1.dist-info/METADATA"]
    for name in (*unread, *read_):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    strip(tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(read_)


def test_what_is_no_library_of_linux_keeps_every_byte() -> None:
    assert without_symbols(b"MZ something else") == b"MZ something else"


def test_without_built_layers_a_deployment_is_refused_before_anything_changes(
    aws: Template,
) -> None:
    [assertion] = aws.body["Rules"]["DependencyLayersAreBuilt"]["Assertions"]
    assert assertion["AssertDescription"] == NOT_BUILT
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "DependencyLayers"}, "built"]}
    assert aws.body["Parameters"]["DependencyLayers"]["Default"] == "not built"


@pytest.mark.usefixtures("for_lambda")
def test_with_built_layers_nothing_is_refused(tmp_path: Path) -> None:
    application("aws", outdir=tmp_path).synth()
    assert "DependencyLayersAreBuilt" not in read(tmp_path).body["Rules"]
    assert list(tmp_path.glob("asset.*/python/pyarrow/parquet"))


def test_the_sandbox_needs_no_built_layers(sandbox: Template) -> None:
    assert "DependencyLayersAreBuilt" not in sandbox.body["Rules"]
