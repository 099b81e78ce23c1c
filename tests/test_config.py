"""Configuration files: what they may say, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from spamlint import config
from spamlint.config import Config
from spamlint.errors import ConfigError
from spamlint.message import Message
from spamlint.rule import Hit, Rule
from spamlint.verdict import Language, Policy, Words


def long_lines(message: Message, *, at_least: int = 998, names: tuple[str, ...] = ()) -> Iterator[Hit]:
    yield Hit(None)


WORDS: dict[Language, Words] = {"en": Words("Title", "message", "Why.", "Fix.")}
RULES = (
    Rule("html/stray-end-tag", "warning", 5, WORDS),
    Rule("structure/long-lines", "error", 10, WORDS, check=long_lines),
    Rule("subject/missing", "error", 20, WORDS),
)


def rules_of(packs: Sequence[Path]) -> tuple[Rule, ...]:
    return RULES


def loaded(folder: Path, toml: str, name: str = "spamlint.toml") -> Config:
    file = folder / name
    file.write_text(toml, "utf-8")
    return config.load(file, rules_of)[0]


def problems(folder: Path, toml: str) -> list[str]:
    """What is wrong with the file, without its path."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, toml)
    prefix = f"{folder / 'spamlint.toml'}: "
    lines = str(caught.value).splitlines()
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def test_without_a_file_the_defaults_hold() -> None:
    assert config.load(None, rules_of) == (Config(), RULES)
    assert Config().policy == Policy()


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Config(file=tmp_path / "spamlint.toml")


def test_every_key_has_its_effect(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    toml = """
        profile = "bulk"
        select = ["subject", "html/*", "structure/long-lines"]
        ignore = ["subject/missing"]
        fail-on = "warn"
        lang = "nl"
        rule-packs = ["own"]
        warn-at = 1.5
        block-at = 4
        topic-cap = 0.3
        [rules."structure/long-lines"]
        score = 1.1
        severity = "note"
        params = { at_least = 78, names = ["a"] }
        [per-file-ignores]
        "archive/*" = ["all"]
    """
    assert loaded(tmp_path, toml) == Config(
        policy=Policy(
            profile="bulk",
            select=("subject", "html/*", "structure/long-lines"),
            ignore=("subject/missing",),
            scores={"structure/long-lines": 11},
            severities={"structure/long-lines": "note"},
            params={"structure/long-lines": {"at_least": 78, "names": ("a",)}},
            per_file_ignores={"archive/*": ("all",)},
            warn_at=15,
            block_at=40,
            topic_cap=3,
        ),
        fail_on="warn",
        language="nl",
        rule_packs=(tmp_path / "own",),
        file=tmp_path / "spamlint.toml",
    )


def test_rule_packs_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    asked: list[Sequence[Path]] = []

    def rules_of_packs(packs: Sequence[Path]) -> tuple[Rule, ...]:
        asked.append(packs)
        return RULES

    file = tmp_path / "spamlint.toml"
    file.write_text('rule-packs = ["own"]')
    config.load(file, rules_of_packs)
    assert asked == [[tmp_path / "own"]]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('profil = "bulk"', "profil: unknown key, did you mean 'profile'?"),
        ('profile = "bulky"', "profile: must be one of draft, message, bulk, transactional, personal, not 'bulky', "),
        ("lang = 3", "lang: must be one of en, nl, not 3"),
        ('fail-on = "pass"', "fail-on: must be one of warn, block, not 'pass'"),
        ("warn-at = true", "warn-at: must be points from 0 to 100.0 with at most one decimal place, not True"),
        ("warn-at = nan", "warn-at: must be points"),
        ("warn-at = inf", "warn-at: must be points"),
        ("warn-at = -0.1", "warn-at: must be points"),
        ("block-at = 100.1", "block-at: must be points"),
        ("block-at = 5.25", "block-at: must be points"),
        ('topic-cap = "4"', "topic-cap: must be points"),
        ("warn-at = 6.0", "warn-at: 6.0 is more than block-at, 5.0"),
        ('select = "subject"', "select: must be a list of strings, not 'subject'"),
        ('select = ["subjects"]', "select: 'subjects' is no rule, topic or glob of them, did you mean 'subject'?"),
        ('ignore = ["html/stray"]', "ignore: 'html/stray' is no rule"),
        ('ignore = ["*/nothing"]', "ignore: '*/nothing' is no rule"),
        ('rule-packs = ["nowhere"]', "rule-packs: "),
        ("rules = 1", "rules: must be a table"),
        (
            '[rules."subject/mising"]',
            "rules.\"subject/mising\": there is no such rule, did you mean 'subject/missing'?",
        ),
        ('[rules."subject/missing"]\nscore = 1.11', 'rules."subject/missing".score: must be points'),
        ('[rules."subject/missing"]\nseverity = "eror"', 'rules."subject/missing".severity: must be one of note, '),
        ('[rules."subject/missing"]\nparams = {x = 1}', "only a check has parameters"),
        ('[rules."structure/long-lines"]\nparams = {atleast = 1}', "unknown parameter, did you mean 'at_least'?"),
        ('[rules."structure/long-lines"]\nparams = {at_least = "1"}', "must be a int, not '1'"),
        ('[rules."structure/long-lines"]\nat_least = 1', "is a parameter of the rule: write params = { at_least = ..."),
        ('[per-file-ignores]\n"a/*" = ["subjet"]', "per-file-ignores.\"a/*\": 'subjet' is no rule, topic or glob"),
        ("a = [", "no valid TOML: "),
    ],
)
def test_what_is_wrong_is_told_with_key_and_reason(tmp_path: Path, toml: str, said: str) -> None:
    (problem,) = problems(tmp_path, toml)
    assert said in problem


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, 'profile = 1\nselect = ["x"]\nwarn-at = "2"\nnonsense = 1\n[rules.y]\nscore = 1')
    assert [problem.partition(":")[0] for problem in found] == ["nonsense", "rules.y", "warn-at", "profile", "select"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read: No such file"):
        config.load(tmp_path / "nowhere.toml", rules_of)
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"bytes\.toml: no valid TOML"):
        config.load(tmp_path / "bytes.toml", rules_of)


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "spamlint.toml").touch()
    assert config.find(deep) == tmp_path / "spamlint.toml"
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert config.find(deep) == tmp_path / "spamlint.toml"
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.spamlint]\n")
    assert config.find(deep) == tmp_path / "a" / "pyproject.toml"
    (tmp_path / "a" / "spamlint.toml").touch()
    assert config.find(deep) == tmp_path / "a" / "spamlint.toml"


def test_pyproject_holds_the_same_keys(tmp_path: Path) -> None:
    toml = '[project]\nname = "x"\n[tool.spamlint]\nprofile = "personal"\n'
    assert loaded(tmp_path, toml, "pyproject.toml").policy.profile == "personal"
    assert loaded(tmp_path, "tool = 1", "pyproject.toml").policy == Policy()


def test_options_of_the_command_line_go_before_the_file() -> None:
    policy = Policy(profile="bulk", select=("subject",), ignore=("html",))
    assert config.narrowed(policy, RULES) == policy
    narrowed = config.narrowed(policy, RULES, profile="draft", select=["structure"], ignore=["subject/*"])
    assert (narrowed.profile, narrowed.select, narrowed.ignore) == ("draft", ("structure",), ("html", "subject/*"))
    with pytest.raises(ConfigError, match=r"--select: 'strukture' .*did you mean 'structure'"):
        config.narrowed(policy, RULES, select=["strukture"])


def test_rules_are_chosen_by_id_topic_or_glob() -> None:
    assert config.chosen(RULES, []) == RULES
    assert [rule.id for rule in config.chosen(RULES, ["subject", "html/s*"])] == [
        "html/stray-end-tag",
        "subject/missing",
    ]
    with pytest.raises(ConfigError, match="'htm' is no rule"):
        config.chosen(RULES, ["htm"])
