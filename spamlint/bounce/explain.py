"""What a notice means: for each recipient the cause, the provider's page, and the status code explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from spamlint.bounce.classify import VAGUE, By, Class, Classifier
from spamlint.bounce.knowledge import UNKNOWN, Cause, Knowledge, Pattern, load
from spamlint.bounce.notice import Kind, Notice, Refusal
from spamlint.bounce.reply import one_line, reply_code, status_code
from spamlint.verdict import Language

_BY_KIND: Final[Mapping[Kind, str]] = {
    "complaint": "complaint", "dmarc-report": "dmarc-report", "tls-report": "tls-report", "auto-reply": "auto-reply",
}  # fmt: skip
_KEPT: Final = 512
_LINES: Final = 400
"""Lines of a longer text in which the one that says why is looked for."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What one refusal means."""

    refusal: Refusal
    cause: Cause
    by: By
    """What says so."""
    text: str
    """The words that say so, in one line."""
    status: str
    """The enhanced status code, "" where there is none."""
    provider: str
    """The name of the provider that words refusals like this, or whose server spoke; "" where none is known."""
    page: str
    """Where to read more: the provider's page, or that on the cause."""


class Explainer:
    """All that is known about refusals, compiled once."""

    def __init__(self, knowledge: Knowledge | None = None) -> None:
        self.knowledge = load() if knowledge is None else knowledge
        self._classifier = Classifier(self.knowledge)
        self._line = lru_cache(_KEPT)(self._line_of)

    def explain(self, notice: Notice) -> tuple[Explained, ...]:
        """What `notice` means, for each of its refusals; one of an unknown cause where it has none."""
        cause = _BY_KIND.get(notice.kind)
        refusals = notice.refusals or (Refusal(""),)
        if cause is not None:
            return tuple(self._made(one, Class(cause, "notice"), one.text) for one in refusals)
        return tuple(self._explained(one) for one in refusals)

    def status_words(self, status: str, language: Language) -> str:
        """What the status code means, in words; "" for none."""
        first, _, rest = status.partition(".")
        kinds, code = self.knowledge.classes, self.knowledge.codes.get(rest)
        subject = self.knowledge.subjects.get(rest.partition(".")[0])
        said = code.words if code is not None else subject
        if first not in kinds or said is None:
            return ""
        return f"{said[language]}; {kinds[first][language]}"

    def _explained(self, refusal: Refusal) -> Explained:
        if refusal.action == "delivered":
            return self._made(refusal, Class("delivered", "notice"), refusal.text)
        hosts = (refusal.server, refusal.recipient.rpartition("@")[2])
        found = self._classifier.classify(refusal.text, refusal.status, hosts)
        text = refusal.text
        if found.is_vague:
            found, text = self._better(refusal, found, hosts)
        if refusal.action == "delayed" and (found.by != "words" or found.cause in (UNKNOWN, "expired")):
            found = Class("delayed", "notice")
        return self._made(refusal, found, text)

    def _better(self, refusal: Refusal, found: Class, hosts: Sequence[str]) -> tuple[Class, str]:
        """What a further text says, if it is more than `found`, and the words of it."""
        best, text = found, refusal.text
        for more in refusal.more:
            other = self._classifier.classify(more, refusal.status, hosts)
            if other.cause != "delivered" and _rank(other) < _rank(best):
                best, text = other, self._line(more, other.pattern)
                if not best.is_vague:
                    break
        return best, text or self._line("\n".join(refusal.more[-2:]), best.pattern)

    def _line_of(self, text: str, pattern: Pattern | None) -> str:
        """The line of `text` that says what was found, or its first line."""
        lines = [line for line in text.splitlines() if line.strip() and "\ufffd" not in line][:_LINES]
        if len(text.splitlines()) < 2:
            return one_line(text)
        for number, line in enumerate(lines):
            for joined in (line, " ".join(lines[number : number + 2])):
                if pattern is not None and self._classifier.classify(joined).pattern == pattern:
                    return one_line(joined)
        return one_line(lines[0] if lines else "")

    def _made(self, refusal: Refusal, found: Class, text: str) -> Explained:
        status = status_code(refusal.text) or refusal.status or status_code(text)
        provider = found.pattern.provider if found.pattern is not None else ""
        page = found.pattern.page if found.pattern is not None else ""
        cause = self.knowledge.causes[found.cause]
        provider = provider or self._classifier.provider(text, refusal.server, refusal.recipient)
        if not page and cause.name not in _BY_KIND:
            page = self.knowledge.providers[provider].page if provider in self.knowledge.providers else ""
        return Explained(refusal, cause, found.by, text, status, provider, page or cause.page)


def _rank(found: Class) -> int:
    """How much a class says: the lower, the more."""
    if found.by == "words":
        return 2 if found.cause in VAGUE else 0
    if found.by == "status":
        return 3 if found.cause in VAGUE else 1
    return 4 if found.by == "reply" else 5


def reply_of(explained: Explained) -> str:
    """The reply code, as 550, or ""."""
    return reply_code(explained.text)
