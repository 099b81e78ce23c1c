"""Rules that combine the findings of other rules: what they find, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from spamlint import ruleset
from spamlint.cli import main
from spamlint.cli.explain import explained
from spamlint.errors import RuleFileError
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.style import Style
from spamlint.rule import Match, Rule, When
from spamlint.verdict import Finding, Language, Policy, Words

WORDS: dict[Language, Words] = {"en": Words("t", "{rules}", "w.", "f.")}
EXAMPLES = "[[example]]\neml = 'a'\nfinds = ['a']\n[[example]]\neml = 'b'\nfinds = []\n"
COMBINED = (
    'title = "T"\nmessage = "m"\nwhy = "w."\nfix = "f."\nseverity = "note"\nscore = 1.0\n'
    f"profiles = ['message']\n[when]\nall = ['subject/missing', 'images/little-text']\n{EXAMPLES}"
)


def part(name: str) -> Rule:
    return Rule(f"part/{name}", "note", 1, WORDS, match=Match(("body",), (f"(?i){name}",)))


PARTS = [part(name) for name in ("one", "two", "three", "four")]


def combined(when: When, body: str, policy: Policy | None = None) -> Finding | None:
    rule = Rule("both/combined", "warning", 20, WORDS, when=when)
    message = Message.from_bytes(f"Subject: x\r\n\r\n{body}\r\n".encode())
    found = Linter(policy, [rule, *PARTS]).check(message).findings
    return next((finding for finding in found if finding.rule == rule.id), None)


@pytest.mark.parametrize(
    ("when", "body", "rules"),
    [
        (When(all=("part/one", "part/two")), "two one", "part/one, part/two"),
        (When(all=("part/one", "part/two")), "one one", None),
        (When(all=("part/one",), any=("part/two", "part/three")), "one three", "part/one, part/three"),
        (When(all=("part/one",), any=("part/two", "part/three")), "one", None),
        (When(any=("part/one", "part/two", "part/three"), at_least=2), "three one", "part/one, part/three"),
        (When(any=("part/one", "part/two", "part/three"), at_least=2), "three", None),
        (When(all=("part/one", "part/two"), none=("part/four",)), "one two", "part/one, part/two"),
        (When(all=("part/one", "part/two"), none=("part/four",)), "one two four", None),
    ],
)
def test_a_combination_finds_what_its_conditions_say(when: When, body: str, rules: str | None) -> None:
    finding = combined(when, body)
    assert (finding.say().message if finding else None) == rules


def test_its_places_are_those_of_what_it_combines() -> None:
    finding = combined(When(all=("part/one", "part/two")), "a two, a one, a one")
    assert finding is not None
    assert [place.column for place in finding.places if place is not None] == [10, 3]
    assert (finding.count, finding.score) == (2, 20)


def test_what_it_asks_for_is_run_but_not_reported_where_only_the_combination_is_selected() -> None:
    policy = Policy(select=("both",))
    when = When(all=("part/one", "part/two"))
    assert combined(when, "one two", policy) is not None
    message = Message.from_bytes(b"\r\none two\r\n")
    rule = Rule("both/combined", "warning", 20, WORDS, when=when)
    assert [found.rule for found in Linter(policy, [rule, *PARTS]).check(message).findings] == ["both/combined"]


def test_what_the_policy_ignores_finds_nothing_for_a_combination_either() -> None:
    assert combined(When(all=("part/one", "part/two")), "one two", Policy(ignore=("part/two",))) is None


def problem(tmp_path: Path, toml: str) -> str:
    (tmp_path / "both").mkdir(exist_ok=True)
    (tmp_path / "both" / "combined.toml").write_text(toml)
    with pytest.raises(RuleFileError) as caught:
        ruleset.load([tmp_path])
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("subject/missing", "subject/mising", "there is no rule 'subject/mising', did you mean 'subject/missing'?"),
        ("subject/missing", "both/combined", "both/combined is a combination itself"),
        ("subject/missing", "subject/fake-forward", "subject/fake-forward is not run in message"),
        ("subject/missing", "images/little-text", "names images/little-text more than once"),
        (", 'images/little-text'", "", "must ask for two findings at least"),
        ("[when]\n", "[when]\nany = ['subject/empty']\nat_least = 2\n", "must be from 1 to 1"),
        ("[when]", "[match]\nfields = ['body']\nphrases = ['x']\n[when]", "needs either check, [match] or [when]"),
        ("all =", "al =", "when.al: unknown key"),
    ],
)
def test_a_mistake_is_told_with_its_rule(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in problem(tmp_path, COMBINED.replace(old, new))


def test_a_combination_in_a_pack_may_name_built_in_rules(tmp_path: Path) -> None:
    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "combined.toml").write_text(COMBINED)
    rules = {rule.id: rule for rule in ruleset.load([tmp_path])}
    assert rules["both/combined"].when == When(all=("subject/missing", "images/little-text"))


def test_explain_shows_what_a_combination_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--no-color", "together/brand-and-strange-links"]) == 0
    assert "all of    sender/brand-mismatch, sender/foreign-links" in capsys.readouterr().out


def test_a_combination_is_explained_with_how_many_it_needs() -> None:
    when = When(any=("part/one", "part/two", "part/three"), none=("part/four",), at_least=2)
    said = explained(Rule("both/combined", "note", 5, WORDS, when=when), Style("nl"))
    assert "minstens 2: part/one, part/two, part/three" in said
    assert "geen van" in said
