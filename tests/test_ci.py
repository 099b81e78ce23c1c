"""What docs/ci.md and the hook for pre-commit say can be done: the YAML is read, the command lines are run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from spamlint.cli import main

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"(?:\$|- run:|-) (spamlint check .*)", PAGE)


def hook() -> dict[str, Any]:
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return dict(found)


def test_the_hook_has_what_pre_commit_asks_for() -> None:
    assert {"id", "name", "entry", "language", "files"} <= hook().keys()
    assert hook()["language"] == "python"
    names = [
        "a.eml",
        "mail/b.html",
        "b.HTM",
        "c.j2",
        "c.html.j2",
        "d.jinja",
        "d.jinja2",
        "e.py",
        "eml",
        "f.html5",
        "g.j22",
    ]
    assert [name for name in names if re.search(hook()["files"], name)] == names[:7]


def test_the_entry_of_the_hook_runs(tmp_path: Path) -> None:
    for name in ("good-plain.eml", "draft.html"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    program, *arguments = shlex.split(hook()["entry"])
    assert program == "spamlint"
    done = subprocess.run(
        [sys.executable, "-m", "spamlint", *arguments, "good-plain.eml", "draft.html"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "good-plain.eml: pass" in done.stdout


def test_the_yaml_can_be_read_and_names_what_there_is() -> None:
    actions, gitlab, pre_commit = (yaml.safe_load(block) for block in BLOCKS)
    steps = actions["jobs"]["spamlint"]["steps"]
    written = " ".join(step.get("run", "") for step in steps)
    assert f"sarif={steps[4]['with']['sarif_file']}" in written
    assert f"html={steps[5]['with']['path']}" in written
    reports = gitlab["spamlint"]["artifacts"]["reports"]
    assert f"gitlab={reports['codequality']}" in gitlab["spamlint"]["script"][1]
    assert f"junit={reports['junit']}" in gitlab["spamlint"]["script"][1]
    assert pre_commit["repos"][0]["hooks"][0]["id"] == hook()["id"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_lines_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mail").mkdir()
    shutil.copy(ROOT / "examples" / "draft.html", tmp_path / "mail")
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)[1:]) == 0
    files = re.findall(r"=(\S+)", command)
    assert files
    assert all((tmp_path / file).stat().st_size for file in files)
    assert "mail/draft.html" in capsys.readouterr().out


def test_there_are_command_lines_to_run() -> None:
    assert len(COMMANDS) == 3
