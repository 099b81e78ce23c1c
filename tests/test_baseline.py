"""The baseline: which findings are known, and what becomes of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spamlint import baseline
from spamlint.baseline import Baseline, Known, fingerprint
from spamlint.errors import ConfigError
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.verdict import Policy, Verdict

LINTER = Linter()
FEW = Linter(Policy(select=("html", "images/missing-alt")))
IMAGE = '<p><img src="https://b.example/{}.png" width="300" height="200"></p>\n'

PAGE = "<p>Good morning</p>\n" + IMAGE.format("a") + IMAGE.format("b") + "</div>\n"


def judged(html: str, known: Known) -> Verdict:
    return FEW.check(Message.draft(html.encode(), "a.html"), known.sieve)


def known_of(html: str) -> Known:
    first = Known({})
    judged(html, first)
    return Known(first.found)


def test_what_is_known_does_not_count() -> None:
    known = known_of(PAGE)
    verdict = judged(PAGE, known)
    assert verdict.findings == ()
    assert verdict.score == 0
    assert known.counts == {"images/missing-alt": 2, "html/stray-end-tag": 1}
    assert known.gone(known.found) == {}


def test_it_stays_known_when_lines_move() -> None:
    assert judged("\n\n<p>More</p>\n" + PAGE.replace("\n", "\r\n"), known_of(PAGE)).findings == ()


def test_only_what_is_new_is_found() -> None:
    (finding,) = judged(IMAGE.format("c") + PAGE, known_of(PAGE)).findings
    assert (finding.rule, finding.count) == ("images/missing-alt", 1)
    assert finding.texts[0] is not None
    assert "c.png" in finding.texts[0].value


def test_one_more_of_the_same_is_new() -> None:
    (finding,) = judged(PAGE + IMAGE.format("a"), known_of(PAGE)).findings
    assert finding.count == 1


def test_what_is_gone_is_told_for_the_rules_that_were_run() -> None:
    known = known_of(PAGE)
    judged(PAGE.replace(IMAGE.format("a"), "").replace("</div>", ""), known)
    assert known.gone({"images/missing-alt", "html/stray-end-tag"}) == {
        "images/missing-alt": 1,
        "html/stray-end-tag": 1,
    }
    assert known.gone({"html/stray-end-tag"}) == {"html/stray-end-tag": 1}


def test_known_parts_of_a_combination_keep_it_known() -> None:
    folder = Path(__file__).parent.parent / "examples"
    for path in sorted(folder.glob("*.eml")):
        first = Known({})
        message = Message.from_bytes(path.read_bytes(), path.name)
        found = LINTER.check(message, first.sieve)
        again = Known(first.found)
        assert LINTER.check(message, again.sieve).findings == ()
        assert again.gone(first.found) == {}
        assert len(first.found) == len(found.findings)


def test_a_fingerprint_is_blind_to_white_space_and_place() -> None:
    assert fingerprint("a/b", "<p\n  id=a>", 0) == fingerprint("a/b", "<p id=a>", 0)
    prints = {fingerprint("a/b", "x", 0), fingerprint("a/b", "x", 1), fingerprint("a/c", "x", 0)}
    assert len(prints) == 3
    assert all(len(one) == 16 for one in prints)


def test_paths_are_seen_from_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = baseline.load(tmp_path / "known.json", must_exist=False)
    (tmp_path / "mail").mkdir()
    monkeypatch.chdir(tmp_path / "mail")
    assert known.key("a.html") == known.key(str(tmp_path / "mail" / "a.html")) == "mail/a.html"
    assert known.key("../box.mbox", 3) == "box.mbox#3"


def test_the_file_is_sorted_and_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "known.json"
    found = Baseline(tmp_path, {"b.html": {"z/z": ("2", "3"), "a/a": ("1",)}, "a.html": {"a/a": ("1",)}, "c": {}})
    file.write_text(found.dumped(), "utf-8")
    data = json.loads(found.dumped())
    assert list(data["files"]) == ["a.html", "b.html"]
    assert list(data["files"]["b.html"]) == ["a/a", "z/z"]
    assert baseline.load(file).files == {"a.html": {"a/a": ("1",)}, "b.html": {"a/a": ("1",), "z/z": ("2", "3")}}


def test_an_update_keeps_what_it_did_not_check(tmp_path: Path) -> None:
    (tmp_path / "here.html").touch()
    (tmp_path / "other.html").touch()
    old = Baseline(
        tmp_path, {"here.html": {"a/a": ("1",), "b/b": ("2",)}, "other.html": {"a/a": ("3",)}, "lost": {"a/a": ("4",)}}
    )
    assert old.missing() == ["lost"]
    new = old.updated({"here.html": {"a/a": ("5",)}}, {"a/a"})
    assert new.files == {"here.html": {"a/a": ("5",), "b/b": ("2",)}, "other.html": {"a/a": ("3",)}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "version: must be 1"),
        ('{"version": 2}', "version: must be 1"),
        ('{"version": 1}', "files: must be a table"),
        ('{"version": 1, "files": {"a": []}}', "files: a: must be a table of rules"),
        ('{"version": 1, "files": {"a": {"b": [1]}}}', "files: a: b: must be a list of fingerprints"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "known.json"
    file.write_text(content)
    with pytest.raises(ConfigError, match=r"known\.json: ") as caught:
        baseline.load(file)
    assert reason in str(caught.value)


def test_a_baseline_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--update-baseline writes it"):
        baseline.load(tmp_path / "none.json")
