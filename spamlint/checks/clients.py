"""Checks on what the mail programs of the readers do with the HTML: features that they do not know, and fallbacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spamlint.clients import means, style_sheets
from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.clients.support import Support
    from spamlint.clients.uses import Use

HARMLESS = (
    "css-accent-color", "css-caption-side", "css-color-scheme", "css-comments", "css-cursor", "css-font-kerning",
    "css-hyphenate-character", "css-hyphenate-limit-chars", "css-hyphens", "css-inert-attribute", "css-orphans",
    "css-outline", "css-outline-offset", "css-pseudo-class-active", "css-pseudo-class-focus",
    "css-pseudo-class-focus-visible", "css-pseudo-class-focus-within", "css-pseudo-class-hover",
    "css-pseudo-class-link", "css-pseudo-class-visited", "css-resize", "css-scroll-snap", "css-tab-size",
    "css-text-decoration-skip-ink", "css-transition", "css-user-select", "css-widows", "css-word-break",
    "css-at-media-device-pixel-ratio", "css-at-media-hover", "css-at-media-prefers-color-scheme",
    "css-at-media-prefers-reduced-motion", "html-aria-describedby", "html-aria-hidden", "html-aria-label",
    "html-aria-labelledby", "html-aria-live", "html-body", "html-dir", "html-lang", "html-loading-attribute",
    "html-meta-color-scheme", "html-required", "html-role", "html-target",
)  # fmt: skip
"""Features whose absence takes nothing from a reader: the mail is as good without them."""
SEEN_LOSS = (
    "css-block-inline-size", "css-display-grid", "css-function-clamp", "css-function-light-dark", "css-function-max",
    "css-function-min", "css-grid-template", "css-inline-size", "css-inset", "css-list-style-image", "css-mask-image",
    "css-modern-color", "css-variables", "html-audio", "html-dialog", "html-meter", "html-object",
    "html-popover", "html-progress", "html-svg", "html-video", "image-avif", "image-heif", "image-tiff", "image-hdr",
)  # fmt: skip
"""Features without which content is lost or falls into another place."""
SIGNS = (
    r"var\(|clamp\(|light-dark\(|max\(|min\(|lch\(|lab\(|display\s*:\s*(?:inline-)?grid|grid-template|inset|list-style-image"
    r"|mask-image|block-size|inline-size|<(?:audio|dialog|meter|object|progress|svg|video)|popover|\.(?:avif|hdr|hei|tif)"
)
"""What the HTML around each of them has: without any, the table of support need not even be read."""
OUTLOOK = frozenset({"outlook.windows", "outlook.windows-mail"})
"""The programs that read Outlook's conditional comments."""
DETAILS = ("css-comments", "css-overflow")
"""Features of which some clients lack what hardly anybody uses."""
INLINE = "css-important"
"""What is told of style attributes only: in style sheets the parts that work are the ones that are used."""
SHEETS = "html-style"
"""Nearly all mail has a style sheet for those who know them: told where most of the chosen clients do not."""
RARELY_WHOLE = 55
"""Of a hundred clients, how many support a feature in full at most where it is told that some do in part."""
LARGE = ("gmail", "outlook", "yahoo", "apple-mail")
"""The families that are named where nobody has chosen."""


def unsupported(
    message: Message,
    *,
    category: str = "css",
    clients: tuple[str, ...] = (),
    skip: tuple[str, ...] = HARMLESS,
    data: str = "",
) -> Iterator[Hit]:
    """Each used feature of that category that one of the chosen mail programs does not support."""
    if not clients:
        return
    from spamlint.clients.choice import lacking
    from spamlint.clients.uses import blind

    support = _support(data)
    missing = lacking(support, clients, skip, "n")
    wanted = len(support.resolved(clients))
    for use in _uses(message, support, clients, skip):
        if use.slug in missing and support.features[use.slug].category == category:
            if use.slug == SHEETS and 2 * len(missing[SHEETS]) < wanted:
                continue
            unaware = blind(support, use.context, OUTLOOK)
            # These run on desktops only, which what is written for small screens is not for.
            unaware |= OUTLOOK if use.slug.startswith("css-at-") else frozenset()
            yield from _hits(use, support, missing[use.slug] - unaware)


def partly_supported(
    message: Message,
    *,
    clients: tuple[str, ...] = (),
    skip: tuple[str, ...] = HARMLESS,
    at_most_percent: int = RARELY_WHOLE,
    data: str = "",
) -> Iterator[Hit]:
    """Each used feature that a chosen mail program supports in part, none lacks, and not many support in full."""
    if not clients:
        return
    from spamlint.clients.choice import lacking, share
    from spamlint.clients.uses import blind

    support = _support(data)
    missing, partly = (lacking(support, clients, skip, letter) for letter in "na")
    for use in _uses(message, support, clients, skip, at_most_percent):
        unaware = blind(support, use.context, OUTLOOK)
        is_detail = use.slug in DETAILS or (use.slug == INLINE and use.context.in_sheet)
        is_common = share(support, "y")[use.slug] > at_most_percent
        if use.slug in partly and not is_detail and not is_common and not missing.get(use.slug, frozenset()) - unaware:
            yield from _hits(use, support, partly[use.slug] - unaware)


def widely_unsupported(
    message: Message,
    *,
    clients: tuple[str, ...] = (),
    features: tuple[str, ...] = SEEN_LOSS,
    at_least_percent: int = 35,
    data: str = "",
) -> Iterator[Hit]:
    """Where no mail programs are chosen: each use of `features` that so many of all that were tested do not know."""
    if clients or (features == SEEN_LOSS and not _has_signs(message)):
        return
    from spamlint.clients.choice import lacking, share, uses_of

    support = _support(data)
    percent = share(support, "n")
    slugs = [slug for slug in features if percent.get(slug, 0) >= at_least_percent]
    missing = lacking(support, LARGE, (), "n")
    for use in uses_of(message, support, slugs):
        if not use.context.in_at_rule:
            yield from _hits(use, support, missing.get(use.slug, frozenset()))


def _has_signs(message: Message) -> bool:
    return any(_signs().search(document.source.value) for document in message.documents)


@cache
def _signs() -> Any:
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    return re2.compile(SIGNS, options)


def nested_at_rule(message: Message, *, clients: tuple[str, ...] = ()) -> Iterator[Hit]:
    """Each at-rule inside another one: Gmail then drops the whole block."""
    if not means(clients, "gmail"):
        return
    for _, sheets in message.fact(style_sheets):
        for _, inner in sheets:
            if not _may_nest(inner.value):
                continue
            from spamlint.clients.sheet import pieces

            for piece in pieces(inner.value):
                if piece.kind == "at" and piece.in_at_rule:
                    text = inner[piece.start : min(piece.end, piece.start + 80)]
                    yield Hit(text, {"text": text.value})


def _may_nest(css: str) -> bool:
    """Whether some "@" stands behind more "{" than "}"; in strings and comments they count as well."""
    depth = 0
    for stretch in css.split("@")[:-1]:
        depth = max(depth + stretch.count("{") - stretch.count("}"), 0)
        if depth:
            return True
    return False


def _support(data: str) -> Support:
    from spamlint.clients.support import load_support

    return load_support(Path(data)) if data else load_support()


def _uses(
    message: Message,
    support: Support,
    clients: tuple[str, ...],
    skip: tuple[str, ...],
    at_most_percent: int = RARELY_WHOLE,
) -> Sequence[Use]:
    """The uses of all that a client lacks, or has in part while few others have it whole: the same for all checks."""
    from spamlint.clients.choice import uses_of, worth_finding

    return uses_of(message, support, worth_finding(support, clients, skip, at_most_percent))


def _hits(use: Use, support: Support, clients: frozenset[str]) -> Iterator[Hit]:
    """The places of one use, the last of them standing for those that were not kept."""
    if not clients:
        return
    feature = support.features[use.slug]
    numbers = sorted({number for client in clients for number in feature.cited.get(client, ())}, key=int)
    values: dict[str, str | int] = {
        "feature": feature.title,
        "clients": support.said(clients),
        "slug": use.slug,
        "note": "; ".join(f"{number}: {feature.notes[number]}" for number in numbers if number in feature.notes),
    }
    more = use.count - len(use.texts)
    for number, text in enumerate(use.texts, 1):
        yield Hit(text, values, 1 + more if number == len(use.texts) else 1, use.slug)
