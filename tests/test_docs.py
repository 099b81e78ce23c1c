"""The documentation says what the program does: generated pages are fresh, code in pages runs, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("rules/*.md"), *ROOT.glob("examples/*.md")])


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse lays out help differently in other versions")
def test_generated_pages_are_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "")
    monkeypatch.setenv("NO_COLOR", "1")
    stale = [name(path) for path, text in generator().pages() if path.read_text("utf-8") != text]
    assert stale == [], "run make docs"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_python_in_pages_runs(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    for block in code(path, "python"):
        exec(compile(block, name(path), "exec"), {})
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_inside_the_project_lead_to_files(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_toml_in_pages_can_be_read(path: Path) -> None:
    assert all(tomllib.loads(block) for block in code(path, "toml"))
