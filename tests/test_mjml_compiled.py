"""MJML as the HTML that mrml makes of it: each place is that of what the author wrote, and no other is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from spamlint import drafts as drafts_module
from spamlint.drafts import Drafts, worst
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.template.rendering import Rendering

pytest.importorskip("mrml", reason="mrml is not installed: MJML is not compiled")

PAGE = """<mjml lang="en">
<mj-head><mj-title>Bread &amp; é</mj-title><mj-preview>Our bread of today</mj-preview>
<mj-attributes><mj-all font-family="Arial" /><mj-class name="cta" href="https://bakery.example/all" /></mj-attributes>
<mj-style>.a { color: red }</mj-style></mj-head>
<mj-body><mj-include path="./foot.mjml" />
 <mj-section background-url="https://bakery.example/b.png"><mj-column width="50%">
  <mj-text color="#333">Dear [[NAME]], <b class=a onclick='go()'>new</b><br>é <a href="javascript:x()">go</a></mj-text>
  <mj-button href="https://192.0.2.7/a?b=1&amp;c=2">Click here</mj-button><mj-image src="[[PICTURE]]" />
  <mj-raw><script>x()</script></mj-raw>
 </mj-column></mj-section>
</mj-body></mjml>
"""


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="module")
def drafts() -> Iterator[Drafts]:
    made = Drafts()
    yield made
    made.close()


def compiled(page: str, drafts: Drafts) -> Message:
    _, message = drafts.messages(page.encode(), "page.mjml")
    return message


def rendering_of(message: Message) -> Rendering:
    assert message.template is not None
    return message.template


def places(message: Message, linter: Linter) -> dict[str, list[tuple[int, int, int]]]:
    return {
        found.rule: [(place.line, place.column, place.end_column) for place in found.places if place]
        for found in linter.check(message).findings
    }


def place_of(written: str) -> tuple[int, int, int]:
    """Line, column and end column of what stands in the page once."""
    before = PAGE[: PAGE.index(written)].split("\n")
    return len(before), len(before[-1]) + 1, len(before[-1]) + 1 + len(written)


def test_what_goes_out_is_the_html_that_mjml_makes(drafts: Drafts) -> None:
    value = rendering_of(compiled(PAGE, drafts)).text.value
    assert value.startswith("<!doctype html>")
    assert "<table" in value
    assert "<b class=a onclick='go()'>new</b><br>é" in value  # what is inside goes out as it is
    assert "mj-text" not in value
    assert "foot.mjml" not in value


@pytest.mark.parametrize(
    "written",
    ["Bread &amp; é", "Our bread of today", "color: red", "Dear ", "<b class=a onclick='go()'>", "javascript:x()",
     "https://192.0.2.7/a?b=1&amp;c=2", "Click here", "<script>x()</script>", "https://bakery.example/b.png"],
)  # fmt: skip
def test_what_an_author_wrote_leads_to_its_place(written: str, drafts: Drafts) -> None:
    text = rendering_of(compiled(PAGE, drafts)).text
    start = text.value.index(written)
    while start >= 0:
        span = text[start : start + len(written)].span
        assert span.raw.decode() == written
        assert span.start == PAGE.encode().index(written.encode())
        start = text.value.find(written, start + 1)


def test_a_tag_that_mjml_makes_leads_to_the_element(drafts: Drafts) -> None:
    text = rendering_of(compiled(PAGE, drafts)).text
    start = text.value.index("<img")
    place = text[start : text.value.index(">", start) + 1].place
    assert (place.line, place.column, place.end_column) == place_of('<mj-image src="[[PICTURE]]" />')


def test_findings_are_in_what_the_author_wrote(drafts: Drafts, linter: Linter) -> None:
    found = places(compiled(PAGE, drafts), linter)
    assert found["script/event-handler"] == [place_of("onclick='go()'")]
    assert found["script/script-uri"] == [place_of("javascript:x()")]
    assert found["script/script-element"] == [place_of("<script>")]
    assert found["wording/click-here"] == [place_of("Click here")]
    assert "images/missing-alt" not in found
    assert "template/variable-alone-in-href" not in found


def test_what_mjml_adds_of_its_own_is_no_finding(drafts: Drafts, linter: Linter) -> None:
    page = (
        '<mjml lang="en"><mj-head><mj-title>Bread</mj-title></mj-head><mj-body><mj-section><mj-column>'
        "<mj-text>Dear Ann, our bread of today is ready for you. You can fetch it until noon.</mj-text>"
        '<mj-divider border-width="1px" /><mj-spacer height="20px" /></mj-column></mj-section></mj-body></mjml>'
    )
    verdict = linter.check(compiled(page, drafts))
    assert [(found.rule, found.texts[0]) for found in verdict.findings if found.texts[0] is not None] == []
    assert verdict.errors == ()


def test_both_are_looked_at_and_each_place_is_named_once(drafts: Drafts, linter: Linter) -> None:
    messages = drafts.messages(PAGE.encode(), "page.mjml")
    _, verdict = worst([linter.check(message) for message in messages])
    for rule in ("script/event-handler", "script/script-uri", "script/script-element"):
        (found,) = [row for row in verdict.findings if row.rule == rule]
        assert found.count == 1


def test_without_mrml_mjml_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_module, "is_installed", lambda _: False)
    made = Drafts()
    (message,) = made.messages(PAGE.encode(), "page.mjml")
    assert "<table" not in rendering_of(message).text.value
    assert not made._processes


HOSTILE = {
    "no end": "<mjml>" + "<mj-text>" * 30_000,
    "deep": "<mjml><mj-body>" + "<mj-wrapper><mj-section><mj-group><mj-column>" * 20_000,
    "deep inside": "<mjml><mj-body><mj-raw>" + "<b>" * 50_000 + "</mj-raw></mj-body></mjml>",
    "tags": "<mj-image " * 20_000,
    "marks": "<mjml><mj-body><mj-text>qzx0xzq</mj-text></mj-body></mjml>",
    "nul": "<mjml>\0</mjml>",
    "nothing": "<mjml/>",
    "outside": '<mjml><mj-body><mj-include path="../../../etc/passwd" /></mj-body></mjml>',
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_breaks_it(name: str, drafts: Drafts) -> None:
    messages = drafts.messages(HOSTILE[name].encode(), "page.mjml")
    assert len(messages) in (1, 2)
    assert all("root:" not in rendering_of(message).text.value for message in messages)
    assert len(drafts.messages(PAGE.encode(), "page.mjml")) == 2


def test_real_mjml_compiles_and_has_places(corpus: Path, drafts: Drafts, linter: Linter) -> None:
    rows = map(json.loads, (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines())
    count = 0
    for path in (corpus / row["path"] for row in rows if row["set"] == "templates" and row["path"].endswith(".mjml")):
        messages = drafts.messages(path.read_bytes(), str(path))
        count += len(messages) == 2
        _, verdict = worst([linter.check(message) for message in messages])
        assert verdict.errors == ()
        assert verdict.outcome != "block"
        text = rendering_of(messages[-1]).text
        for start in range(0, len(text), 997):
            assert text[start : start + 40].place.line > 0
    assert count > 20
