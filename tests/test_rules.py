"""Every rule file: its words, its examples, and which rule applies in which profile."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from samples import messages_of

from spamlint import ruleset
from spamlint.drafts import worst
from spamlint.linter import Linter
from spamlint.rule import Example, Rule
from spamlint.source import Text
from spamlint.verdict import LANGUAGES, PROFILES, Finding, Policy, Profile

RULES = ruleset.load()
CASES = [(rule, example) for rule in RULES for example in rule.examples]
IDS = [f"{rule.id}-{number}" for rule in RULES for number in range(len(rule.examples))]

ALL_BUT_DRAFT = "message bulk transactional personal"
NOT_IN_EVERY_PROFILE = {
    "attachments/announced-but-missing": ALL_BUT_DRAFT,
    "bulk/dead-unsubscribe-link": ALL_BUT_DRAFT,
    "bulk/declared-without-list-unsubscribe": "message",
    "bulk/mailto-only-unsubscribe": "bulk",
    "bulk/no-list-unsubscribe": "bulk",
    "bulk/no-one-click": "bulk",
    "bulk/no-postal-address": "bulk",
    "bulk/no-unsubscribe-offer": "bulk",
    "bulk/not-signed": "bulk",
    "bulk/personal-precedence": "personal",
    "bulk/unsubscribe-without-header": "message",
    "headers/bcc-left": ALL_BUT_DRAFT,
    "headers/receiver-leftover": "bulk transactional",
    "leftovers/bracketed-name": ALL_BUT_DRAFT,
    "leftovers/empty-greeting": ALL_BUT_DRAFT,
    "leftovers/example-address": ALL_BUT_DRAFT,
    "leftovers/format-directive": ALL_BUT_DRAFT,
    "leftovers/gap-in-sentence": ALL_BUT_DRAFT,
    "leftovers/merge-field": ALL_BUT_DRAFT,
    "leftovers/merge-tag": ALL_BUT_DRAFT,
    "leftovers/sample-text": ALL_BUT_DRAFT,
    "leftovers/template-code": ALL_BUT_DRAFT,
    "leftovers/template-expression": ALL_BUT_DRAFT,
    "leftovers/test-subject": "message bulk transactional",
    "leftovers/untitled": ALL_BUT_DRAFT,
    "leftovers/web-version-without-link": ALL_BUT_DRAFT,
    "links/lone-call": "message bulk transactional",
    "links/lone-stranger": "message bulk transactional",
    "links/one-stranger": "message bulk transactional",
    "links/only-strangers": "message bulk transactional",
    "links/same-address": "message bulk transactional",
    "accessibility/same-link-text": "draft",
    "sender/free-mail-bulk": "bulk",
    "sender/no-recipient": ALL_BUT_DRAFT,
    "sender/undisclosed-recipients": "message bulk",
    "structure/no-date": ALL_BUT_DRAFT,
    "structure/no-from": ALL_BUT_DRAFT,
    "structure/no-message-id": ALL_BUT_DRAFT,
    "subject/fake-forward": "draft bulk transactional",
    "template/no-unsubscribe-value": "draft",
}


def findings(rule: Rule, example: Example) -> Sequence[Finding]:
    profile: Profile = example.profile or ("message" if "message" in rule.profiles else rule.profiles[0])
    params = {rule.id: example.params} if example.params else {}
    parts = rule.when.rules if rule.when is not None else ()
    rules = (
        RULES
        if {"messages", "suppressions"} & set(rule.needs)
        else [one for one in RULES if one.id in (rule.id, *parts)]
    )
    linter = Linter(Policy(profile=profile, params=params), rules)
    _, verdict = worst([linter.check(message) for message in messages_of(example)])
    assert verdict.errors == ()
    return [finding for finding in verdict.findings if finding.rule == rule.id]


def shown(text: Text | None) -> str:
    return "(message)" if text is None else text.span.raw.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("rule", "example"), CASES, ids=IDS)
def test_an_example_finds_exactly_what_it_says(rule: Rule, example: Example) -> None:
    found = findings(rule, example)
    assert [shown(text) for finding in found for text in finding.texts] == [
        wanted.replace("\n", "\r\n") for wanted in example.finds
    ]


@pytest.mark.parametrize(("rule", "example"), CASES, ids=IDS)
def test_what_a_finding_says_is_complete_in_every_language(rule: Rule, example: Example) -> None:
    for finding in findings(rule, example):
        for language in LANGUAGES:
            said = finding.say(language)
            assert not re.search(r"\{\w+\}", said.message + said.fix), said


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_speaks_every_language_and_names_its_sources(rule: Rule) -> None:
    assert set(rule.words) == set(LANGUAGES)
    for words in rule.words.values():
        assert not words.title.endswith(".")
        assert words.why.endswith(".")
        assert words.fix.endswith(".")
    assert rule.refs
    assert all(reference.startswith("https://") for reference in rule.refs)


def test_the_folder_holds_nothing_but_rules() -> None:
    folder = ruleset.built_in_folder()
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert files == {f"{rule.id}.toml" for rule in RULES}


def test_which_rule_applies_in_which_profile() -> None:
    limited = {rule.id: " ".join(rule.profiles) for rule in RULES if rule.profiles != PROFILES}
    assert limited == NOT_IN_EVERY_PROFILE


def test_a_ruleset_has_a_version_that_follows_its_scores(tmp_path: Path) -> None:
    assert ruleset.version(RULES) == ruleset.version(ruleset.load())
    assert ruleset.version(RULES) != ruleset.version(RULES[1:])


def test_rules_that_are_not_checked_again_are_the_same_rules() -> None:
    quick = ruleset.load(whole=False)
    assert [rule.id for rule in quick] == [rule.id for rule in RULES]
    assert ruleset.version(quick) == ruleset.version(RULES)
    for rule, whole in zip(quick, RULES, strict=True):
        assert (rule.check is None) is (whole.check is None)
        assert inspect.unwrap(rule.check) is whole.check if rule.check else True
        assert rule.defaults == whole.defaults
        assert {name: (type(value), value) for name, value in rule.params.items()} == {
            name: (type(value), value) for name, value in whole.params.items()
        }
        assert replace(rule, check=whole.check, examples=whole.examples).__dict__ == whole.__dict__
