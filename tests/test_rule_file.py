"""What the loader of rule files accepts, and how it says what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from spamlint import ruleset
from spamlint.errors import RuleFileError
from spamlint.rule import Rule
from spamlint.rule_file import parse_rule

WORDS = 'title = "T"\nmessage = "m"\nwhy = "w."\nfix = "f."\n'
EXAMPLES = "[[example]]\nhtml = 'a'\nfinds = ['a']\n[[example]]\nhtml = 'b'\nfinds = []\n"
PATTERN = "[match]\nfields = ['body']\nphrases = ['act now']\n"
GOOD = f'severity = "warning"\nscore = 1.5\n{WORDS}{PATTERN}{EXAMPLES}'


def parse(toml: str, rule_id: str = "topic/name") -> Rule:
    return parse_rule(rule_id, toml.encode(), "topic/name.toml", {"subject": "spamlint.checks.subject"})


def problems(toml: str, rule_id: str = "topic/name") -> list[str]:
    with pytest.raises(RuleFileError) as caught:
        parse(toml, rule_id)
    return str(caught.value).splitlines()


def test_a_good_file_gives_its_rule() -> None:
    rule = parse(GOOD)
    assert (rule.id, rule.topic, rule.score, rule.severity) == ("topic/name", "topic", 15, "warning")
    assert rule.match is not None
    assert rule.match.patterns == (r"(?i:act\s+now)",)
    assert rule.match.words


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "score = 1.5",
            "score = 1.55",
            "score: must be points from 0 to 10.0 with at most one decimal place, not 1.55",
        ),
        ("score = 1.5", "score = true", "score: must be points"),
        ("score = 1.5", "score = nan", "score: must be points"),
        ("score = 1.5", "scor = 1.5", "scor: unknown key, did you mean 'score'?"),
        ('"warning"', '"warn"', "severity: must be one of note, warning, error, not 'warn'"),
        ('why = "w."', 'why = ""', "why: is missing or empty"),
        ("'body'", "'bodi'", "match.fields: 'bodi' is not one of"),
        ("phrases = ['act now']", "regex = ['a(?=b)']", "match.regex[0]:"),
        ("phrases = ['act now']", "", "match.regex: or phrases is needed"),
        ("finds = []", "finds = ['x']", "example: a near miss is missing"),
        ("finds = ['a']", "finds = []", "example: a hit is missing"),
        (PATTERN, "", "topic/name.toml: needs either check, [match] or [when]"),
        (
            PATTERN,
            "check = 'subjct.missing'\n",
            "check: there is no module of checks named 'subjct', did you mean 'subject'?",
        ),
        (PATTERN, "check = 'subject.missin'\n", "check: subject has no check named 'missin', did you mean 'missing'?"),
        (PATTERN, "check = 'subject.missing'\nparams = { limit = 3 }\n", "params.limit: unknown parameter"),
        (PATTERN, "profiles = ['bulc']\n" + PATTERN, "profiles: 'bulc' is not one of"),
        (PATTERN, "needs = ['htm']\n" + PATTERN, "needs: 'htm' is not one of"),
        ("html = 'a'", "html = 'a'\ntext = 'a'", "example[0]: needs exactly one of"),
    ],
)
def test_a_problem_is_told_with_file_key_and_reason(old: str, new: str, expected: str) -> None:
    assert any(f"topic/name.toml: {expected}" in line or expected in line for line in problems(GOOD.replace(old, new)))


def test_all_problems_of_a_file_are_told_at_once() -> None:
    told = problems(GOOD.replace("1.5", "11").replace('"warning"', '"bad"').replace("'body'", "'bodi'"))
    assert len(told) == 3
    assert all(line.startswith("topic/name.toml: ") for line in told)


def test_what_is_no_toml_is_one_problem() -> None:
    assert problems("title = ") == [problems("title = ")[0]]
    assert "no valid TOML" in problems("title = ")[0]


def test_the_path_must_be_a_topic_and_a_name() -> None:
    assert any("topic/name in lower-case words" in line for line in problems(GOOD, "Topic/My_Rule"))


def test_a_pack_adds_and_replaces_rules(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    (pack / "subject").mkdir(parents=True)
    (pack / "subject" / "missing.toml").write_text(GOOD)
    (pack / "subject" / "house-rule.toml").write_text(GOOD)
    rules = {rule.id: rule for rule in ruleset.load([pack])}
    assert rules["subject/missing"].score == 15
    assert "subject/house-rule" in rules


def test_problems_of_all_files_of_a_pack_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.toml").write_text(GOOD.replace("1.5", "99"))
    (tmp_path / "a" / "two.toml").write_bytes(b"\xff")
    with pytest.raises(RuleFileError) as caught:
        ruleset.load([tmp_path])
    assert "one.toml: score:" in str(caught.value)
    assert "two.toml: no valid TOML" in str(caught.value)


def test_an_empty_pack_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="no rules here"):
        ruleset.load([tmp_path])


def test_an_example_may_set_parameters_that_the_check_has() -> None:
    rule = next(rule for rule in ruleset.load() if rule.id == "attachments/too-large")
    assert [dict(example.params) for example in rule.examples] == [{"at_least": 500}, {}]
    folder = ruleset.built_in_folder()
    toml = (folder / "attachments/too-large.toml").read_text("utf-8").replace("{ at_least", "{ at_last")
    with pytest.raises(RuleFileError, match=r"example\[0\]: params\.at_last|example\[0\]\.params\.at_last"):
        parse_rule("attachments/too-large", toml.encode(), "x.toml", {"attachments": "spamlint.checks.attachments"})


def test_the_other_files_of_a_mail_are_for_templates() -> None:
    rule = parse(GOOD.replace("html = 'a'", "template = 'a'\nbeside = { subject = 's', text = 't' }"))
    assert rule.examples[0].beside == {"subject": "s", "text": "t"}
    wrong = GOOD.replace("html = 'a'", "html = 'a'\nbeside = { sbject = 's' }")
    assert problems(wrong) == [
        "topic/name.toml: example[0].beside: is for a template only",
        "topic/name.toml: example[0].beside.sbject: unknown key, did you mean 'subject'?",
    ]
