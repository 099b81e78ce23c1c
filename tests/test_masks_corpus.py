"""Masks of real templates: none crashes, none blocks, and no directive becomes a mistake of the HTML."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from spamlint.drafts import Drafts, Templates, worst
from spamlint.linter import Linter
from spamlint.template.languages import RENDERED, language_of
from spamlint.verdict import Policy, Profile, Verdict

CORPUS = os.environ.get("SPAMLINT_CORPUS")
KINDS = {"django": "django", "mustache": "handlebars", "handlebars": "handlebars"}
"""What the corpus says of files that look like more than one language."""

pytestmark = pytest.mark.skipif(not CORPUS, reason="SPAMLINT_CORPUS is not set: no real templates to test on")


def templates() -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes and language of each legitimate template that is masked."""
    root = Path(CORPUS or "")
    for line in (root / "MANIFEST.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["set"] == "templates" and row["label"] == "legit-template":
            raw = (root / row["path"]).read_bytes()
            language = KINDS.get(row["kind"]) or language_of(row["path"], raw.decode("utf-8", "replace"))
            if language is not None and language not in RENDERED:
                yield row["path"], raw, language


def judged(raw: bytes, name: str, language: str, linter: Linter) -> Verdict:
    kind = "text/plain" if name.endswith((".txt", ".text.erb")) else None
    messages = Drafts(Templates(language)).messages(raw, name, content_type=kind)
    return worst([linter.check(message) for message in messages])[1]


def test_real_templates_pass_and_their_directives_are_no_mistakes() -> None:
    linter, count, more = Linter(), 0, []
    for name, raw, language in templates():
        verdict = judged(raw, name, language, linter)
        assert verdict.outcome != "block", name
        assert not verdict.errors, (name, verdict.errors)
        found = {row.rule for row in verdict.findings}
        assert found.isdisjoint({"template/unclosed-directive", "template/unmatched-block"}), name
        as_written = {row.rule for row in judged(raw, name, "none", linter).findings}
        more += [(name, rule) for rule in found - as_written if rule.startswith("html/")]
        count += 1
    assert count > 200
    # One is real: <html ...></html> stands before everything else, which the tags of the template hid.
    assert len(more) <= 1, more


@pytest.mark.parametrize("profile", ["bulk", "transactional"])
def test_directives_are_no_leftovers(profile: Profile) -> None:
    linter = Linter(Policy(profile=profile, select=("leftovers/merge-tag", "leftovers/template-code",
                                                    "leftovers/template-expression")))  # fmt: skip
    hits = [name for name, raw, language in templates() if judged(raw, name, language, linter).findings]
    # One shows how to write an expression, with its braces as entities.
    assert len(hits) <= 1, hits
