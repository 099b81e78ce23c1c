"""Comments that suppress findings: what each covers, in every comment syntax, and what is said of the comments."""

from __future__ import annotations

import gc
import time

import pytest

from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.source import Source
from spamlint.suppression import Suppressions, read_comments
from spamlint.verdict import Finding, Policy, Verdict

LINTER = Linter()
FORM = '<form action="https://bakery.example/"><input name="a"></form>'
SYNTAXES = [
    "<!-- {} -->",
    "<!--{}-->",
    "{{# {} #}}",
    "{{#- {} -#}}",
    "{{% comment %}}{}{{% endcomment %}}",
    '{{%- comment "why" -%}} {} {{%- endcomment -%}}',
    "<%# {} %>",
    "<%-- {} --%>",
    "{{{{!-- {} --}}}}",
    "{{{{! {} }}}}",
    "{{{{/* {} */}}}}",
]


def verdict(html: str, kind: str = "text/html", linter: Linter = LINTER) -> Verdict:
    found = linter.check(Message.draft(html.encode(), "draft.html", content_type=kind))
    assert found.errors == ()
    return found


def of(found: Verdict, rule: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.rule == rule]


def lines(html: str, rule: str = "script/form") -> list[int]:
    return [place.line for finding in of(verdict(html), rule) for place in finding.places if place is not None]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_comment_syntax_covers_the_next_line(syntax: str) -> None:
    comment = syntax.format("spamlint-ignore script/form it is on our own page")
    html = f"<p>Good morning</p>\n  {comment}\n\n{FORM}\n{FORM}\n"
    assert lines(html) == [5]
    assert verdict(html).suppressed == (("script/form", 1),)
    assert not of(verdict(html), "suppression/unused")


def test_beside_other_things_it_covers_its_own_line() -> None:
    assert lines(f"{FORM} <!-- spamlint-ignore script/form -->\n{FORM}") == [2]
    assert lines(f"<!-- spamlint-ignore script/form --> {FORM}\n{FORM}") == [2]
    assert lines(f"<!-- spamlint-ignore script/form -->\r\n{FORM}\r\n{FORM}") == [3]
    assert lines(f"<!-- spamlint-ignore script/form -->\r{FORM}\r{FORM}") == [3]


def test_a_tag_that_goes_on_in_the_next_lines_is_covered_whole() -> None:
    html = '<!-- spamlint-ignore script/event-handler -->\n<p\n id="a"\n onclick="go()">x</p>\n<p onclick="go()">y</p>'
    assert lines(html, "script/event-handler") == [5]


def test_comments_one_below_the_other_cover_the_same_line() -> None:
    one, two = "<!-- spamlint-ignore script/form a -->", "<!-- spamlint-ignore script/event-handler b -->"
    html = f'{one}\n{two}\n<p onclick="go()">{FORM}</p>\n'
    assert verdict(html).suppressed == (("script/event-handler", 1), ("script/form", 1))


def test_several_names_topics_and_globs() -> None:
    html = f'<!-- spamlint-ignore links/*, script because, script/form is ours -->\n<p onclick="go()">{FORM}</p>\n'
    found = verdict(html)
    assert dict(found.suppressed) == {"script/event-handler": 1, "script/form": 1}
    assert [finding.texts[0].value for finding in of(found, "suppression/unused") if finding.texts[0]] == ["links/*"]


def test_a_block_ends_where_it_says_or_with_the_file() -> None:
    start, end = "<!-- spamlint-ignore-start script/form -->", "<!-- spamlint-ignore-end script/form -->"
    assert lines(f"{FORM}\n{start}\n{FORM}\n{FORM}\n{end}\n{FORM}") == [1, 6]
    assert lines(f"{FORM}\n{start}\n{FORM}\n{FORM}\n") == [1]
    assert lines(f"{start}\n{FORM}\n{{# spamlint-ignore-end #}}\n{FORM}") == [4]
    other = end.replace("form", "iframe")
    assert lines(f"{start}\n{FORM}\n{other}\n{FORM}") == []


def test_a_file_is_covered_wherever_the_comment_stands() -> None:
    html = f"<html><p>Good morning</p>\n{FORM}\n<!-- spamlint-ignore-file script/form, accessibility/* ours -->"
    found = verdict(html)
    assert not of(found, "script/form")
    assert not of(found, "accessibility/no-language")


def test_more_findings_than_are_shown_are_told_apart() -> None:
    table = "<table><tr><td>x</td></tr></table>\n"
    html = "<body>\n<!-- spamlint-ignore accessibility/layout-table -->\n" + table * 15 + "</body>"
    (finding,) = of(verdict(html), "accessibility/layout-table")
    assert finding.count == 14
    assert finding.texts[0] is not None
    assert finding.texts[0].place.line == 4


def test_the_outcome_is_that_of_what_is_left() -> None:
    html = f"<p>Good morning</p>\n{FORM}\n"
    clean = verdict(f"<!-- spamlint-ignore-file script/form -->{html}")
    assert (verdict(html).outcome, clean.outcome) == ("warn", "pass")


def test_what_is_unused_or_unknown_is_a_finding() -> None:
    html = (
        "<!-- spamlint-ignore script/form gone -->\n<p>x</p>\n{# spamlint-ignore script/fom, #}\n{# spamlint-ignore #}"
    )
    found = verdict(html)
    (unused,) = of(found, "suppression/unused")
    assert unused.texts[0] is not None
    assert (unused.texts[0].value, unused.texts[0].place.line) == ("script/form", 1)
    (unknown,) = of(found, "suppression/unknown")
    assert [text.value for text in unknown.texts if text] == ["script/fom", "{# spamlint-ignore #}"]
    assert "script/form" in unknown.say("en").message
    assert unknown.say("nl").message != unknown.say("en").message


def test_a_rule_that_is_not_run_makes_no_comment_unused() -> None:
    linter = Linter(Policy(ignore=("script/form",)))
    assert not of(verdict("<!-- spamlint-ignore script/form -->\n<p>x</p>", linter=linter), "suppression/unused")


def test_a_finished_message_suppresses_nothing() -> None:
    head = b"Subject: x\r\nContent-Type: text/html\r\n\r\n"
    html = f"<!-- spamlint-ignore-file script/*, suppression/* -->\r\n{FORM}\r\n".encode()
    found = LINTER.check(Message.from_bytes(head + html))
    assert of(found, "script/form")
    assert found.suppressed == ()
    assert not of(found, "suppression/unused")


def test_the_policy_can_have_all_comments_disregarded() -> None:
    linter = Linter(Policy(suppressions=False))
    found = verdict(f"<!-- spamlint-ignore script/form, nothing/such -->\n{FORM}", linter=linter)
    assert of(found, "script/form")
    assert not of(found, "suppression/unknown")


def test_in_a_text_file_an_html_comment_is_text_to_read() -> None:
    text = "<!-- spamlint-ignore-file hidden -->\nFr\u200bee money\n"
    assert of(verdict(text, "text/plain"), "hidden/zero-width-in-word")
    text = "{# spamlint-ignore-file hidden #}\nFr\u200bee money\n"
    assert not of(verdict(text, "text/plain"), "hidden/zero-width-in-word")


def test_words_that_are_no_such_comment_mean_nothing() -> None:
    for html in ("spamlint-ignore script/form", "<!-- see spamlint-ignore x -->", "<!-- spamlint-ignored x -->"):
        assert read_comments(html.encode()) == ()


def test_the_reason_is_no_content_of_the_mail() -> None:
    reason = "the cheap offer below is what our readers asked us for and it has to stay as it is written there " * 2
    html = f"<!-- spamlint-ignore script/form {reason}-->\n{FORM}"
    assert not of(verdict(html), "hidden/prose-in-comment")


def test_reading_many_comments_takes_time_in_proportion() -> None:
    for piece in (b"<!-- spamlint-ignore-start a/b -->", b"<!-- spamlint-ignore a/b -->\n", b"{# spamlint-ignore x"):
        took = []
        gc.collect()
        gc.disable()  # a collection walks over all that the tests have loaded
        try:
            for number in (2_000, 8_000):
                start = time.process_time()
                Suppressions(Source("", piece * number))
                took.append(time.process_time() - start)
        finally:
            gc.enable()
        assert took[1] < 12 * took[0] + 0.1
