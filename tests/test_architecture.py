"""The shape of the code: which module may know which, how long files are, what is imported when."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "spamlint"
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 300

FOUNDATION = {"source", "limits", "errors", "json_file"}
CONTENT = FOUNDATION | {"delivery", "mime", "html", "filetype", "addresses", "containers", "coverage", "template"}
JUDGEMENT = CONTENT | {
    "css",
    "fields",
    "hidden",
    "likeness",
    "links",
    "message",
    "names",
    "needs",
    "pictures",
    "prose",
    "rule",
    "subscription",
    "unread",
    "verdict",
    "words",
}
RULES = JUDGEMENT | {"toml_table", "rule_file", "ruleset", "checks", "matcher", "pieces", "clients", "suppression"}

MAY_IMPORT: dict[str, set[str]] = {
    "maps": set(),
    "excerpt": set(),
    "source": {"maps", "excerpt"},
    "limits": set(),
    "errors": set(),
    "json_file": {"errors"},
    "delivery": set(),
    "toml_table": set(),
    "coverage": set(),
    "pieces": set(),
    "verdict": {"source", "coverage"},
    "addresses": FOUNDATION | {"mime"},
    "filetype": set(),
    "names": set(),
    "mime": FOUNDATION,
    "html": FOUNDATION,
    "template": FOUNDATION | {"mime", "html", "coverage"},
    "css": FOUNDATION | {"html"},
    "pictures": CONTENT | {"css"},
    "containers": FOUNDATION | {"mime"},
    "message": CONTENT | {"pictures"},
    "hidden": CONTENT | {"css", "message"},
    "unread": CONTENT | {"message", "hidden"},
    "words": {"source", "message"},
    "prose": CONTENT | {"message"},
    "fields": CONTENT | {"message", "prose"},
    "needs": CONTENT | {"message", "hidden", "links", "subscription"},
    "links": CONTENT | {"message", "names", "verdict"},
    "subscription": CONTENT | {"message"},
    "likeness": CONTENT | {"message", "words"},
    "rule": {"source", "verdict", "pieces"},
    "clients": CONTENT | {"message"},
    "suppression": {"source", "rule"},
    "fixes": JUDGEMENT,
    "baseline": {"errors", "rule"},
    "checks": JUDGEMENT | {"clients", "suppression"},
    "matcher": JUDGEMENT,
    "rule_file": JUDGEMENT | {"checks", "matcher", "toml_table"},
    "ruleset": JUDGEMENT | {"rule_file", "matcher", "toml_table"},
    "linter": RULES,
    "config": RULES,
    "joined": FOUNDATION | {"message", "mime", "template"},
    "drafts": FOUNDATION | {"message", "mime", "template", "verdict", "joined"},
    "inputs": FOUNDATION | {"message", "mime", "template"},
    "bounce": FOUNDATION | {"mime", "html", "containers", "inputs", "toml_table", "verdict"},
    "report": {
        "source",
        "errors",
        "verdict",
        "rule",
        "linter",
        "message",
        "mime",
        "html",
        "excerpt",
        "fixes",
        "pictures",
        "bounce",
        "smtp_probe",
    },
    "editor": RULES | {"config", "drafts", "errors", "fixes", "inputs", "linter", "report"},
    "pytest_plugin": RULES | {"config", "errors", "inputs", "linter", "report"},
    "guard": RULES | {"config", "linter", "report"},
    "hooks": {"errors", "guard", "limits"},
    "integrations": {"errors", "guard"},
    "smtp_probe": {"errors"},
    "sender": JUDGEMENT | {"config", "linter", "report", "toml_table"},
}
"""Module or package -> what it may import of spamlint. `cli` and `spamlint/__init__.py` may import everything."""

HEAVY = (
    "turbohtml",
    "re2",
    "lxml",
    "bs4",
    "html5lib",
    "magic",
    "jinja2",
    "tqdm",
    "multiprocessing",
    "publicsuffixlist",
    "pygls",
    "lsprotocol",
    "dns",
    "dkim",
)


def unit(path: Path) -> str:
    """The module or package right under spamlint/ that `path` belongs to; "" for spamlint/__init__.py."""
    first = path.relative_to(PACKAGE).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever the import stands in it; relative ones made absolute."""
    package = ("spamlint", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imported_units(path: Path) -> set[str]:
    """The modules and packages right under spamlint/ that a file imports."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("spamlint.")} - {"__version__"}


def ids(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_the_table_of_imports_runs_one_way() -> None:
    assert list(TopologicalSorter(MAY_IMPORT).static_order())


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_module_knows_only_the_layers_below_it(path: Path) -> None:
    module = unit(path)
    if module not in {"", "cli", "__main__"}:
        assert imported_units(path) <= MAY_IMPORT[module] | {module}


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    lines = path.read_text("utf-8").count("\n")
    assert lines <= LONGEST_FILE


def test_only_html_knows_the_html_parser() -> None:
    users = {unit(path) for path in FILES if any(name.split(".")[0] == "turbohtml" for name in imports(path))}
    assert users <= {"html"}


def test_only_the_rule_loop_catches_every_exception() -> None:
    broad = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ExceptHandler):
                names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {None}
                if names & {None, "Exception", "BaseException"}:
                    broad.append(ids(path))
    assert set(broad) == {"linter.py"}


def test_modules_are_named_after_what_they_do() -> None:
    assert not {path.stem for path in FILES} & {"utils", "util", "helpers", "common", "misc"}


def test_importing_spamlint_loads_no_heavy_library() -> None:
    code = "import sys, spamlint; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(modules)
    assert "spamlint" in modules
