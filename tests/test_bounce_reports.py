"""The reports of `spamlint bounce`: whole ones against golden files, exit codes, streams, and hostile text.

`SPAMLINT_UPDATE_GOLDEN=1 pytest tests/test_bounce_reports.py` writes the golden files again.
"""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from spamlint.bounce.explain import Explainer
from spamlint.bounce.read import read
from spamlint.cli import main
from spamlint.report import bounce_text
from spamlint.report.bounce_data import BounceReport
from spamlint.report.bounce_words import BOUNCE_WORDS
from spamlint.report.style import Style
from spamlint.verdict import LANGUAGES

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
FOLDER = "examples/bounces"


def golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("SPAMLINT_UPDATE_GOLDEN"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.fixture(autouse=True)
def _in_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("form", "end"), [("text", "txt"), ("json", "json")])
def test_whole_reports_are_as_they_were(language: str, form: str, end: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounce", "--no-config", "--lang", language, "--format", form, FOLDER]) == 0
    golden(f"bounces.{language}.{end}", capsys.readouterr().out)


def test_json_gives_what_a_program_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounce", "--no-config", "--format", "json", f"{FOLDER}/spam.eml"]) == 0
    whole: dict[str, Any] = json.loads(capsys.readouterr().out)
    (one,) = whole["inputs"]
    assert (one["class"], one["action"], one["status"], one["message"]) == (
        "spam", "sender", "5.0.0", "550 High probability of spam",
    )  # fmt: skip
    assert one["fix"]
    assert "subject/all-capitals" in one["rules"]
    assert "subject/all-capitals" in [culprit["rule"] for culprit in one["culprits"]]
    assert whole["summary"]["domains"] == [
        {"domain": "clients.example", "count": 1, "classes": [{"class": "spam", "count": 1}]}
    ]


def test_a_pasted_reply_comes_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"5.7.1 Unable to relay\n")))
    assert main(["bounce", "--no-config", "-"]) == 0
    assert "(relay-denied)" in capsys.readouterr().out


def test_exit_codes_tell_what_could_not_be_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("Good morning Bo, the bread is ready.\n")
    assert main(["bounce", "--no-config", str(tmp_path)]) == 1
    assert main(["bounce", "--no-config", str(tmp_path), str(tmp_path / "gone.eml")]) == 2
    out, err = capsys.readouterr()
    assert "(unknown)" in out
    assert err == f"spamlint: {tmp_path / 'gone.eml'}: No such file or directory\n"
    (tmp_path / "empty").mkdir()
    assert main(["bounce", "--no-config", str(tmp_path / "empty")]) == 2
    assert "holds no file that ends in" in capsys.readouterr().err
    assert main(["bounce", "--format", "yaml", "-"]) == 2


def test_a_summary_alone_counts_causes_and_domains(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounce", "--no-config", "--summary", "--lang", "nl", f"{FOLDER}/postfix.log"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "1 invoer, 4 ontvangers"
    assert "  2  clients.example  mailbox-full 1, unknown-user 1" in out


def test_an_mbox_and_a_maildir_hold_several(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = (ROOT / FOLDER / "unknown-user.eml").read_bytes()
    line = b"From MAILER-DAEMON Mon Nov  2 09:30:05 2026\n"
    (tmp_path / "two.mbox").write_bytes(line + mail + b"\n" + line + mail)
    (tmp_path / "box" / "new").mkdir(parents=True)
    (tmp_path / "box" / "new" / "1793577600.4711.carrier").write_bytes(mail)
    assert main(["bounce", "--no-config", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "two.mbox, message 2" in out
    assert "3 inputs, 3 recipients" in out


def hostile_report() -> BounceReport:
    bad = "\x1b[2J\u202e::error::\x07"
    explainer = Explainer()
    notice = read(f"550 5.1.1 {bad} user unknown <a{bad}@b.example>".encode(), f"in/{bad}")
    return BounceReport(f"::{bad}.eml", None, notice, explainer.explain(notice), {})


def test_text_from_mail_cannot_reach_a_terminal() -> None:
    titles = {"leftovers/example-address": "x", "headers/malformed-recipient": "x"}
    shown = bounce_text.file(hostile_report(), titles, Style())
    assert not set("\x1b\x07\u202e") & set(shown)
    assert not re.search("^ *::", shown, re.MULTILINE)


def test_colour_and_width_are_for_terminals() -> None:
    titles = {"leftovers/example-address": "x", "headers/malformed-recipient": "x"}
    shown = bounce_text.file(hostile_report(), titles, Style("nl", 60, colour=True))
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert plain != shown
    assert max(map(len, plain.splitlines())) <= 70


def test_every_language_has_the_same_words() -> None:
    assert set(BOUNCE_WORDS) == set(LANGUAGES)
    for language in LANGUAGES:
        assert BOUNCE_WORDS[language].keys() == BOUNCE_WORDS["en"].keys()
        for key, said in BOUNCE_WORDS[language].items():
            assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", BOUNCE_WORDS["en"][key])), key
