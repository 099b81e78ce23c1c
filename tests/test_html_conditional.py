"""Outlook's conditional comments: those that are right, and what is wrong with the others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_html_samples import document

RIGHT = [
    ("<!--[if mso]>x<![endif]-->", [("mso", "x", True)]),
    ("<!--[IF MSO]>x<![EndIf]-->", [("MSO", "x", True)]),
    ("<!--[if mso | IE]>\r\n x\r\n<![endif] -->", [("mso | IE", "\n x\n", True)]),
    ("<!--[if gte mso 9]><xml><o:x/></xml><![endif]-->", [("gte mso 9", "<xml><o:x/></xml>", True)]),
    (
        "<!--[if (gte mso 9)|(IE)]><table><tr><td><![endif]-->a<!--[if mso]></td></tr></table><![endif]-->",
        [("(gte mso 9)|(IE)", "<table><tr><td>", True), ("mso", "</td></tr></table>", True)],
    ),
    ("<!--[if mso]><![if !vml]>x<![endif]><![endif]-->", [("mso", "<![if !vml]>x<![endif]>", True)]),
    ("<!--[if !mso]><!-->x<!--<![endif]-->", [("!mso", "x", False)]),
    ("<!--[if !mso]><!-- -->x<!-- <![endif]-->", [("!mso", "x", False)]),
    ("<!--[if !mso]><!---->x<!--<![endif]-->", [("!mso", "x", False)]),
    ("<!--[if !IE]>-->x<!--<![endif]-->", [("!IE", "x", False)]),
    ("<!--[if !mso]><!-->x<![endif]-->", [("!mso", "x", False)]),
    ("<![if !mso]>x<![endif]>", [("!mso", "x", False)]),
    (
        "<![if !mso]><!--[if !x]><!-->y<!--<![endif]-->z<![endif]>",
        [("!x", "y", False), ("!mso", "<!--[if !x]><!-->y<!--<![endif]-->z", False)],
    ),
    ("<!--[if !supportLists]-->x<!--[endif]-->", [("!supportLists", "x", False)]),
    (
        "<!--[if gte vml 1]><v:x><![endif]--><![if !vml]><img><![endif]>",
        [("gte vml 1", "<v:x>", True), ("!vml", "<img>", False)],
    ),
]
ORDINARY = [
    "<!-- endif --><!-- if you read this --><!-- {% endif %} --><!-- [x] -->",
    "<!-- the [if mso] thing -->",
    "<!--><!-- --->",
    "<style>/*<![endif]*/</style><p title='<!--[if mso]>'>",
]
CLOSER, OPENER, UNCLOSED, UNOPENED = (
    f"conditional-{kind}" for kind in ("bad-closer", "bad-opener", "unclosed", "unopened")
)
HIDES, SHOWS, RIGHT_OPENER = "<![endif]-->", "<!--<![endif]-->", "<!--[if ...]>"
WRONG = [
    ("<!--[if mso]>x<![endif]/-->", CLOSER, "<![endif]/-->", "closer", HIDES),
    ("<!--[if mso]>x<!--[endif]-->", CLOSER, "<!--[endif]-->", "closer", HIDES),
    ("<!--[if mso]>x[endif]-->", CLOSER, "[endif]-->", "closer", HIDES),
    ("<!--[if mso]>x<!endif]-->", CLOSER, "<!endif]-->", "closer", HIDES),
    ("<!--[if mso]>x<! [endif]-->", CLOSER, "<! [endif]-->", "closer", HIDES),
    ("<!--[if mso]>x<![end if]-->", CLOSER, "<![end if]-->", "closer", HIDES),
    ("<!--[if mso]>x<![endif]--->", CLOSER, "<![endif]--->", "closer", HIDES),
    ("<!--[if mso]>x<![endif]>y<p>z<!-- c -->", CLOSER, "<![endif]>", "dashes", HIDES),
    ("<!--[if mso]>x<![endif]>y", CLOSER, "<![endif]>", "dashes", HIDES),
    ("<!--[if !mso]><!-->x<!--<![endif]>y<!-- z -->", CLOSER, "<!--<![endif]>", "dashes", SHOWS),
    ("<!--[if !mso]><!-->x<!--[endif]-->", CLOSER, "<!--[endif]-->", "opening", SHOWS),
    ("<!--[if !mso]><!-->x<![endif]/-->", CLOSER, "<![endif]/-->", "closer", SHOWS),
    ("<!--[endif]-->", CLOSER, "<!--[endif]-->", "opening", HIDES),
    ("<!--[if mso]>x-->", UNCLOSED, "<!--[if mso]>", "unclosed", HIDES),
    ("<!--[if mso]>x", UNCLOSED, "<!--[if mso]>", "unclosed", HIDES),
    ("<!--[if !mso]><!-->x", UNCLOSED, "<!--[if !mso]><!-->", "unclosed", SHOWS),
    ("<![if !mso]>x", UNCLOSED, "<![if !mso]>", "unclosed", "<![endif]>"),
    ("<!--[if !vml]-->x", UNCLOSED, "<!--[if !vml]-->", "unclosed", "<!--[endif]-->"),
    ("a<![endif]-->", UNOPENED, "<![endif]-->", "unopened", ""),
    ("a<!--<![endif]-->", UNOPENED, "<!--<![endif]-->", "unopened", ""),
    ("a<![endif]>", UNOPENED, "<![endif]>", "unopened", ""),
    ("<!--[if mso>x<![endif]-->", OPENER, "<!--[if mso>", "bracket", RIGHT_OPENER),
    ("<!--if mso]>x<![endif]-->", OPENER, "<!--if mso]>", "bracket", RIGHT_OPENER),
    ("<![if mso>x<![endif]>", OPENER, "<![if mso>", "bracket", RIGHT_OPENER),
    ("<!--[if mso] x<![endif]-->", OPENER, "<!--[if mso]", "end", RIGHT_OPENER),
    ("<!--[if mso]-->x<![endif]-->", OPENER, "<!--[if mso]-->", "end", RIGHT_OPENER),
    ("<!-- [if mso]>x<![endif]-->", OPENER, "<!-- [if mso]>", "space", RIGHT_OPENER),
    ("<!-- [if !mso]><!-- -->x<!-- <![endif]-->", OPENER, "<!-- [if !mso]>", "space", RIGHT_OPENER),
    (
        "<!--[if mso]>a<!--[if gte mso 9]>b<![endif]-->c<![endif]-->",
        "conditional-nested",
        "<!--[if gte mso 9]>",
        "nested",
        "",
    ),
]


@pytest.mark.parametrize(("html", "conditionals"), RIGHT)
def test_the_right_forms_are_understood(html: str, conditionals: list[tuple[str, str, bool]]) -> None:
    read = document(html)
    assert read.bad_conditionals == ()
    assert [(found.expression.value, found.content.value, found.hidden) for found in read.conditionals] == conditionals
    assert [problem.code for problem in read.errors] == []


@pytest.mark.parametrize("html", ORDINARY)
def test_other_comments_are_left_alone(html: str) -> None:
    read = document(html)
    assert read.bad_conditionals == ()
    assert read.conditionals == ()


@pytest.mark.parametrize(("html", "code", "written", "wrong", "expected"), WRONG)
def test_what_is_wrong_is_told_once_at_its_place(html: str, code: str, written: str, wrong: str, expected: str) -> None:
    (problem,) = document(f"<p>é</p>\r\n{html}").bad_conditionals
    assert (problem.code, problem.text.span.raw.decode()) == (code, written)
    assert dict(problem.values) == {"wrong": wrong, "expected": expected}
    assert problem.text.place.line == 2


def test_what_only_outlook_sees_is_no_visible_text() -> None:
    read = document("<!--[if mso]>a<![endif]--><!--[if !mso]><!-->b<!--<![endif]--><![if !mso]>c<![endif]>")
    assert read.visible.value == "bc"


def test_several_problems_come_in_the_order_of_the_text() -> None:
    read = document("<!--[if !mso]><!-->a<!--[if mso]>b<![endif]/-->")
    assert [problem.code for problem in read.bad_conditionals] == ["conditional-unclosed", "conditional-bad-closer"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*(html for html, _ in RIGHT), *(row[0] for row in WRONG), "a", "<p>"]), max_size=6))
def test_any_mixture_of_them_is_read(pieces: list[str]) -> None:
    read = document("".join(pieces))
    starts = [problem.text.range_in(read.source) for problem in read.bad_conditionals]
    assert starts == sorted(starts)
    assert all(conditional.content.span for conditional in read.conditionals)
