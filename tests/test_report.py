"""Reports: whole ones against golden files, the JSON against its schema, and that mail text cannot get out of hand.

`SPAMLINT_UPDATE_GOLDEN=1 pytest tests/test_report.py` writes the golden files again.
"""

from __future__ import annotations

import json
import os
import pickle
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hostile import finding

from spamlint.coverage import NotCovered
from spamlint.report import json as json_report
from spamlint.report import text
from spamlint.report.data import FileReport, Summary, file_report
from spamlint.report.style import Style
from spamlint.report.words import WORDS, points
from spamlint.source import Source, Text, shifted, source_text
from spamlint.verdict import LANGUAGES, Language, Policy, RuleError, Skipped, Verdict

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((Path(json_report.__file__).parent / json_report.SCHEMA).read_text("utf-8"))

# Moves the cursor, sets the title, turns the direction of writing, hides, and breaks lines for some readers.
HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202egpj.exe\u200b\u2028::error::x\x9b31m\u2066</script>\x7f\ufeff"

MAIL = (
    f"From: a@b.example\r\nSubject: WIN {HOSTILE} NOW\r\n\r\n"
    "Dear friend,\r\n\t\u7121\u6599 e\u0301 free money\r\nfree\r\nfree again\r\n"
).encode()


def hostile_source(path: str = f"in/{HOSTILE}.eml") -> Source:
    return Source(path, MAIL)


def hostile_verdict(source: Source) -> Verdict:
    """Findings in a header, in a decoded part, of a missing header and of the whole message, all with hostile text."""
    raw = source_text(source, 0, len(MAIL))
    start = MAIL.index(b"Dear")
    value = MAIL[start:].decode()

    def bytes_of(first: int, last: int) -> tuple[int, int]:
        return len(value[:first].encode()), len(value[:last].encode())

    body = Text(value, raw[start:], lambda: bytes_of, part="1.2")
    subject = raw[MAIL.index(b"WIN") : MAIL.index(b" NOW")]
    free = [body[found.start() : found.end()] for found in re.finditer("free", value)]
    end = raw[start - 2 : start - 2]
    return Verdict.of(
        [
            finding("subject/hostile", subject, severity="error", values={"word": HOSTILE}, blocks=True),
            finding("phrases/free", *free, count=9, score=25),
            finding("phrases/money", body[value.index("money") :][:5], score=25),
            finding("structure/no-date", end, severity="note", score=0),
            finding("structure/whole", None, score=1),
        ],
        Policy(),
        "message",
        errors=(RuleError("html/broken", "ValueError", HOSTILE),),
        skipped=(Skipped("html/slow", "no time"),),
        not_covered=(NotCovered("1.3", "winmail"),),
    )


def hostile(language: Language = "en", message_index: int | None = None) -> FileReport:
    source = hostile_source()
    return file_report(hostile_verdict(source), source, message_index, language)


def clean() -> FileReport:
    source = Source("good.eml", b"Subject: Hello\n\nHello\n")
    return file_report(Verdict.of([], Policy(), "bulk"), source, None, "en")


def assert_golden(name: str, report: str) -> None:
    file = GOLDEN / name
    if os.environ.get("SPAMLINT_UPDATE_GOLDEN"):
        file.write_bytes(report.encode("utf-8"))
    assert report == file.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("hostile.en.txt", Style("en")),
        ("hostile.nl.txt", Style("nl")),
        ("hostile.narrow.txt", Style("en", columns=50)),
        ("hostile.colour.txt", Style("en", columns=80, colour=True)),
    ],
)
def test_the_text_report_on_hostile_mail(name: str, style: Style) -> None:
    total = Summary(unreadable=1)
    reports = [hostile(style.language, 6), clean()]
    for report in reports:
        total.add(report)
    assert_golden(name, "".join([*(text.file(report, style) for report in reports), text.summary(total, style)]))


def test_the_json_report_on_hostile_mail() -> None:
    unreadable = [("bad\udcff\u202e.eml", "Permission denied")]
    assert_golden("hostile.json", json_report.whole("0.1.0", "0.1.0-abc", [hostile("en", 6), clean()], unreadable))


def test_the_jsonl_report_on_hostile_mail() -> None:
    lines = [json_report.line(report, "0.1.0", "0.1.0-abc") for report in (hostile("nl"), clean())]
    assert_golden("hostile.jsonl", "".join(lines))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", [None, 1, 20, 33, 200])
def test_nothing_of_the_mail_reaches_the_terminal_as_a_control(language: Language, columns: int | None) -> None:
    report = text.file(hostile(language), Style(language, columns))
    assert all(char == "\n" or char.isprintable() for char in report)
    assert not set("\u202e\u2066\u200b\ufeff\u2028") & set(report)


def test_json_is_ascii_and_holds_the_text_unchanged() -> None:
    line = json_report.line(hostile(), "1", "1")
    assert line.isascii()
    assert line.rstrip("\n").isprintable()
    found = json.loads(line)
    assert found["path"] == f"in/{HOSTILE}.eml"
    assert HOSTILE in found["findings"][0]["excerpt"]


def test_a_name_that_is_no_utf_8_is_still_json_for_strict_readers() -> None:
    line = json_report.line(replace(clean(), path="a\udcff\U0001f600.eml"), "1", "1")
    assert json.loads(line)["path"] == "a\\udcff\U0001f600.eml"


def test_json_follows_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    check = jsonschema.Draft202012Validator(SCHEMA).validate
    whole = json.loads(json_report.whole("1", "1", [hostile(), clean()], [("a", "b")]))
    check(whole)
    check(json.loads(json_report.whole("1", "1", [])))
    check(json.loads(json_report.line(hostile(), "1", "1")))
    for broken in (whole | {"more": 1}, {"version": "1"}, whole | {"files": [whole["files"][0] | {"score": "1"}]}):
        with pytest.raises(jsonschema.ValidationError):
            check(broken)


def test_the_schema_names_all_that_json_has_and_no_more() -> None:
    report = json_report.file_object(hostile())
    (first, *_) = report["findings"]
    for name, data in (("file", report), ("finding", first), ("place", first["places"][0]), ("raw", first["raw"])):
        definition = SCHEMA["$defs"][name]
        assert list(definition["properties"]) == list(data) == definition["required"]
        assert definition["additionalProperties"] is False


def test_the_scores_of_the_findings_add_up() -> None:
    report = json_report.file_object(hostile())
    assert round(sum(row["score"] for row in report["findings"]), 1) == report["score"] == 6.1
    assert [(row["base_score"], row["score"]) for row in report["findings"] if row["topic"] == "phrases"] == [
        (2.5, 2.5),
        (2.5, 1.5),
    ]


def test_a_place_is_the_first_of_the_places() -> None:
    for row in json_report.file_object(hostile())["findings"]:
        assert {key: row[key] for key in row["places"][0]} == row["places"][0]


def test_places_are_those_of_the_part_and_of_the_file() -> None:
    rows = {row["rule"]: row for row in json_report.file_object(hostile())["findings"]}
    free = rows["phrases/free"]
    assert (free["part"], free["line"], free["column"], free["end_line"], free["end_column"]) == ("1.2", 2, 8, 2, 12)
    assert free["raw"]["line"] == 5
    assert all(MAIL[place["raw"]["start"] : place["raw"]["end"]] == b"free" for place in free["places"])
    header, missing, whole = rows["subject/hostile"], rows["structure/no-date"], rows["structure/whole"]
    assert (header["part"], header["line"], header["column"]) == (None, 2, 10)
    assert missing["raw"]["start"] == missing["raw"]["end"]
    keys = ("file", "part", "line", "column", "end_line", "end_column", "raw", "excerpt")
    assert whole["places"] == [dict.fromkeys(keys)]


def test_a_subject_from_the_command_line_has_no_place_in_the_file() -> None:
    source, given = Source("draft.html", b"<p>Hi"), Source("--subject", b"FREE")
    layer = Text("FREE", given, lambda: shifted(0))
    verdict = Verdict.of([finding("subject/capitals", layer)], Policy(), "draft")
    assert file_report(verdict, source, None, "en").findings[0].places == (None,)


def test_a_report_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(hostile())) == hostile()


def test_every_language_has_the_same_words() -> None:
    assert set(WORDS) == set(LANGUAGES)
    for language in LANGUAGES:
        assert WORDS[language].keys() == WORDS["en"].keys()
        for key, said in WORDS[language].items():
            assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", WORDS["en"][key])), key


def test_points_are_written_as_people_write_them() -> None:
    assert (points("en", 73), points("nl", 73), points("en", 0), points("en", 100)) == ("7.3", "7,3", "0.0", "10.0")


def test_the_reason_of_a_verdict_below_its_threshold_is_told() -> None:
    source = hostile_source("a.eml")
    for found, said in (
        ([finding("a/b", None, severity="error", score=0)], "a warning for each error"),
        ([finding("a/b", None, blocks=True, score=0)], "a rule blocks on its own"),
        ([finding("a/b", None, score=20)], "a warning from 2.0"),
    ):
        report = file_report(Verdict.of(found, Policy(), "message"), source, None, "en")
        assert said in text.file(report, Style()).splitlines()[0]


def test_the_summary_names_the_most_frequent_rules_first() -> None:
    total = Summary()
    for _ in range(2):
        total.add(hostile())
    one_more = file_report(Verdict.of([finding("z/z", None)], Policy(), "message"), hostile_source(), None, "en")
    total.add(one_more)
    assert text.summary(total, Style()).splitlines()[:4] == [
        "3 messages checked: 0 pass, 1 warning, 2 block, 2 not fully checked",
        "Most frequent rules:",
        "  2  phrases/free       phrases/free",
        "  2  phrases/money      phrases/money",
    ]
