"""Which rule is cured by which fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from spamlint.fixes import attributes, comments, content, nesting, parse_errors
from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Fix
from spamlint.source import Text
from spamlint.verdict import Finding

Fixer: TypeAlias = Callable[[Draft, Text], Fix | None]
"""The fix for one place of a finding, or None where nobody can tell how it should be."""

FIXERS: Final[Mapping[str, Fixer]] = {
    "accessibility/data-as-layout": attributes.false_role,
    "accessibility/layout-table": attributes.layout_role,
    "accessibility/malformed-language": attributes.malformed_language,
    "accessibility/no-language": attributes.page_language,
    "accessibility/tab-order": attributes.tab_order,
    "accessibility/zoom-blocked": attributes.blocked_zoom,
    "bulk/insecure-unsubscribe-link": content.encrypted,
    "hidden/soft-hyphen-in-word": content.without_unseen,
    "hidden/zero-width-in-word": content.without_unseen,
    "html/bad-conditional-comment": comments.conditional,
    "html/duplicate-attribute": attributes.duplicate,
    "html/no-charset": content.charset,
    "html/omitted-end-tag": nesting.missing_end,
    "html/parse-error": parse_errors.parse_error,
    "html/stray-end-tag": nesting.stray_end,
    "html/unclosed-tag": nesting.missing_end,
    "images/missing-alt": attributes.empty_alt,
    "links/backslash": content.forward_slashes,
    "links/plain-http": content.encrypted,
    "script/event-handler": attributes.event_handler,
    "script/external-stylesheet": content.removed,
    "script/meta-refresh": content.removed,
    "script/script-element": content.script,
    "size/wasted-bytes": content.less_white_space,
    "subject/many-exclamation-marks": content.one_mark,
}


NESTING: Final = frozenset({"html/omitted-end-tag", "html/stray-end-tag", "html/unclosed-tag"})
"""Rules whose fixes add an end tag or take one away."""
TRIED: Final = NESTING | {"html/bad-conditional-comment", "html/duplicate-attribute", "html/parse-error"}
"""Rules whose fixes are tried out on the page that they are for; of a template, on all that it can become after."""


def fixes_of(finding: Finding, draft: Draft) -> Iterator[tuple[Text, Fix]]:
    """The places of `finding` that have a fix; none in a finished message, whose bytes stay as they are."""
    fixer = FIXERS.get(finding.rule)
    if fixer is None or draft.message.kind != "draft":
        return
    for text in finding.texts:
        fix = fixer(draft, text) if text is not None and _is_for(fixer, draft, text) else None
        if text is not None and fix is not None:
            yield text, fix


def _is_for(fixer: Fixer, draft: Draft, text: Text) -> bool:
    """Whether the fix can be told for a text that may lie outside of the HTML: in the subject, or the text part."""
    return fixer in _ANYWHERE or text.lies_in(draft.document.source)


_ANYWHERE: Final[frozenset[Fixer]] = frozenset(
    {content.encrypted, content.forward_slashes, content.one_mark, content.without_unseen, content.charset}
)
