"""The synthesized stack's files: the same sources give the same bytes, other sources others."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.sandbox.assembly import Assembly, fingerprint, zip_folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("infra/stack.py", "infra/cli/main.py", "functions/convert.py", "app.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    return tmp_path


@pytest.mark.parametrize("name", ["app.py", "infra/stack.py", "functions/new.py"])
def test_other_sources_are_another_stack(checkout: Path, name: str) -> None:
    before = fingerprint(checkout)
    (checkout / name).write_text("x = 2\n")
    assert fingerprint(checkout) != before


@pytest.mark.parametrize("name", ["infra/cli/main.py", "functions/__pycache__/convert.pyc", "docs"])
def test_what_is_not_deployed_makes_no_other_stack(checkout: Path, name: str) -> None:
    before = fingerprint(checkout)
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("x = 2\n")
    assert fingerprint(checkout) == before


def test_a_moved_file_is_another_stack(checkout: Path) -> None:
    before = fingerprint(checkout)
    (checkout / "functions" / "convert.py").rename(checkout / "functions" / "load.py")
    assert fingerprint(checkout) != before


def test_a_folder_gives_the_same_archive_whenever_it_was_written(tmp_path: Path) -> None:
    archives = []
    for copy in ("one", "two"):
        folder = tmp_path / copy
        (folder / "python").mkdir(parents=True)
        names = ["b.py", "a.py"] if copy == "one" else ["a.py", "b.py"]
        for name in names:
            (folder / "python" / name).write_text(name)
        archives.append(zip_folder(folder))
    assert archives[0] == archives[1]
    with zipfile.ZipFile(io.BytesIO(archives[0])) as archive:
        assert archive.namelist() == ["python/a.py", "python/b.py"]
        assert archive.getinfo("python/a.py").external_attr >> 16 == 0o644


def test_the_assembly_tells_what_goes_where(tmp_path: Path) -> None:
    template: dict[str, dict[str, object]] = {"Resources": {"Raw": {}, "Lake": {}}}
    (tmp_path / "telematics.template.json").write_text(json.dumps(template))
    (tmp_path / "asset.1").mkdir()
    bucket = "assets-${AWS::AccountId}-${AWS::Region}"
    files = {
        name: {
            "source": {"path": path, "packaging": packaging},
            "destinations": {"here": {"bucketName": bucket, "objectKey": f"{name}.x"}},
        }
        for name, path, packaging in [
            ("1", "asset.1", "zip"),
            ("2", "telematics.template.json", "file"),
        ]
    }
    (tmp_path / "telematics.assets.json").write_text(json.dumps({"files": files}))
    made = Assembly(tmp_path)
    assert [asset.key for asset in made.assets] == ["1.x", "2.x"]
    assert made.template.key == "2.x"
    assert json.loads(made.template.content()) == template
    assert made.resources == 2
