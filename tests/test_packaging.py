"""The project file, the public names, and what make says where something is missing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import spamlint
from spamlint import ruleset

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_one_version() -> None:
    assert PROJECT["version"] == spamlint.__version__
    newest = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("\n## [")[2].partition("]")[0]
    assert newest in {"Unreleased", spamlint.__version__}


def test_the_licence_is_in_the_package() -> None:
    assert all((ROOT / name).is_file() for name in PROJECT["license-files"])
    assert (ROOT / "spamlint" / "py.typed").is_file()


def test_all_public_names_exist_and_are_listed() -> None:
    listed = {name: getattr(spamlint, name) for name in spamlint.__all__}
    assert all(value.__doc__ for value in listed.values())
    own = {name for name, value in vars(spamlint).items() if getattr(value, "__module__", "") == "spamlint"}
    assert {name for name in own if not name.startswith("_")} <= set(listed)


def test_every_rule_file_is_loaded_from_any_folder(tmp_path: Path) -> None:
    code = "from spamlint import ruleset; print(len(ruleset.load()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == len(list((ROOT / "rules").rglob("*.toml"))) == len(ruleset.load())


def test_the_index_of_a_wheel_holds_the_same_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = ruleset.load(whole=False)
    (tmp_path / ruleset.INDEX).write_bytes(ruleset.dump(plain))
    monkeypatch.setattr(ruleset, "built_in_folder", lambda: tmp_path)
    indexed = ruleset.load(whole=False)
    assert ruleset.version(indexed) == ruleset.version(plain)
    assert [rule.words for rule in indexed] == [rule.words for rule in plain]
    assert [rule.defaults for rule in indexed] == [rule.defaults for rule in plain]
    assert [rule.match and rule.match.pieces for rule in indexed] == [
        rule.match and rule.match.pieces for rule in plain
    ]


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("#!/bin/sh\necho Python 3.9.2\nexit 1\n", "spamlint needs Python 3.11 or newer"),
        ('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n', "apt install python3-venv"),
        (None, "was not found"),
    ],
)
def test_make_says_what_is_missing(tmp_path: Path, python: str | None, said: str) -> None:
    interpreter = tmp_path / "python"
    if python is not None:
        interpreter.write_text(python, "utf-8")
        interpreter.chmod(0o755)
    command = ["make", "-C", str(ROOT), f"VENV={tmp_path}/venv", f"PYTHON={interpreter}", "demo"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode
    assert said in done.stderr
    assert not (tmp_path / "venv").exists()
