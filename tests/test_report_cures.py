"""Fixes in reports: what SARIF tells is what `--fix` writes, in the file that it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from spamlint.cli import main

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
PAGE = '<html>\n<body>\n<p id="a" id="é">é &copy {{ x }}</p>\n'
PAGE += '<a href="http://b.example/">Bees</a>\n{% include "foot.html" %}\n'
FOOT = '<p id="c" id="d">{{ y }}</p>\n'


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.html.j2").write_text(PAGE, "utf-8")
    Path("foot.html").write_text(FOOT, "utf-8")


def results(capsys: pytest.CaptureFixture[str], path: str) -> list[dict[str, Any]]:
    main(["check", "--format", "sarif", path])
    log = json.loads(capsys.readouterr().out)
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def after(fixes: list[dict[str, Any]]) -> dict[str, str]:
    """The files with those fixes, by the bytes that they name."""
    rows: dict[str, list[tuple[int, int, bytes]]] = {}
    for fix in fixes:
        for change in fix["artifactChanges"]:
            for one in change["replacements"]:
                region, new = one["deletedRegion"], one["insertedContent"]["text"].encode()
                start = region["byteOffset"]
                rows.setdefault(change["artifactLocation"]["uri"], []).append(
                    (start, start + region["byteLength"], new)
                )
    made = {}
    for name, writes in rows.items():
        data = Path(name).read_bytes()
        for start, end, new in sorted(writes, reverse=True):
            data = data[:start] + new + data[end:]
        made[name] = data.decode()
    return made


def test_the_fixes_are_those_that_fix_writes(capsys: pytest.CaptureFixture[str]) -> None:
    found = {row["ruleId"]: row.get("fixes", []) for row in results(capsys, "page.html.j2")}
    safe = [fix for rule in ("duplicate-attribute", "parse-error", "no-charset") for fix in found[f"html/{rule}"]]
    changed = after(safe)
    assert changed["foot.html"] == '<p id="c">{{ y }}</p>\n'
    main(["check", "--fix", "page.html.j2"])
    assert changed == {name: Path(name).read_text("utf-8") for name in ("page.html.j2", "foot.html")}
    (fix,) = found["links/plain-http"]
    assert fix["description"]["text"].endswith("(look at the result)")
    assert all(one["description"]["text"].endswith("(a reader sees the same words)") for one in safe)


def test_lines_and_columns_of_a_fix_are_those_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = [row for row in results(capsys, "page.html.j2") if row["ruleId"] == "html/duplicate-attribute"]
    region = row["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]
    lines = (region["startLine"], region["startColumn"], region["endLine"], region["endColumn"])
    assert lines == (3, 10, 3, 17)
    assert PAGE.encode()[region["byteOffset"] :][: region["byteLength"]].decode() == ' id="é"'


def test_what_only_some_branches_allow_is_not_called_safe(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.html.j2").write_text("<body>{% if x %}<div>{% endif %}<p>a</p></div></body>", "utf-8")
    (row,) = [row for row in results(capsys, "page.html.j2") if row["ruleId"] == "html/stray-end-tag"]
    assert [fix["description"]["text"].endswith("(look at the result)") for fix in row["fixes"]] == [True]


def test_fingerprints_of_a_template_stay_when_lines_move(capsys: pytest.CaptureFixture[str]) -> None:
    before = {row["ruleId"]: row["partialFingerprints"] for row in results(capsys, "page.html.j2")}
    Path("page.html.j2").write_text(PAGE.replace("<body>", "<body>\n<p>Bees, and hives.</p>\n\n"), "utf-8")
    assert before == {row["ruleId"]: row["partialFingerprints"] for row in results(capsys, "page.html.j2")}


def test_a_finished_message_has_no_fixes(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.eml").write_bytes(b"Subject: x\nContent-Type: text/html\n\n" + PAGE.encode())
    found = results(capsys, "a.eml")
    assert "html/duplicate-attribute" in {row["ruleId"] for row in found}
    assert not any("fixes" in row for row in found)
