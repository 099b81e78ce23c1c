"""Checks on the values of a template, in whichever language: which of them are missing, and which may be empty."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.subscription import OFFERS, offers
from spamlint.template.names import GIVEN, OTHERWISE, last_of, may_bring_html
from spamlint.template.uses import Sheet, Use, is_own_tag, sheets

_TAG = re.compile(r"<[^<>]*>")
_GREETING = re.compile(
    r"(?i)(?:^|[^\w])(?:hi|hello|hey|dear|hiya|welcome|(?:good )?(?:morning|afternoon|evening|day)|thanks|thank you"
    r"|hallo|hoi|dag|beste|geachte(?: heer| mevrouw)?|lieve|goede?n?(?:morgen|middag|avond|dag)|welkom"
    r"|bonjour|cher|chère|liebe[rs]?|guten tag|hola|ciao|olá)(?: (?:back|there|again|terug))?[\s,]*(?:mr|mrs|ms)?"
    r"\.?\s*\Z"
)
_PERSONAL = re.compile(
    r"(?!get_)(?:(?:\w+_)?(?:first|given|last|full|display|nick|sur|contact|customer|recipient|reader|client|member|guest"
    r"|subscriber|person)_?name|[fl]_?name|name|voornaam|achternaam|naam|surname)\Z"
)
_ENCODED = re.compile(
    r"(?i)url_?(?:en)?cod|encode_?(?:uri|url)|url_?(?:param_?)?escape|cgi|escape_uri|to_query|\bu\s*[(\"]|urlize|slug|iri"
)
_FREE_TEXT = re.compile(
    r"(?:.*_)?(?:e?_?mail|name|title|subject|query|search|message|city|address|street|phone|company|keyword|keywords"
    r"|text|place|note|comment)\Z"
)
_NO_QUESTIONS = frozenset(
    ["autoescape", "block", "blocktrans", "blocktranslate", "call", "each", "filter", "for", "foreach", "language"]
).union(["list", "macro", "range", "spaceless", "trans", "with"])
"""Blocks that stand in the mail whatever their values are."""
_READ = 500
"""Characters of a condition that are looked at."""
_CALL = re.compile(r"\w\s*\(|^\w+\s+[@\w]")
_WORD = re.compile(r"[A-Za-z_]\w*")
_IN_QUERY = re.compile(r"[?&;][\w.%\[\]-]{1,80}=[^&\s]*\Z")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_MARKUP = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,10}(?:\s[^<>]{0,200})?/?>|&(?:nbsp|quot|amp|lt|gt|apos|#\d{2,4});")
_WITH_MARKUP = ("ejs", "erb", "freemarker", "jinja2", "velocity")
"""Languages in whose code such signs have a meaning, and Jinja2, whose own errors tell of it."""
_BY_ITSELF = ("go", "merge-tags", "mjml")
"""Where the language encodes by itself, or the service does."""
_APART = re.compile(
    r"pre_?header|preview|colou?r|(?:^|_)css|style|width|height|size|logo|image|img|(?:^|_)icon|avatar|photo|picture"
    r"|year|font|theme|(?:^|_)lang|locale|pixel|track|class|align|direction|(?:^|_)rtl|static|asset|media|background"
    r"|nonce|charset|html|mjml|unsub|webversion|browser"
)
"""Names of what only HTML has use for."""
_SIGNED_IN = re.compile(r"(?i)setting|preference|notification|account|profile|manage|login|signin|voorkeur|instelling")
_UNSUBSCRIBE = re.compile(r"(?i)unsub|opt_?-?out|uitschrij|afmeld|abmeld|abbestell|desinscri|list_manage|preference")
_NEWSLETTER = re.compile(
    r"(?i)\bnews ?letter\b|\bnieuwsbrief\b"
    r"|because you(?:'ve| have| are|'re)? (?:subscribed|signed up|opted in|joined our)"
    r"|\b(?:view|open|read) (?:this |it |the )?(?:e-?mail |message |newsletter )?(?:online|in (?:your|a|the) browser)"
    r"|\bbekijk [\w ]{0,30}in (?:uw|je) browser|omdat (?:u|je) (?:zich|je) hebt (?:aangemeld|ingeschreven)"
)


def files_of(message: Message) -> tuple[Sheet, ...]:
    """The files of the mail that a template makes, as their author wrote them."""
    if message.template is None:
        return ()
    return sheets(message.template, html=bool(message.html_parts), limits=message.limits)


def name_without_fallback(message: Message) -> Iterator[Hit]:
    """A name in a greeting with nothing to say where it is empty."""
    for file in message.fact(files_of):
        for use in file.uses:
            if not use.is_value or use.spot.where != "text" or not use.names or is_own_tag(use):
                continue
            if not _PERSONAL.match(last_of(use.names[0])) or OTHERWISE.search(use.code):
                continue
            before = _TAG.sub("", file.masked[max(use.start - 120, 0) : use.start])
            if _GREETING.search(before) and not _is_asked_for(file, use):
                yield Hit(file.text(use), {"expression": use.written})


def _is_asked_for(file: Sheet, use: Use) -> bool:
    """Whether a condition around a value asks for it or its owner, or its name is given with a default."""
    parts = {last_of(use.names[0]), *(part.lower() for part in use.names[0].split("."))}
    for one in file.around(use.start):
        for mark in one.marks:
            code = file.file.value[mark.directive.start : min(mark.directive.end, mark.directive.start + _READ)]
            is_asked = mark.name not in _NO_QUESTIONS or OTHERWISE.search(code)
            if is_asked and {word.lower() for word in _WORD.findall(code)} & parts:
                return True
    root = use.names[0].partition(".")[0]
    return root in file.given_otherwise


def value_missing_from_text(message: Message) -> Iterator[Hit]:
    """Each value that the HTML shows, or links to, and the text beside it never names."""
    files = {file.role: file for file in message.fact(files_of)}
    html, text = files.get("html"), files.get("text")
    if html is None or text is None or not html.uses or _has_more(html, text):
        return
    known, whole = text.names, _handed_on(text)
    seen: set[str] = set()
    for use in html.uses:
        is_shown = use.spot.where == "text" and use.spot.tag not in ("title", "head")
        if not use.is_value or not (is_shown or (use.spot.where == "value" and use.spot.attribute == "href")):
            continue
        for name in use.names[:1]:
            last, lowest = last_of(name), name.rpartition(".")[2].lower()
            is_local = "." not in name and name in html.local
            if is_local or name in GIVEN or _APART.search(last) or is_own_tag(use) or name in seen:
                continue
            seen.add(name)
            if lowest not in known and last not in known and name.partition(".")[0] not in whole:
                yield Hit(html.text(use), {"name": name}, group=name)


def _has_more(html: Sheet, text: Sheet) -> bool:
    """Whether the text goes on in a file that is not known. Where both go into a layout, what they say is compared."""
    unknown = [use for use in text.uses if use.brings_a_file and not text.beside]
    if any(use.extends for use in html.uses):
        unknown = [use for use in unknown if not use.extends]
    return bool(unknown)


def _handed_on(text: Sheet) -> set[str]:
    """The names of values that functions of the program are given: what they show of them is not known."""
    return {name for use in text.uses if _CALL.search(use.code) for name in _WORD.findall(use.code)}


def unencoded_in_link(message: Message) -> Iterator[Hit]:
    """A value that may hold anything, in the query of a link, and nothing that encodes it for an address."""
    for file in message.fact(files_of):
        if file.role != "html" or file.language in _BY_ITSELF:
            continue
        for use in file.uses:
            if not use.is_value or use.spot.attribute != "href" or use.spot.where != "value" or not use.names:
                continue
            if _ENCODED.search(use.code) or not _FREE_TEXT.match(last_of(use.names[-1])):
                continue
            if _IN_QUERY.search(file.masked[use.spot.start : use.start]):
                yield Hit(file.text(use), {"expression": use.written})


def markup_in_directive(message: Message) -> Iterator[Hit]:
    """A directive with HTML in it, as editors leave behind that show the page while it is written."""
    for file in message.fact(files_of):
        for use in file.uses if file.language not in _WITH_MARKUP else ():
            found = _MARKUP.search(_QUOTED.sub(lambda said: " " * len(said[0]), use.written))
            if found is not None:
                yield Hit(file.text(use), {"markup": found[0]})


def fixed_unsubscribe_link(message: Message) -> Iterator[Hit]:
    """A link to leave whose address is the same for every reader."""
    template, files = message.template, message.fact(files_of)
    if template is None or not any(file.uses for file in files) or _has_unsubscribe_value(files):
        return
    for offer in message.fact(offers):
        address = offer.target
        if address is None or not address.lies_in(template.text) or template.values_in(address)[0]:
            continue
        if re.match(r"(?i)\s*https?://\S", address.value) and not _SIGNED_IN.search(address.value):
            yield Hit(address)


def no_unsubscribe_value(message: Message) -> Iterator[Hit]:
    """The words by which a template says that it is a mailing, where nothing in it leads out of that."""
    files = message.fact(files_of)
    bodies = [file for file in files if file.role != "subject"]
    if not any(file.uses for file in bodies) or _has_unsubscribe_value(files) or message.fact(offers):
        return
    if any(may_bring_html(use.code) or use.brings_a_file for file in bodies for use in file.uses):
        return
    for file in bodies[:1]:
        shown = re.sub(r"<!--.*?(?:-->|\Z)|<[^<>]*>", lambda tag: " " * len(tag[0]), file.masked, flags=re.DOTALL)
        found = _NEWSLETTER.search(shown)
        if found is not None:
            yield Hit(file.file[slice(*found.span())])


def _has_unsubscribe_value(files: tuple[Sheet, ...]) -> bool:
    """Whether a directive of the mail, or a file that it includes, has to do with leaving."""
    return any(file.once(_speaks_of_leaving) for file in files)


def _speaks_of_leaving(file: Sheet, _about: str) -> bool:
    if any(_UNSUBSCRIBE.search(use.written) for use in file.uses):
        return True
    return any(word in text.lower() for text in file.beside for word in OFFERS)
