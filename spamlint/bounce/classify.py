"""The words of a refusal -> its cause."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

from spamlint.bounce.knowledge import UNKNOWN, Knowledge, Pattern, quiet
from spamlint.bounce.reply import reply_code, status_code, told_status

By: TypeAlias = Literal["words", "status", "reply", "notice", "nothing"]
VAGUE: Final = frozenset(("refused", "server-error", "expired", "protocol-error", "delivered", UNKNOWN))
"""Causes that say little: an exact status code, or another text, may say more."""

LONGEST: Final = 64 * 1024
"""Code points of one text that are matched."""
_KEPT: Final = 512

_ADDRESS = r"[^\s<>\"(),;:@]{1,128}@[^\s<>\"(),;:@]{1,255}"
_QUOTES: Final = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
_BLANKS = re.compile(r"\s+")
_ENTITY: Final = (("&#39;", "'"), ("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True)
class Class:
    """The cause of one text, and the pattern that says so, if one does."""

    cause: str
    by: By
    pattern: Pattern | None = None

    @property
    def is_vague(self) -> bool:
        """Whether another text may say more."""
        return self.by != "words" or self.cause in VAGUE


class Classifier:
    """All patterns in one scan."""

    def __init__(self, knowledge: Knowledge) -> None:
        import re2

        self._knowledge = knowledge
        options: Any = quiet()
        options.max_mem = 64 * 1024 * 1024
        self._set = re2.Set.SearchSet(options)
        for pattern in knowledge.patterns:
            self._set.Add(f"(?i){pattern.regex}")
        self._set.Compile()
        self._address = re2.compile(_ADDRESS)
        # A notice has the same words for all of its recipients.
        self._candidates = lru_cache(_KEPT)(self._candidates_of)
        self._provider = lru_cache(_KEPT)(self._provider_of)

    def classify(self, text: str, status: str = "", hosts: Iterable[str] = ()) -> Class:
        """What `text` means. `status` is a code given apart from it; `hosts` may name the provider."""
        found = self._pattern(text, hosts)
        by_status = self._by_status(_status(text) or status)
        if found is not None and not _is_better(by_status, found):
            return Class(found.cause, "words", found)
        if by_status is not None:
            return by_status
        code = reply_code(text)
        if code in self._knowledge.replies:
            return Class(self._knowledge.replies[code], "reply")
        if code.startswith("2"):
            return Class("delivered", "reply")
        if "420" <= code < "460":
            return Class("server-error", "reply")
        return Class("refused", "reply") if "500" <= code < "560" else Class(UNKNOWN, "nothing")

    def provider(self, *texts: str) -> str:
        """The name of the provider whose hosts one of the texts names, or ""."""
        return next(filter(None, map(self._provider, texts)), "")

    def _provider_of(self, text: str) -> str:
        names = set(_suffixes(text.lower()))
        providers = self._knowledge.providers.values()
        return next((provider.name for provider in providers if not names.isdisjoint(provider.hosts)), "")

    def _plain(self, text: str) -> str:
        plain = text[:LONGEST].translate(_QUOTES)
        for entity, char in _ENTITY:
            plain = plain.replace(entity, char)
        plain = str(self._address.sub("@", plain))
        return _BLANKS.sub(" ", plain).encode("utf-8", "replace").decode("utf-8")

    def _candidates_of(self, text: str) -> tuple[Pattern, ...]:
        plain = self._plain(text)
        lower = plain.lower()
        numbers: Iterable[int] = sorted(self._set.Match(plain) or ())
        patterns = (self._knowledge.patterns[number] for number in numbers)
        return tuple(one for one in patterns if not any(phrase in lower for phrase in one.unless))

    def _pattern(self, text: str, hosts: Iterable[str]) -> Pattern | None:
        for pattern in self._candidates(text):
            if not pattern.scoped or self.provider(text, *hosts) == pattern.provider:
                return pattern
        return None

    def _by_status(self, status: str) -> Class | None:
        first, _, rest = status.partition(".")
        subject, _, detail = rest.partition(".")
        code = self._knowledge.codes.get(rest)
        if code is None or (first == "2" and code.cause != "delivered"):
            return Class("delivered", "status") if first == "2" and rest else None
        return Class(code.cause if detail != "0" or subject != "0" else "refused", "status")


def _status(text: str) -> str:
    """The status code in `text`; in text of several lines only where it is marked as one."""
    return told_status(text) if "\n" in text else status_code(text)


def _is_better(by_status: Class | None, found: Pattern) -> bool:
    """Whether the status code says more than the words. Codes about the route and the protocol explain no refusal."""
    if by_status is None or found.cause not in VAGUE or by_status.cause in VAGUE:
        return False
    return found.cause != "refused" or by_status.cause not in ("unreachable", "unknown-domain")


_HOST = re.compile(r"(?<![\w.-])(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}(?![\w-])")


def _suffixes(text: str) -> Iterable[str]:
    for found in _HOST.finditer(text[:LONGEST]):
        labels = found[0].split(".")
        for start in range(len(labels) - 1):
            yield ".".join(labels[start:])
