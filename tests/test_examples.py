"""Every example does what it is there to show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import spamlint
from spamlint import ruleset
from spamlint.config import load

EXAMPLES = Path(__file__).parent.parent / "examples"

FITTED = "pass or warn"
"""By points alone, which are fitted: a message that is no more than untidy is never blocked."""

SHOWN: dict[str, tuple[str, set[str]]] = {
    "attachments.eml": (
        "block",
        {
            "archives/double-extension-inside",
            "archives/executable-inside",
            "attachments/blocked-by-provider",
            "attachments/double-extension",
            "attachments/executable",
            "attachments/type-mismatch",
        },
    ),
    "bare-structure.eml": (
        "warn",
        {
            "structure/duplicate-header",
            "structure/no-date",
            "structure/no-from",
            "structure/no-message-id",
            "structure/no-mime-version",
            "structure/no-text-alternative",
        },
    ),
    "deceptive-links.eml": (
        FITTED,
        {
            "links/numeric-host",
            "links/odd-port",
            "links/one-stranger",
            "links/plain-http",
            "links/shown-domain-differs",
            "links/user-part",
            "sender/foreign-links",
        },
    ),
    "draft.html": ("warn", {"html/omitted-end-tag", "html/stray-end-tag", "script/event-handler"}),
    "good-newsletter.eml": ("pass", set()),
    "good-plain.eml": ("pass", set()),
    "hidden-text.eml": (FITTED, {"hidden/same-colour-text", "hidden/zero-size-text"}),
    "leftovers.eml": (
        "warn",
        {"leftovers/merge-tag", "leftovers/template-expression", "leftovers/undefined-value"},
    ),
    "little-text.eml": (FITTED, {"images/file-name-alt", "images/little-text", "images/missing-alt"}),
    "logo-only.eml": (FITTED, {"images/single-linked-image", "structure/no-text-alternative"}),
    "no-subject.eml": ("warn", {"subject/missing"}),
    "scripts.eml": (
        "warn",
        {
            "script/event-handler",
            "script/external-stylesheet",
            "script/form",
            "script/iframe",
            "script/script-element",
            "script/script-uri",
        },
    ),
    "shouting-subject.eml": (
        FITTED,
        {
            "subject/all-capitals",
            "subject/fake-reply",
            "subject/many-exclamation-marks",
            "wording/repeated-marks",
            "wording/sales-pressure",
        },
    ),
    "sloppy-html.eml": (
        "pass",
        {
            "accessibility/layout-table",
            "accessibility/no-language",
            "html/bad-conditional-comment",
            "html/content-outside-cell",
            "html/duplicate-attribute",
            "html/misnested-tag",
            "html/parse-error",
            "html/stray-end-tag",
        },
    ),
    "wrong-charset.eml": (
        "warn",
        {"headers/raw-8bit", "mime/no-charset", "structure/wrong-transfer-encoding", "subject/raw-8bit"},
    ),
    "wrong-sender.eml": (
        "warn",
        {
            "sender/address-in-display-name",
            "sender/brand-mismatch",
            "sender/recipient-in-subject",
            "sender/reply-to-elsewhere",
            "wording/generic-greeting",
        },
    ),
}
"""File -> outcome, and the rules that find something in it."""


@pytest.mark.parametrize("name", SHOWN)
def test_a_message_shows_what_it_is_there_for(name: str) -> None:
    verdict = spamlint.check(EXAMPLES / name)
    outcome, rules = SHOWN[name]
    assert {finding.rule for finding in verdict.findings} == rules
    assert verdict.outcome in outcome.split(" or ")


def test_no_example_is_left_out() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.suffix in {".eml", ".html"}} == set(SHOWN)


@pytest.mark.parametrize(
    ("name", "rule", "found"),
    [
        ("shouting-subject.eml", "subject/fake-reply", [b"Re:"]),
        ("scripts.eml", "script/script-uri", [b"java&#115;cript:showMap('river')"]),
        ("scripts.eml", "script/event-handler", [b'onload="drawMap()"', b'onclick="join()"']),
        ("sloppy-html.eml", "html/content-outside-cell", [b"The box office opens on Monday at ten."]),
        ("draft.html", "html/stray-end-tag", [b"</div>"]),
    ],
)
def test_a_place_is_that_of_the_file(name: str, rule: str, found: list[bytes]) -> None:
    raw = (EXAMPLES / name).read_bytes()
    (finding,) = (finding for finding in spamlint.check(EXAMPLES / name).findings if finding.rule == rule)
    assert [raw[place.raw.start : place.raw.end] for place in finding.places if place] == found


def test_the_python_example() -> None:
    script = [sys.executable, str(EXAMPLES / "check_message.py")]
    path = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run(script, env=path, capture_output=True, text=True, check=False)
    assert "subject/missing (line 8)" in done.stdout
    assert done.stderr == ""


def test_the_settings_example() -> None:
    config, rules = load(EXAMPLES / "spamlint.toml", ruleset.load)
    verdict = spamlint.Linter(config.policy, rules).check(
        spamlint.Message.from_bytes((EXAMPLES / "shouting-subject.eml").read_bytes())
    )
    assert (verdict.profile, verdict.warn_at, verdict.block_at) == ("bulk", 15, 40)
    assert {finding.rule: finding.base_score for finding in verdict.findings}["subject/all-capitals"] == 20
