"""Writes what the documentation takes from the program: `make docs`. Whole pages, and marked blocks in written ones.

A block stands between `<!-- generated: NAME -->` and `<!-- end -->`. NAME is `limits`, or a command line that starts
with `spamlint`, whose output the block shows; JSON is laid out for people.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from itertools import groupby, pairwise
from pathlib import Path

from spamlint import limits, ruleset
from spamlint.cli import COMMANDS
from spamlint.cli import main as spamlint_main
from spamlint.rule import Rule
from spamlint.verdict import PROFILES

ROOT = Path(__file__).parent.parent
WRITTEN = ("README.md", "SECURITY.md", "docs/json.md", "docs/templates.md")
NOTICE = "<!-- Written by `make docs`: edit the source, not this page. -->"

_BLOCK = re.compile(r"(<!-- generated: (?P<name>[^\n]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> Iterator[tuple[Path, str]]:
    """Every page that is written by this script, whole or in part, with the text it should have."""
    yield ROOT / "rules" / "README.md", rule_table(ruleset.load())
    yield ROOT / "docs" / "cli.md", command_help()
    yield ROOT / "docs" / "examples.md", example_reports()
    for name in WRITTEN:
        path = ROOT / name
        yield path, _BLOCK.sub(lambda found: f"{found[1]}{block(found['name'])}{found[3]}", path.read_text("utf-8"))


def block(name: str) -> str:
    """The text of the block of that name, with a line end."""
    if name == "limits":
        return limit_table(Path(limits.__file__).read_text("utf-8"))
    printed = output(name)
    if "--format json" in name:
        printed = json.dumps(json.loads(printed) | {"ruleset": "..."}, indent=2) + "\n"
    return f"```console\n$ {name}\n{printed}```\n"


def rule_table(rules: tuple[Rule, ...]) -> str:
    """The page that lists all rules, a table for each topic."""
    lines = [NOTICE, "", "# Rules", "", f"{len(rules)} rules. `spamlint explain RULE` shows one in full.", ""]
    for topic, group in groupby(rules, key=lambda rule: rule.topic):
        lines += [f"## {topic}", "", "| Rule | Finds | Severity | Points | Profiles |", "|---|---|---|---:|---|"]
        lines += [rule_row(rule) for rule in group]
        lines.append("")
    return "\n".join(lines)


def rule_row(rule: Rule) -> str:
    """The line of one rule in the table."""
    scores = sorted({rule.score, *(grade.score for grade in rule.grades)})
    points = " to ".join(f"{score / 10}" for score in dict.fromkeys((scores[0], scores[-1])))
    if rule.blocks:
        points += ", blocks"
    profiles = "all" if rule.profiles == PROFILES else ", ".join(rule.profiles)
    cells = (f"[{rule.id}]({rule.id}.toml)", rule.words["en"].title, rule.severity, points, profiles)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def limit_table(source: str) -> str:
    """The limits of limits.py as a table: name, default, and what the module says of it."""
    lines = ["| Limit | Default | Of what |", "|---|---:|---|"]
    (body,) = (node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(field.target, ast.Name)
            default = getattr(limits.DEFAULT_LIMITS, field.target.id)
            lines.append(f"| {field.target.id} | {default:,} | {ast.literal_eval(text.value)} |")
    return "\n".join([*lines, ""])


def command_help() -> str:
    """The page of the command line: the help of spamlint and of each command."""
    lines = [NOTICE, "", "# Command line", ""]
    for command in ("", *COMMANDS):
        line = " ".join(["spamlint", *([command] if command else []), "--help"])
        lines += [f"## {line.removesuffix(' --help')}", "", "```console", f"$ {line}", f"{output(line)}```", ""]
    return "\n".join(lines)


def example_reports() -> str:
    """The page that shows the report on each example."""
    lines = [NOTICE, "", "# Reports on the examples", "", "What `make demo` prints, file by file.", ""]
    for path in sorted((ROOT / "examples").iterdir()):
        if path.suffix in {".eml", ".html"}:
            line = f"spamlint check examples/{path.name}"
            lines += [f"## {path.name}", "", "```console", f"$ {line}", f"{output(line)}```", ""]
    return "\n".join(lines)


def output(line: str) -> str:
    """What a command line that starts with `spamlint` prints, run in the folder of the project."""
    os.chdir(ROOT)
    os.environ.update(COLUMNS="100", NO_COLOR="1")
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        spamlint_main(shlex.split(line)[1:])
    return printed.getvalue().rstrip() + "\n"


def main() -> None:
    """Write the pages that have changed."""
    for path, text in pages():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
