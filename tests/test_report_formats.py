"""Reports for other programs: each against a golden file, on a message that tries to get out of it.

`SPAMLINT_UPDATE_GOLDEN=1 pytest tests/test_report_formats.py` writes the golden files again.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hostile import HTML, MAIL, MEAN, UNSEEN, clean, ending, finding, message, report, words

from spamlint import ruleset
from spamlint.cli.forms import FORMATS, Form, Setting, form_of
from spamlint.report import github, sarif
from spamlint.report.data import FileReport, file_report
from spamlint.report.fingerprint import Occurrences, offending
from spamlint.report.paths import relative, uri
from spamlint.report.style import Style
from spamlint.rule import Rule
from spamlint.verdict import Language, Policy, Verdict

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
IDS = ("subject/hostile", "phrases/free", "phrases/money", "structure/no-date", "structure/whole", "html/broken")
RULES = tuple(Rule(rule, "warning", 10, words(rule), refs=("https://www.rfc-editor.org/rfc/rfc5322",)) for rule in IDS)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server says where the repository is, and the version of the rules is none that changes."""
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ruleset, "version", lambda _: "0.1.0-abc")


def form(name: str, language: Language = "en", fail_on: str = "block") -> Form:
    return form_of(name, Setting(RULES, language, fail_on), Style(language))


def whole(name: str, reports: Sequence[FileReport], language: Language = "en", exit_code: int = 2) -> str:
    made = form(name, language)
    pieces = [made.file(one) for one in reports]
    end = ending(*reports, exit_code=exit_code)
    return "".join([made.opening, made.head(end) if made.head else "", *pieces, made.closing(end)])


def assert_golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("SPAMLINT_UPDATE_GOLDEN"):
        file.write_bytes(text.encode("utf-8"))
    assert text == file.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("name", "language", "file"),
    [
        ("sarif", "en", "hostile.sarif"),
        ("junit", "nl", "hostile.junit.xml"),
        ("github", "en", "hostile.github.txt"),
        ("gitlab", "nl", "hostile.gitlab.json"),
        ("html", "en", "hostile.en.html"),
        ("html", "nl", "hostile.nl.html"),
    ],
)
def test_a_report_on_hostile_mail(name: str, language: Language, file: str) -> None:
    assert_golden(file, whole(name, [report(language, 6), clean()], language))


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_unseen_comes_through(name: str) -> None:
    text = whole(name, [report(), clean()])
    assert not set(UNSEEN + "\udcff") - set("[2Jgpj31m") & set(text)
    assert all(char in "\n\t" or char.isprintable() for char in text)


# SARIF


def sarif_run(*reports: FileReport, exit_code: int = 2) -> dict[str, Any]:
    log = json.loads(whole("sarif", reports, exit_code=exit_code))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    (run,) = log["runs"]
    found: dict[str, Any] = run
    return found


def test_sarif_follows_its_schema_whatever_there_is_to_tell() -> None:
    jsonschema.Draft4Validator.check_schema(SCHEMA)
    assert sarif_run()["results"] == []
    assert len(sarif_run(clean(), report(), replace(report(), message_index=3))["results"]) == 10
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{"results": []}]})


def test_every_rule_makes_a_descriptor_that_follows_the_schema() -> None:
    rules = ruleset.load(whole=False)
    for language in ("en", "nl"):
        run = json.loads(sarif.head(rules, "1.0.0", "1", language) + '\n], "invocations": []}\n]}')["runs"][0]
        log = {"version": "2.1.0", "runs": [run]}
        jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
        assert [row["id"] for row in run["tool"]["driver"]["rules"]] == [rule.id for rule in rules]
        assert len({row["name"] for row in run["tool"]["driver"]["rules"]}) == len(rules)


def test_a_sarif_result_names_its_rule_and_its_exact_bytes() -> None:
    run = sarif_run(report())
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    (free,) = (row for row in run["results"] if row["ruleId"] == "phrases/free")
    places = [*free["locations"], *free["relatedLocations"]]
    regions = [place["physicalLocation"]["region"] for place in places]
    raw = [MAIL[row["byteOffset"] : row["byteOffset"] + row["byteLength"]] for row in regions]
    assert raw[2] == b"free"
    lines = MAIL.decode().replace("\r\n", "\n").split("\n")
    assert lines[regions[2]["startLine"] - 1][regions[2]["startColumn"] - 1 : regions[2]["endColumn"] - 1] == "free"
    decoded = places[0]["logicalLocations"][0]["properties"]
    line = HTML.splitlines()[0]
    assert line == "<html><head>"
    assert (decoded["part"], decoded["line"]) == ("2", HTML[: HTML.index("free")].count("\n") + 1)
    assert [place["id"] for place in free["relatedLocations"]] == [1, 2]


def test_sarif_levels_are_those_of_the_findings() -> None:
    levels = {row["ruleId"]: row["level"] for row in sarif_run(report())["results"]}
    assert levels["subject/hostile"] == "error"
    assert levels["phrases/free"] == "warning"
    assert levels["structure/no-date"] == "note"


def test_sarif_tells_how_the_run_went() -> None:
    run = sarif_run(report(), exit_code=2)
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    told = [(row["descriptor"]["id"], row["level"]) for row in invocation["toolExecutionNotifications"]]
    assert told == [
        ("unreadable-file", "error"),
        ("failed-check", "error"),
        ("incomplete-verdict", "error"),
        ("not-covered", "note"),
        ("skipped-rule", "note"),
    ]
    for row in invocation["toolExecutionNotifications"]:
        known = run["tool"]["driver"]["notifications"][row["descriptor"]["index"]]
        assert known["id"] == row["descriptor"]["id"]
    assert sarif_run(clean(), exit_code=1)["invocations"][0]["executionSuccessful"] is True


def test_a_message_of_an_mbox_is_a_logical_location() -> None:
    (first, *_) = sarif_run(replace(report(), message_index=6))["results"]
    assert first["locations"][0]["logicalLocations"] == [
        {"name": "message 7", "fullyQualifiedName": "message 7", "kind": "message"}
    ]


def test_fingerprints_stay_when_lines_move() -> None:
    def fingerprints(mail: bytes) -> list[str]:
        of = message(mail, "a.eml")
        html = next(part.text for part in of.root.walk() if part.content_type == "text/plain")
        at = html.value.index("free")
        found = [finding("phrases/free", html[at : at + 4]), finding("phrases/all", html[at : at + 8])]
        made = file_report(Verdict.of(found, Policy(), "message"), of.source, None, "en")
        return [row["partialFingerprints"][sarif.FINGERPRINT] for row in sarif_run(made)["results"]]

    before = fingerprints(MAIL)
    assert before == fingerprints(b"X-More: 1\r\n" * 9 + MAIL.replace(b"Plain words", b"\r\n\r\n  Other plain words"))
    assert before == fingerprints(MAIL.replace(b"free", b"x" * 300 + b" free"))
    assert before != fingerprints(MAIL.replace(b"free of marks", b"free to mark"))
    assert len(set(before)) == 2


def test_the_same_finding_in_two_messages_of_an_mbox_is_told_apart() -> None:
    seen = Occurrences()
    (first, *_) = report().findings
    marks = [seen.fingerprint(path, first.rule, offending(first)) for path in ("a.mbox", "a.mbox", "b.mbox")]
    assert [mark.rpartition(":")[2] for mark in marks] == ["1", "2", "1"]
    assert len({mark.rpartition(":")[0] for mark in marks}) == 1


def test_a_message_for_sarif_holds_no_link_and_no_placeholder() -> None:
    found = finding("a/b", None, values={"word": "[a](http://b) {0} [c] {{name}}"})
    made = file_report(Verdict.of([found], Policy(), "message"), message().source, None, "en")
    (row,) = sarif_run(made)["results"]
    assert row["message"]["text"].startswith(r"\[a](http://b) {{0}} [c] {{name}}")


# JUnit


def test_junit_counts_what_it_holds() -> None:
    blocked = replace(report(), incomplete=False)
    root = ET.fromstring(whole("junit", [report(), blocked, clean()]))
    for element in (root, root[0]):
        assert [element.get(name) for name in ("tests", "failures", "errors")] == ["4", "1", "2"]
    cases = root.findall(".//testcase")
    assert [[child.tag for child in case] for case in cases] == [["error"], ["failure"], ["system-out"], ["error"]]
    assert "]]>{{ 7*7 }}" in (cases[1][0].text or "")


def test_junit_fails_for_what_the_run_fails_on() -> None:
    warned = replace(clean(), outcome="warn")
    for fail_on, tag in (("block", "system-out"), ("warn", "failure")):
        (case,) = ET.fromstring(f"<a>{form('junit', fail_on=fail_on).file(warned)}</a>")
        assert case[0].tag == tag


# GitHub


def commands_in(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message of each annotation, as the runner reads them."""
    found = []
    for line in text.splitlines():
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        if command:
            fields = dict(one.split("=", 1) for one in command[2].split(","))
            found.append((command[1], {name: plain(value) for name, value in fields.items()}, plain(command[3])))
    return found


def plain(value: str) -> str:
    for code, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%25", "%")):
        value = value.replace(code, char)
    return value


def test_only_our_own_lines_are_commands_to_the_runner() -> None:
    text = whole("github", [report(), clean()])
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    assert {line.split("::")[1].split(" ")[0] for line in commands} == {
        "group", "endgroup", "error", "warning", "notice",
    }  # fmt: skip
    assert len(commands) == 2 + 7
    first = next(row for row in commands_in(text) if "subject/hostile" in row[1]["title"])
    assert "%0A]]>{{ 7*7 }}" in first[2]
    assert (first[0], first[1]["line"], first[1]["col"]) == ("error", "2", "10")


def test_the_dearest_of_each_level_become_annotations() -> None:
    made = form("github")
    reports = []
    for number in range(25):
        found = [finding("a/b", None, score=number), finding("a/c", None, severity="error", score=1)]
        reports.append(
            file_report(Verdict.of(found, Policy(), "message"), message(name=f"{number}.eml").source, None, "en")
        )
    log = "".join(made.file(one) for one in reports)
    assert commands_in(log) == []
    text = made.closing(ending()._replace(unreadable=[]))
    rows = commands_in(text)
    assert Counter(level for level, _, _ in rows) == {"error": github.MOST, "warning": github.MOST}
    assert [row[1]["file"] for row in rows if row[0] == "warning"] == [f"{number}.eml" for number in range(24, 14, -1)]
    assert [row[1]["file"] for row in rows if row[0] == "error"] == [f"{number}.eml" for number in range(10)]
    assert text.splitlines()[-1].startswith("30 more stand in the log only")


def test_a_range_over_several_lines_has_no_columns() -> None:
    rows = {row[1]["title"]: row[1] for row in commands_in(whole("github", [report()]))}
    money = rows["phrases/money (phrases/money)"]
    assert int(money["endLine"]) > int(money["line"])
    assert "col" not in money


# GitLab


def test_gitlab_entries_are_all_different_and_complete() -> None:
    rows = json.loads(whole("gitlab", [report(), replace(report(), message_index=1), clean()]))
    assert len(rows) == len({row["fingerprint"] for row in rows}) == 13
    for row in rows:
        assert row.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert row["location"]["lines"]["begin"] >= 1
    severities = {row["check_name"]: row["severity"] for row in rows}
    assert severities["spamlint/incomplete"] == severities["spamlint/unreadable"] == "critical"
    assert severities["subject/hostile"] == "blocker"
    assert (severities["phrases/free"], severities["structure/no-date"]) == ("minor", "info")


def test_a_message_that_fails_is_a_blocker_of_its_own() -> None:
    (row, *_) = json.loads(whole("gitlab", [replace(report(), incomplete=False)]))
    assert (row["check_name"], row["severity"]) == ("spamlint/outcome", "blocker")


# Paths


@pytest.mark.parametrize(
    ("path", "folder", "root", "seen"),
    [
        ("./mail/a.eml", "/srv/shop", "/srv/shop", "mail/a.eml"),
        ("a.eml", "/srv/shop/mail", "/srv/shop", "mail/a.eml"),
        ("../b/a.eml", "/srv/shop/mail", "/srv/shop", "b/a.eml"),
        ("/srv/shop/a.eml", "/srv/shop", "/srv/shop", "a.eml"),
        ("/elsewhere/a.eml", "/srv/shop", "/srv/shop", "/elsewhere/a.eml"),
        ("../../a.eml", "/srv/shop", "/srv/shop", "../../a.eml"),
        ("/srv/shopping/a.eml", "/srv/shop", "/srv/shop", "/srv/shopping/a.eml"),
        ("mail\\a.eml", "C:\\repo", "C:\\repo", "mail/a.eml"),
        ("a\\b.eml", "/", "/", "a\\b.eml"),
        ("-", "/work", "/work", "-"),
    ],
)
def test_paths_are_those_of_the_repository(path: str, folder: str, root: str, seen: str) -> None:
    assert relative(path, folder, root) == seen


def test_a_path_becomes_a_uri() -> None:
    assert uri("a b/%\u202e\udcff#?.eml") == "a%20b/%25%E2%80%AE%FF%23%3F.eml"
    assert uri("/a b") == "file:///a%20b"
    assert uri("C:/a") == "file:///C:/a"


def test_a_server_says_where_the_repository_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mail").mkdir()
    monkeypatch.chdir(tmp_path / "mail")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    (row,) = json.loads("[" + form("gitlab").file(replace(clean("a.eml"), outcome="block")) + "]")
    assert row["location"]["path"] == "mail/a.eml"
    assert MEAN not in row["description"]
