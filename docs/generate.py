"""Writes what the documentation takes from the program: `make docs`. Whole pages, and marked blocks in written ones.

A block stands between `<!-- generated: NAME -->` and `<!-- end -->`. NAME is `limits`, `causes of refusals`, or a
command line that starts with `spamlint`, whose output the block shows; JSON is laid out for people.
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
from typing import Any

from spamlint import limits, ruleset
from spamlint.bounce import knowledge as bounce_knowledge
from spamlint.cli import COMMANDS
from spamlint.cli import main as spamlint_main
from spamlint.rule import Rule
from spamlint.verdict import PROFILES

ROOT = Path(__file__).parent.parent
WRITTEN = (
    "README.md",
    "SECURITY.md",
    "docs/json.md",
    "docs/templates.md",
    "docs/template-languages.md",
    "docs/bounce.md",
)
HITS = ROOT / "docs" / "hits.json"
"""In how many messages of the corpus each rule finds something; written by benchmarks/accuracy.py."""
SPAM = ("sa/spam", "phish/spam")
LEGITIMATE = ("sa/ham", "sa/hard_ham", "ham_modern/ham")
NOTICE = "<!-- Written by `make docs`: edit the source, not this page. -->"

_BLOCK = re.compile(r"(<!-- generated: (?P<name>[^\n]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> Iterator[tuple[Path, str]]:
    """Every page that is written by this script, whole or in part, with the text it should have."""
    yield ROOT / "docs" / "rules.md", rule_table(ruleset.load(), json.loads(HITS.read_text("utf-8")))
    yield ROOT / "docs" / "cli.md", command_help()
    yield ROOT / "docs" / "examples.md", example_reports()
    for name in WRITTEN:
        path = ROOT / name
        yield path, _BLOCK.sub(lambda found: f"{found[1]}{block(found['name'])}{found[3]}", path.read_text("utf-8"))


def block(name: str) -> str:
    """The text of the block of that name, with a line end."""
    if name == "limits":
        return limit_table(Path(limits.__file__).read_text("utf-8"))
    if name == "causes of refusals":
        return cause_table()
    printed = output(name)
    if "--format json" in name:
        found = json.loads(printed)
        printed = json.dumps(found | ({"ruleset": "..."} if "ruleset" in found else {}), indent=2) + "\n"
    return f"```console\n$ {name}\n{printed}```\n"


def cause_table() -> str:
    """The table of the classes of refusals."""
    rows = ["| Class | What it means | Who has to act |", "|---|---|---|"]
    causes = sorted(bounce_knowledge.load().causes.values(), key=lambda cause: cause.order)
    rows += [f"| `{cause.name}` | {cause.words['en'].title} | {cause.who} |" for cause in causes]
    return "\n".join(rows) + "\n"


def rule_table(rules: tuple[Rule, ...], measured: dict[str, Any]) -> str:
    """The page that lists all rules, a table for each topic, with what they find in the corpus."""
    spam, ham = (sum(measured["messages"][kind] for kind in kinds) for kinds in (SPAM, LEGITIMATE))
    said = (
        f"{len(rules)} rules. `spamlint explain RULE` shows one in full. *Spam* and *Ham* are the messages it finds "
        f"something in, of {spam:,} spam and {ham:,} legitimate ones in a collection of real mail, judged with the "
        f"profile `message`; [scores.md](scores.md) says what they are. *Elsewhere* are rules of other filters."
    )
    lines = [NOTICE, "", "# Rules", "", said, ""]
    for topic, group in groupby(rules, key=lambda rule: rule.topic):
        lines += [f"## {topic}", "", "| Rule | Finds | Severity | Points | Profiles | Spam | Ham | Elsewhere |"]
        lines.append("|---|---|---|---:|---|---:|---:|---|")
        lines += [rule_row(rule, measured["rules"].get(rule.id)) for rule in group]
        lines.append("")
    return "\n".join(lines)


def rule_row(rule: Rule, hits: dict[str, int] | None) -> str:
    """The line of one rule in the table; `hits` is None for one that was not measured yet."""
    counts = ["-" if hits is None else str(sum(hits.get(kind, 0) for kind in kinds)) for kinds in (SPAM, LEGITIMATE)]
    scores = sorted({rule.score, *(grade.score for grade in rule.grades)})
    points = " to ".join(f"{score / 10}" for score in dict.fromkeys((scores[0], scores[-1])))
    if rule.blocks:
        points += ", blocks" + ("" if rule.blocks_in == PROFILES else f" in {', '.join(rule.blocks_in)}")
    profiles = "all" if rule.profiles == PROFILES else ", ".join(rule.profiles)
    link = f"[{rule.id}](../rules/{rule.id}.toml)"
    cells = (link, rule.words["en"].title, rule.severity, points, profiles, *counts, ", ".join(rule.peers))
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
