"""Django templates of real projects: none crashes or is blocked, and those that are not rendered have a reason."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from spamlint.drafts import Drafts, Templates, worst
from spamlint.linter import Linter
from spamlint.template.languages import language_of

pytest.importorskip("django", reason="Django is not installed: its templates are not rendered")


def test_templates_of_real_projects_render_and_are_not_blocked(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    linter, drafts = Linter(), Drafts(Templates())
    outcomes: Counter[str] = Counter()
    masked = []
    rows = map(json.loads, (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines())
    for path in (corpus / row["path"] for row in rows if row["set"] == "templates"):
        raw = path.read_bytes()
        if language_of(path.name, raw.decode("utf-8", "replace")) != "django":
            continue
        messages = drafts.messages(raw, str(path))
        number, verdict = worst([linter.check(message) for message in messages])
        assert verdict.errors == ()
        outcomes[verdict.outcome] += 1
        template = messages[number].template
        assert template is not None
        if template.masked:
            masked.append((path.name, {row.reason for row in template.not_covered}))
    drafts.close()
    share = 1 - len(masked) / outcomes.total()
    with capsys.disabled():
        sys.stdout.write(f"\nDjango templates: {outcomes}, rendered: {share:.0%}; not: {masked}\n")
    assert outcomes.total() > 50
    assert outcomes["block"] == 0
    # Of the others each has tags of its project, which are not run.
    assert all(reasons == {"template-tag"} for _, reasons in masked)
    assert share > 0.8
