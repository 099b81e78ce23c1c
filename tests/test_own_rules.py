"""Rules and checks of one's own: the packs in examples/, and HTML as Beautiful Soup has it."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from samples import message_of

from spamlint import Linter, Message, Policy, ruleset
from spamlint.errors import RuleFileError
from spamlint.html import Document
from spamlint.html.soup import element_of, soup
from spamlint.rule import Rule
from spamlint.source import Source, source_text

EXAMPLES = Path(__file__).parent.parent / "examples"
PACKS = [EXAMPLES / "own-rules" / "rules", EXAMPLES / "own-checks" / "rules"]


@pytest.fixture
def house_rules(monkeypatch: pytest.MonkeyPatch) -> list[Rule]:
    monkeypatch.syspath_prepend(str(EXAMPLES / "own-checks"))
    monkeypatch.delitem(sys.modules, "house_checks", raising=False)
    offered = EntryPoints([EntryPoint("house_checks", "house_checks", "spamlint.checks")])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda *, group: offered.select(group=group))
    return [rule for rule in ruleset.load(PACKS) if rule.topic == "house"]


def test_a_check_that_is_not_installed_is_one_clear_message() -> None:
    with pytest.raises(RuleFileError, match=r"button-without-address\.toml: check: there is no module of checks named"):
        ruleset.load(PACKS)


def test_the_examples_of_the_pack_find_what_they_say(house_rules: list[Rule]) -> None:
    assert len(house_rules) == 2
    linter = Linter(Policy(), house_rules)
    for rule in house_rules:
        for example in rule.examples:
            verdict = linter.check(message_of(example))
            found = [
                text.value for finding in verdict.findings if finding.rule == rule.id for text in finding.texts if text
            ]
            assert verdict.errors == ()
            assert found == list(example.finds)


def test_the_tags_of_the_soup_lead_to_the_start_tags() -> None:
    html = '<p id="a">one\n<table><tr><td CLASS="x y">two</td></table>\n<p>a < b <i>é</i>'
    document = Document(source_text(source := Source("", html.encode("latin-1")), 0, len(source.data)))
    tree = soup(document)
    wanted = {"p": "<p", "table": "<table>", "tr": "<tr>", "td": '<td CLASS="x y">', "i": "<i>"}
    for name, start in wanted.items():
        for tag in tree.find_all(name):
            element = element_of(document, tag)
            assert element is not None
            assert element.text.value.startswith(start)
            assert element.attrs.get("id") == tag.get("id")
    assert element_of(document, tree.find_all("tbody")[0]) is None
    assert element_of(document, tree.find_all("body")[0]) is None


def test_a_message_without_html_has_no_soup() -> None:
    assert Message.from_bytes(b"From: a@b.example\n\nwords\n").documents == ()
