"""The commands that speak of rules and settings: explain, rules, init."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from spamlint import config, ruleset
from spamlint.cli import main
from spamlint.cli.explain import explained, named
from spamlint.cli.init import TEMPLATE
from spamlint.clients.support import BUILT_IN
from spamlint.errors import ConfigError
from spamlint.report.style import Style
from spamlint.rule import Example, Grade, Rule
from spamlint.verdict import LANGUAGES, Words

RULES = ruleset.load()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder, without settings above it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


RULE = Rule(
    "subject/example",
    "warning",
    5,
    {
        "en": Words("Title", "message", "Why it is so.", "Do this."),
        "nl": Words("Titel", "bericht", "Waarom het zo is.", "Doe dit."),
    },
    refs=("https://one.example", "https://two.example"),
    peers=("SpamAssassin X",),
    profiles=("bulk", "personal"),
    blocks=True,
    grades=(Grade(3, 10, "error"),),
    examples=(Example("subject", "plain", ()), Example("html", "<p>one\n\x1btwo", ("one",))),
)


def test_a_rule_is_explained_in_full() -> None:
    assert explained(RULE, Style()) == (
        "subject/example\n"
        "Title\n"
        "\n"
        "  severity   warning, blocks on its own\n"
        "  score      0.5 points\n"
        "             1.0 points (error) from 3 on\n"
        "  profiles   bulk, personal\n"
        "  why        Why it is so.\n"
        "  fix        Do this.\n"
        "  sources    https://one.example\n"
        "             https://two.example\n"
        "  elsewhere  SpamAssassin X\n"
        "\n"
        "  found in (html):\n"
        "    <p>one\n"
        "    \\x1btwo\n"
        "\n"
        "  not found in (subject):\n"
        "    plain\n"
    )


def test_a_rule_is_explained_in_dutch(capsys: pytest.CaptureFixture[str]) -> None:
    out = explained(RULE, Style("nl"))
    assert "  ernst      waarschuwing, blokkeert op zichzelf\n" in out
    assert "  waarom     Waarom het zo is.\n" in out
    assert main(["explain", "--lang", "nl", "subject/missing"]) == 0
    assert re.search(r"\d,\d punten", capsys.readouterr().out)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", [None, 40])
def test_every_rule_can_be_explained(language: str, columns: int | None) -> None:
    for rule in RULES:
        out = explained(rule, Style("nl" if language == "nl" else "en", columns))
        assert out.startswith(f"{rule.id}\n")
        assert re.sub(r"\s+", "", rule.words["nl" if language == "nl" else "en"].why) in re.sub(r"\s+", "", out)


def test_parameters_are_shown_with_the_values_they_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "subject/all-capitals"]) == 0
    assert re.search(r"parameters +\w+ = \d+\n", capsys.readouterr().out)


def test_a_rule_goes_by_its_name_alone_where_there_is_only_one() -> None:
    twin = Rule("html/example", "note", 0, RULE.words)
    assert named([RULE], "example") is RULE
    assert named([RULE, twin], "html/example") is twin
    with pytest.raises(ConfigError, match="'example' is the name of several rules: subject/example, html/example"):
        named([RULE, twin], "example")


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["rule", "severity", "score", "profiles", "title"]
    assert [row.split()[0] for row in rows] == [rule.id for rule in RULES]
    assert main(["rules", "subject", "--lang", "nl"]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == [rule.id for rule in RULES if rule.topic == "subject"]


def test_rules_are_listed_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == [rule.id for rule in RULES]
    by_id = {row["id"]: row for row in rows}
    assert all(row["score"] == rule.score / 10 for row, rule in zip(rows, RULES, strict=True))
    assert "at_least" in str(by_id["subject/all-capitals"]["params"]) or by_id["subject/all-capitals"]["params"]


def test_init_writes_a_file_that_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    assert capsys.readouterr().out == "spamlint.toml is written\n"
    read, _ = config.load(Path("spamlint.toml"), ruleset.load)
    assert read == config.Config(file=Path("spamlint.toml"))


def test_init_leaves_a_file_alone_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    Path("spamlint.toml").write_text("mine")
    assert main(["init"]) == 2
    assert capsys.readouterr().err == "spamlint: spamlint.toml exists; --force writes over it\n"
    assert Path("spamlint.toml").read_text() == "mine"
    assert main(["init", "--force"]) == 0
    assert Path("spamlint.toml").read_text() == TEMPLATE


def test_every_line_of_the_template_takes_effect_without_its_sign() -> None:
    Path("rules/words").mkdir(parents=True)
    Path("templates").mkdir(exist_ok=True)
    live = re.sub(r'^#(?=[\[a-z"])', "", TEMPLATE, flags=re.MULTILINE)
    Path("caniemail.json").write_bytes(BUILT_IN.read_bytes())
    assert len(tomllib.loads(live)) == 20
    Path("spamlint.toml").write_text(live)
    read, _ = config.load(Path("spamlint.toml"), lambda _: RULES)
    assert read.policy.profile == "bulk"
    assert read.policy.warn_at == 20
    assert read.policy.per_file_ignores == {"archive/*": ("structure",)}
