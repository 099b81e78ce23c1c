"""How each template language that is masked writes its directives: data for `directives` and `blocks`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["value", "tag", "comment", "raw"]
"""What a directive becomes: text, or nothing; of raw ones the inside goes out as it is."""


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


class Form(NamedTuple):
    """One way to write a directive. `opening` and `closing` are patterns; without a closing, `opening` is all of it."""

    kind: Kind
    opening: str
    closing: str = ""
    strings: str = ""
    """The quotes around texts in which the closing does not count."""
    pair: str = ""
    """An opening and a closing bracket that count the closing off while they are open."""
    again: str = ""
    """What cannot stand inside: where it comes before the closing, the closing was forgotten."""
    one_line: bool = False
    """Whether a line end comes too early: the language then takes it for text."""
    sign: str = ""
    """A literal piece without which no such directive is there."""


@dataclass(frozen=True)
class Syntax:
    """One language: its directives, and the words that open, divide and close blocks."""

    forms: tuple[Form, ...]
    style: Literal["ended", "sections", "end", "ruby", "braces", "elements", "lines", "marks"] = "ended"
    """How blocks are written; see `blocks`."""
    blocks: frozenset[str] = frozenset()
    """Names that always open a block."""
    middles: frozenset[str] = frozenset()
    values: frozenset[str] = field(default=frozenset())
    """Names of tags that leave text behind."""
    silent: frozenset[str] = _names(
        "load extends set assign import from use do debug csrf_token regroup resetcycle break continue block include"
        " extendsfrom layout flush"
    )
    """Names of tags that leave none, or more than a word."""


_QUOTES = "\"'"
_CURLY = r"\{[{%]"


def _raw(name: str) -> Form:
    return Form("raw", rf"\{{%[-+~]?\s*{name}\b[^%\n]*%\}}", rf"\{{%[-+~]?\s*end{name}\s*[-+~]?%\}}", sign=name)


def _comment_block() -> Form:
    return Form("comment", r"\{%-?\s*comment\b[^%\n]*%\}", r"\{%-?\s*endcomment\s*-?%\}", sign="endcomment")


def _curly(strings: str = "", pair: str = "", *, one_line: bool = False) -> tuple[Form, ...]:
    return (
        Form("value", r"\{\{", r"\}\}", strings, pair, _CURLY, one_line, "{{"),
        Form("tag", r"\{%", r"%\}", strings, "", _CURLY, one_line, "{%"),
    )


_DJANGO = Syntax(
    (
        _raw("verbatim"),
        _comment_block(),
        Form("comment", r"\{#", r"#\}", one_line=True, sign="{#"),
        *_curly(one_line=True),
    ),
    blocks=_names(
        "autoescape block blocktrans blocktranslate cache filter for if ifchanged ifequal ifnotequal language localize"
        " localtime spaceless timezone with"
    ),
    middles=_names("else elif empty plural"),
    values=_names("url static trans translate now firstof cycle unsubscribe widthratio media get_media_prefix"),
)
_JINJA = Syntax(
    (_raw("raw"), Form("comment", r"\{#", r"#\}", sign="{#"), *_curly(_QUOTES, "{}")),
    blocks=_names("autoescape block call filter for if macro with"),
    middles=_names("else elif pluralize"),
    values=_names("url static"),
)
_TWIG = Syntax(
    (
        _raw("verbatim"),
        _raw("raw"),
        Form("comment", r"\{#", r"#\}", sign="{#"),
        *_curly(_QUOTES, "{}"),
    ),
    blocks=_names("apply autoescape cache embed filter for if macro sandbox spaceless with"),
    middles=_names("else elseif"),
    values=_names("url"),
)
_LIQUID = Syntax(
    (_raw("raw"), _comment_block(), *_curly()),
    blocks=_names("capture case for form if ifchanged paginate tablerow unless"),
    middles=_names("else elsif when"),
    values=_names("unsubscribe cycle increment decrement"),
)
_HANDLEBARS = Syntax(
    (
        Form("raw", r"\{\{\{\{\s*[\w-]+[^{}\n]*\}\}\}\}", r"\{\{\{\{/[^{}\n]*\}\}\}\}", sign="{{{{"),
        Form("comment", r"\{\{~?!--", r"--~?\}\}", sign="!--"),
        Form("comment", r"\{\{~?!", r"\}\}", sign="!"),
        Form("value", r"\{\{~?\{", r"\}~?\}\}", _QUOTES, "", r"\{\{", sign="{{"),
        Form("tag", r"\{\{(?=~?\s*(?:[#/^>=*]|else\b))", r"\}\}", _QUOTES, "", r"\{\{", sign="{{"),
        Form("value", r"\{\{", r"\}\}", _QUOTES, "", r"\{\{", sign="{{"),
    ),
    "sections",
)
_GO = Syntax(
    (
        Form("comment", r"\{\{(?:- )?/\*", r"\*/(?: -)?\}\}", sign="/*"),
        Form("value", r"\{\{", r"\}\}", '"`', "", r"\{\{", sign="{{"),
    ),
    "end",
    blocks=_names("if range with block define"),
    middles=_names("else"),
    values=_names("template"),
)
_ERB_FORMS = (
    Form("comment", r"<%#", r"%>", sign="<%"),
    Form("value", r"<%==?", r"%>", again="<%", sign="<%"),
)
_ERB = Syntax((*_ERB_FORMS, Form("tag", r"<%(?!%)-?", r"%>", again="<%", sign="<%")), "ruby")
_EJS = Syntax(
    (*_ERB_FORMS, Form("value", r"<%-", r"%>", again="<%", sign="<%"), Form("tag", r"<%(?!%)", r"%>", again="<%")),
    "braces",
)
_FREEMARKER = Syntax(
    (
        Form("comment", r"<#--", r"-->", sign="<#--"),
        Form("raw", r"<#noparse>", r"</#noparse>", sign="<#noparse>"),
        Form("tag", r"</?[#@](?=[A-Za-z])", r"/?>", _QUOTES, "()", r"</?[#@][A-Za-z]", sign="<"),
        Form("value", r"[$#]\{", r"\}", _QUOTES, "{}", sign="{"),
    ),
    "elements",
    blocks=_names("attempt compress escape function if items list macro switch"),
    middles=_names("else elseif case default recover"),
)
_VELOCITY = Syntax(
    (
        Form("comment", r"#\*", r"\*#", sign="#*"),
        Form("raw", r"#\[\[", r"\]\]#", sign="#[["),
        Form("comment", r"(?:(?<=\s)|^)##[^\n\r]*", sign="##"),
        Form(
            "tag",
            r"#(?:if|elseif|foreach|set|parse|include|macro|define|evaluate|stop|break)\s*\(",
            r"\)",
            _QUOTES,
            "()",
            sign="#",
        ),
        Form("tag", r"#(?:else|end|stop|break)\b|#\{(?:else|end)\}", sign="#"),
        Form("value", r"\$!?\{", r"\}", _QUOTES, "{}", r"\$!?\{", sign="{"),
        Form("value", r"\$!?[A-Za-z_][\w-]{0,60}(?:\.[A-Za-z_]\w{0,60}(?:\([^()\n]{0,200}\))?){0,10}", sign="$"),
    ),
    "lines",
    blocks=_names("if foreach macro define"),
    middles=_names("else elseif"),
)
_MARKS = (
    Form("tag", r"\*\|/?(?:IF|IFNOT|ELSE|ELSEIF|END|INTERESTED|DATE_IF)\b[^|\n]{0,200}\|\*", sign="*|"),
    Form("comment", r"%%\[", r"\]%%", sign="%%["),
    Form("value", r"\*\|[A-Za-z][^|\n]{0,200}\|\*", sign="*|"),
    Form("value", r"%%=?\s?[A-Za-z_{][^%\n]{0,200}%%", sign="%%"),
    Form("value", r"\[\[\s?[A-Za-z_][\w .:,|'-]{0,100}\]\]", sign="[["),
    Form("value", r"\{!\s?[A-Za-z_$][\w.$]{0,100}\}", sign="{!"),
    Form("value", r"\[%[\w.:| -]{1,100}%\]", sign="[%"),
    Form("value", r"\[[A-Za-z]\w{0,60},\s?fallback=[^\]\n]{0,100}\]", sign="fallback="),
    Form("value", r"%(?:recipient(?:_\w{1,60})?(?:\.[\w-]{1,60})?|[a-z_]{0,40}unsubscribe_(?:url|email))%", sign="%"),
    Form("value", r"%(?:[A-Z]{2,20}_)?(?:NAME|FIRSTNAME|LASTNAME|EMAIL|URL|LINK|UNSUBSCRIBELINK)%", sign="%"),
)
_MERGE = Syntax((*_MARKS, Form("value", r"\$!?\{[A-Za-z_][^{}\n]{0,100}\}", sign="${")), "marks")
_PLAIN = Syntax((Form("value", r"\{\{\{?", r"\}?\}\}", sign="{{", again=r"\{\{"), *_MERGE.forms), "marks")

SYNTAXES: Mapping[str, Syntax] = {
    "django": _DJANGO,
    "ejs": _EJS,
    "erb": _ERB,
    "freemarker": _FREEMARKER,
    "go": _GO,
    "handlebars": _HANDLEBARS,
    "jinja2": _JINJA,
    "liquid": _LIQUID,
    "merge-tags": _MERGE,
    "mjml": _PLAIN,
    "twig": _TWIG,
    "velocity": _VELOCITY,
}
"""Name of a language -> how it is written. Files in one language may hold the marks of a mail service as well."""


@cache
def syntax_of(language: str) -> Syntax:
    """How `language` is written, marks of mail services included."""
    own = SYNTAXES[language]
    known = {form.opening for form in own.forms}
    return Syntax(
        (*own.forms, *(form for form in _MARKS if form.opening not in known)),
        own.style,
        own.blocks,
        own.middles,
        own.values,
    )


@cache
def openings(forms: tuple[Form, ...]) -> re.Pattern[str]:
    """One pattern for all beginnings of directives; the form is that of the last group that matched."""
    return re.compile("|".join(f"({form.opening})" for form in forms), re.MULTILINE)


@cache
def stops(form: Form) -> re.Pattern[str]:
    """What ends a directive or takes part in telling its end. Groups: end, forgotten, string, bracket."""
    quotes = "|".join(rf"{quote}(?:[^{quote}\\\n]|\\[^\n])*+{quote}" for quote in form.strings)
    brackets = f"[{re.escape(form.pair)}]" if form.pair else ""
    early = "|".join(filter(None, (form.again, r"[\r\n]" if form.one_line else "")))
    rows = (form.closing, early, quotes, brackets)
    return re.compile("|".join(f"({row or '(?!)'})" for row in rows))
