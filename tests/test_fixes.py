"""Fixes: each of the table on the smallest draft, what never may happen to a file, and the corpus of templates."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from spamlint.fixes import Edit, Fix
from spamlint.fixes.diff import unified
from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import fitting, rewritten, written
from spamlint.fixes.files import Files
from spamlint.fixes.language import language_of
from spamlint.fixes.passes import Wish, fixed
from spamlint.fixes.table import FIXERS, fixes_of
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.verdict import Policy

LINTER = Linter()
EVERY_PLACE = replace(DEFAULT_LIMITS, places=1_000_000)
BEES = "On Thursday we tell you how the bees in the hives of our library came through the winter."
BEES += " If you have a question for the keeper of the hives, it is best to ask it on that evening."
SAFE = {
    "accessibility/data-as-layout": (
        '<table role="presentation"><tr><th>Day</th></tr><tr><td>Monday</td></tr></table>',
        "<table><tr><th>Day</th></tr><tr><td>Monday</td></tr></table>",
    ),
    "accessibility/layout-table": (
        "<TABLE width=600><tr><td>Bees</td></tr></TABLE>",
        '<TABLE role="presentation" width=600><tr><td>Bees</td></tr></TABLE>',
    ),
    "accessibility/malformed-language": ('<html lang="en_GB"><p>Bees</p>', '<html lang="en-GB"><p>Bees</p>'),
    "accessibility/no-language": (f"<html><p>{BEES}</p>", f'<html lang="en"><p>{BEES}</p>'),
    "html/bad-conditional-comment": (
        "<!-- [if mso]><p>For Outlook</p><![endif]--><p>Bees</p>",
        "<!--[if mso]><p>For Outlook</p><![endif]--><p>Bees</p>",
    ),
    "html/duplicate-attribute": ('<p class="a"\n id=b class="c">Bees</p>', '<p class="a"\n id=b>Bees</p>'),
    "html/no-charset": (
        "<html>\n<head>\n  <title>Bees</title></head><body>é</body></html>",
        '<html>\n<head>\n  <meta charset="utf-8">\n  <title>Bees</title></head><body>é</body></html>',
    ),
    "html/omitted-end-tag": (
        "<body><p>One</p><p>Two\n<p>Three</p></body>",
        "<body><p>One</p><p>Two</p>\n<p>Three</p></body>",
    ),
    "html/stray-end-tag": ("<body><p>Bees</p>\n  </div>\n</body>", "<body><p>Bees</p>\n</body>"),
    "html/unclosed-tag": (
        '<body><table role="none"><tr><td><B>Bees </td></tr></table></body>',
        '<body><table role="none"><tr><td><B>Bees</B> </td></tr></table></body>',
    ),
    "images/missing-alt": (
        '<a href="https://b.example/"><img src="https://b.example/x.png" width="16" height="16"> Find us</a>',
        '<a href="https://b.example/"><img alt="" src="https://b.example/x.png" width="16" height="16"> Find us</a>',
    ),
    "size/wasted-bytes": (
        "<div>\n" + "                <p>Bees  and\n   hives</p>    \n\n" * 2_000 + "<pre>a  b</pre></div>",
        "<div>\n" + "<p>Bees and\nhives</p>\n" * 2_000 + "<pre>a  b</pre></div>",
    ),
}
UNSAFE = {
    "accessibility/tab-order": ('<a href="#a" tabindex="3">Bees</a>', '<a href="#a">Bees</a>'),
    "accessibility/zoom-blocked": (
        '<meta name="viewport" content="width=device-width, user-scalable=no">',
        '<meta name="viewport" content="width=device-width">',
    ),
    "bulk/insecure-unsubscribe-link": (
        '<a href="http://b.example/out">Unsubscribe</a>',
        '<a href="https://b.example/out">Unsubscribe</a>',
    ),
    "hidden/soft-hyphen-in-word": ("<p>Your p\u00ada\u00ads\u00ads\u00adword</p>", "<p>Your password</p>"),
    "hidden/zero-width-in-word": ("<p>Fr\u200bee money</p>", "<p>Free money</p>"),
    "links/backslash": ('<a href="https:\\\\b.example\\x">Bees</a>', '<a href="https://b.example/x">Bees</a>'),
    "links/plain-http": ('<a href="HTTP://b.example/">Bees</a>', '<a href="https://b.example/">Bees</a>'),
    "script/event-handler": ('<p onclick="go()" id=a>Bees</p>', "<p id=a>Bees</p>"),
    "script/external-stylesheet": ('<link rel="stylesheet" href="https://b.example/a.css"><p>B</p>', "<p>B</p>"),
    "script/meta-refresh": ('<meta http-equiv="refresh" content="5"><p>Bees</p>', "<p>Bees</p>"),
    "script/script-element": ("<p>Bees</p><script>go('<p>')</script>", "<p>Bees</p>"),
}
PARSE_ERRORS = [
    ("<p>1 < 2</p>", "<p>1 &lt; 2</p>"),
    ('<p class="a"id="b">x</p>', '<p class="a" id="b">x</p>'),
    ('<p class="a"">x</p>', '<p class="a">x</p>'),
    ("<a href=https://b.example/?a=b>x</a>", '<a href="https://b.example/?a=b">x</a>'),
    ("<br/ ><p>x</p>", "<br ><p>x</p>"),
    ("<p>&copy 2026 &foo;</p>", "<p>&copy; 2026 &amp;foo;</p>"),
    ("<p>&#128;</p>", "<p>&#8364;</p>"),
    ("<p>x</></p>", "<p>x</p>"),
    ('<p>x</p class="a">', "<p>x</p>"),
    ("<p><!-- a --!>x</p>", "<p><!-- a -->x</p>"),
    ("<p class=>x</p>", '<p class="">x</p>'),
]
LEFT_ALONE = [
    '<a href="{{ url("home") }}">x</a>',  # the quotes are those of an expression
    "<p>a <% if b %>c</p>",
    '<img src="x.jpg border="0" width="3">',
    '<a href=x"y>z</a>',
]


@dataclass(frozen=True)
class Result:
    """One file with its fixes."""

    data: bytes
    done: Mapping[str, int]
    unsafe: Mapping[str, int]


def applied(message: Message, fixes: Sequence[Fix]) -> tuple[bytes, list[Fix]]:
    """The bytes of the draft with those of `fixes` that fit, and which these are."""
    files = Files([message])
    plans = [(fix, plan) for fix in fixes if (plan := written(fix, files))]
    fits = fitting(plan for _, plan in plans)
    done = [row for row, fit in zip(plans, fits, strict=True) if fit]
    return rewritten(message.source.data, (write for _, plan in done for write in plan)), [fix for fix, _ in done]


def read(data: bytes) -> Message:
    return Message.draft(data, "draft.html", limits=EVERY_PLACE)


def fix(html: str | bytes, rule: str = "", wish: Wish | None = None) -> Result:
    linter = Linter(Policy(select=(rule,)), LINTER.rules) if rule else LINTER
    data = html.encode() if isinstance(html, str) else html
    found = fixed(lambda changed: [read(changed.get("draft.html", data))], linter.check, wish or Wish())
    return Result(found.files.get("draft.html", data), found.done, found.unsafe)


def words(data: bytes) -> list[str]:
    return [text.value for text in read(data).body]


@pytest.mark.parametrize("rule", SAFE)
def test_a_safe_fix_cures_its_rule_and_leaves_the_words_alone(rule: str) -> None:
    before, after = SAFE[rule]
    found = fix(before, rule)
    assert found.data.decode() == after
    assert found.done.keys() == {rule}
    assert words(found.data) == words(before.encode())
    assert rule not in {finding.rule for finding in LINTER.check(read(found.data)).findings}


@pytest.mark.parametrize("rule", UNSAFE)
def test_an_unsafe_fix_waits_until_it_is_allowed(rule: str) -> None:
    before, after = UNSAFE[rule]
    untouched = fix(before, rule)
    assert untouched.data.decode() == before
    assert untouched.unsafe.keys() == {rule}
    for wish in (Wish(unsafe=True), Wish(allowed={rule})):
        found = fix(before, rule, wish)
        assert found.data.decode() == after
        assert not found.unsafe
        assert rule not in {finding.rule for finding in LINTER.check(read(found.data)).findings}


def test_every_fix_is_shown_here() -> None:
    elsewhere = {"html/parse-error", "subject/many-exclamation-marks"}
    assert FIXERS.keys() == SAFE.keys() | UNSAFE.keys() | elsewhere


@pytest.mark.parametrize(("before", "after"), PARSE_ERRORS)
def test_a_parse_error_is_written_right(before: str, after: str) -> None:
    found = fix(before, "html/parse-error")
    assert found.data.decode() == after
    assert not LINTER.check(read(found.data)).errors


@pytest.mark.parametrize("html", LEFT_ALONE)
def test_what_nobody_can_tell_is_left_alone(html: str) -> None:
    found = fix(html, "html/parse-error", Wish(unsafe=True))
    assert found.data.decode() == html


def test_the_subject_of_a_draft_does_not_lie_in_its_file() -> None:
    message = Message.draft(b"<p>Bees</p>", subject="Bees!!!")
    (finding,) = [one for one in LINTER.check(message).findings if one.rule == "subject/many-exclamation-marks"]
    ((_, found),) = fixes_of(finding, Draft(message))
    assert [(edit.text.value, edit.new) for edit in found.edits] == [("!!!", "!")]
    assert not found.safe
    assert applied(message, [found]) == (message.source.data, [])


def test_a_finished_message_has_no_fixes() -> None:
    message = Message.from_bytes(b"Content-Type: text/html\r\n\r\n<p>Bees</p></div>")
    findings = LINTER.check(message).findings
    assert "html/stray-end-tag" in {finding.rule for finding in findings}
    assert not [found for finding in findings for found in fixes_of(finding, Draft(message))]


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "cp1252"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_charset_mark_and_line_ends_stay(mark: bytes, codec: str, end: str) -> None:
    lines = ["<html lang=en>", "<head>", "<title>é</title></head><body>", "<table><tr><td>café</td></tr></table>"]
    html = end.join([*lines, "</body></html>", ""])
    found = fix(mark + html.encode(codec), wish=Wish(unsafe=True))
    assert "accessibility/layout-table" in found.done
    assert found.data.startswith(mark)
    after = found.data[len(mark) :].decode(codec)
    head = f'<head>{end}<meta charset="{"utf-8" if codec == "utf-8" else "windows-1252"}">{end}'
    assert after.replace(head, f"<head>{end}").replace(' role="presentation"', "") == html
    assert after.count(end) == html.count(end) + (head in after)
    assert Counter(char for char in after if char in "\r\n").keys() == set(end)


def test_what_the_charset_cannot_write_becomes_a_reference() -> None:
    message = read(b"<html lang=en><p>Bees</p>")
    text = message.documents[0].source[17:21]
    assert applied(message, [Fix((Edit(text, "Bées"),))])[0] == b"<html lang=en><p>B&#233;es</p>"


def test_of_fixes_that_overlap_the_first_wins() -> None:
    message = read(b"<p>one two three</p>")
    source = message.documents[0].source
    first, inside, behind = (
        Fix((Edit(source[a:b], new),)) for a, b, new in ((3, 10, "1"), (7, 15, "2"), (11, 16, "3"))
    )
    assert applied(message, [behind, inside, first]) == (b"<p>1 3</p>", [behind, first])
    assert applied(message, [first, replace(first)]) == (b"<p>1 three</p>", [first, first])


def test_nothing_is_written_into_entities_or_template_code() -> None:
    message = read(b"<p>a &amp; b {{ name }}</p>")
    visible = message.documents[0].visible
    source = message.documents[0].source
    refused = [Fix((Edit(visible[2:3], "+"),)), Fix((Edit(source[16:20], "x"),)), Fix((Edit(source[15:15], " "),))]
    assert applied(message, refused) == (message.source.data, [])


def test_what_is_left_open_in_a_fragment_is_not_closed_for_certain() -> None:
    for html in ("<p><b>Bees</p>{% include 'x' %}", "<body>{% if a %}<p><b>Bees</p>{% endif %}</body>"):
        assert fix(html, "html").data.decode() == html


def test_a_fix_that_brings_text_to_light_is_unsafe() -> None:
    html = "<p>a</p><!--[if mso]><p>b</p><![endif]><p>c</p><!-- note --><p>d</p>"
    found = fix(html, "html/bad-conditional-comment")
    assert found.data.decode() == html
    assert found.unsafe == {"html/bad-conditional-comment": 1}
    found = fix(html, "html/bad-conditional-comment", Wish(unsafe=True))
    assert b"<![endif]--><p>c</p>" in found.data


def test_a_picture_that_is_the_whole_link_gets_no_empty_text() -> None:
    html = '<a href="https://b.example/"><img src="https://b.example/x.png" width="300" height="200"></a>'
    assert fix(html, "images/missing-alt", Wish(unsafe=True)).data.decode() == html


def test_the_language_is_the_one_that_was_told_or_is_plain() -> None:
    assert fix("<html><p>Hi</p>", wish=Wish(language="nl-BE")).data == b'<html lang="nl-BE"><p>Hi</p>'
    assert fix('<html lang=""><p>Hi</p>', wish=Wish(language="nl")).data == b'<html lang="nl"><p>Hi</p>'
    assert fix("<html><p>Hi</p>").data == b"<html><p>Hi</p>"
    assert language_of(BEES) == ("en", True)
    dutch = "Donderdag vertellen wij u hoe de bijen van onze bibliotheek door de winter kwamen en wat zij nodig hebben."
    assert language_of(dutch * 2) == ("nl", True)
    assert language_of("{% if the and you your to of is in for this that with are we our %}") == ("", False)
    assert language_of("the en") == ("", False)


def test_passes_go_on_until_nothing_is_left() -> None:
    html = "<body>" + '<p class="a"class="b"class="c">x &copy 1 < 2</p>' * 5 + "</div></body>"
    found = fix(html)
    assert fix(found.data).data == found.data
    assert found.data.decode().replace("  >", ">") == "<body>" + '<p class="a">x &copy; 1 &lt; 2</p>' * 5 + "</body>"


def test_a_diff_is_one_that_patch_takes() -> None:
    assert unified("a.html", b"<p>\n", b"<p>\n") == ""
    assert unified("a.html", b"<p>\r\nx", b"<p>\r\ny") == (
        "--- a.html\n+++ a.html\n@@ -1,2 +1,2 @@\n <p>\r\n"
        "-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"
    )


def test_the_templates_of_the_corpus(corpus: Path) -> None:
    rows = [json.loads(line) for line in (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines()]
    paths = [row["path"] for row in rows if row["set"] == "templates" and row.get("label") == "legit-template"]
    changed = 0
    for path in paths:
        if not path.endswith((".html", ".hbs", ".erb", ".jinja")):
            continue
        data = (corpus / path).read_bytes()
        found = fix(data)
        if found.data == data:
            continue
        changed += 1
        assert words(found.data) == words(data), path
        before, after = (
            {finding.rule: finding.count for finding in LINTER.check(read(state)).findings}
            for state in (data, found.data)
        )
        assert after.keys() <= before.keys(), path
        for rule in found.done:
            assert after.get(rule, 0) < before[rule], (path, rule)
    assert changed > 100
