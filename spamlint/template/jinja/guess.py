"""Values for a template that comes without any: each name gets what its name promises, and can be used as anything."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

_PLAUSIBLE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"(^|_)(e?mail|address_from|sender|recipient)$|e_?mail", "reader@mill-lane-library.org"),
        (r"ur[li]$|ur[li]_|link|href|(^|_)src$|website|domain$|host$", "https://www.mill-lane-library.org/read/4711"),
        (r"colou?r|background$|bgcolor", "#334455"),
        (r"width|height|size$|padding|margin", "300"),
        (r"date|_at$|deadline|day$|month", "2 November 2026"),
        (r"time$|hour", "09:30"),
        (r"year", "2026"),
        (r"price|amount|total|cost|sum$|fee$|balance|money", "12.50"),
        (r"count|number|quantity|num_|_num$|qty|(^|_)id$|index|percent|days|hours|minutes", "3"),
        (r"phone|mobile|tel$", "+31 20 794 0001"),
        (r"code|token|pin$|otp", "482913"),
        (r"first_?name|given_?name|(^|_)user(name)?$|(^|_)name$|recipient_name|full_?name|last_?name", "Ann Bakker"),
        (r"company|organi[sz]ation|brand|site_?name|shop|project|product", "Mill Lane Library"),
        (r"city|town", "Utrecht"),
        (r"country", "Netherlands"),
        (r"street|address", "Mill Lane 5, Utrecht"),
        (r"lang(uage)?(_code)?$|locale", "en"),
        (r"subject|title|heading|headline", "Your book is ready"),
        (r"html|content|body|message|text|description|intro|footer|note", "The book that you asked for has come in"),
    )
)
_OF_TEXT = frozenset(dir(str)) - {"format_map", "index", "count", "join", "encode"}
_MARKS_OF_FUNCTIONS = frozenset(("unsafe_callable", "alters_data", "contextfunction", "evalcontextfunction"))
"""What Jinja2 asks a function for before it calls it."""
_DEEP = 40
"""Names behind one another, `a.b.c`, that are invented at most."""
_NESTED = 6
"""How far down of them there are lists and truths."""


@lru_cache(maxsize=1_000)
def plausible(name: str) -> str:
    """What a value of that name could be: a link for `url`, a date for `created_at`, words for the rest."""
    lower = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return next((value for pattern, value in _PLAUSIBLE if pattern.search(lower)), lower.replace("_", " ") or "words")


class Guess:
    """A value that nobody gave: text, number, list, object or function, as it is used. Lists have `items` items."""

    __slots__ = ("_depth", "_items", "_name", "_owner")

    do_not_call_in_templates = True  # Django asks

    def __init__(self, name: str, items: int, owner: Guess | None = None) -> None:
        self._name = name
        self._items = items
        self._owner = owner
        self._depth: int = owner._depth + 1 if owner is not None else 0

    def __str__(self) -> str:
        return plausible(self._name)

    __repr__ = __str__

    def _inner(self, name: str) -> Guess:
        if self._depth > _DEEP:
            raise AttributeError(name)
        # Lists in lists end somewhere, for the sake of loops that call themselves.
        return Guess(name, self._items if self._depth < _NESTED else 0, self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "jinja_pass")) or name in _MARKS_OF_FUNCTIONS:
            raise AttributeError(name)
        if name in ("items", "iteritems"):
            return lambda: [(self._inner("title"), self._inner("text"))] * self._items
        if name in ("isoformat", "strftime", "date", "time"):
            return lambda *_: plausible("date")
        return self._inner(name)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return self
        return self._inner(key if isinstance(key, str) else self._name.removesuffix("s"))

    def __call__(self, *given: Any, **named: Any) -> Any:
        """What a function of that name gives; a name that text has, as in `name.upper()`, is what text does.

        A macro that is not there (`{% call box() %}`) gives what it is called with.
        """
        if callable(caller := named.get("caller")):
            return caller()
        if self._owner is not None and self._name in _OF_TEXT:
            return getattr(str(self._owner), self._name)(*given, **named)
        return self._inner(self._name)

    def __iter__(self) -> Iterator[Guess]:
        return iter([self._inner(self._name.removesuffix("s"))] * self._items)

    def __len__(self) -> int:
        return self._items

    def __bool__(self) -> bool:
        return self._items > 0

    def __contains__(self, _: Any) -> bool:
        return self._items > 0

    def __html__(self) -> str:
        return str(self)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guess) and other._name == self._name

    def __float__(self) -> float:
        try:
            return float(str(self))
        except ValueError:
            return 3.0

    def __int__(self) -> int:
        return int(float(self))

    __index__ = __int__
    __trunc__ = __int__

    def __round__(self, digits: int = 0) -> float:
        return round(float(self), digits)

    def _with(self, other: Any, work: Callable[[Any, Any], Any]) -> Any:
        """`work` on this and `other`, as text, list or number, as `other` is."""
        if isinstance(other, str):
            return work(str(self), other)
        if isinstance(other, (list, tuple)):
            return work(list(self), list(other))
        try:
            return work(float(self), float(other))
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return self

    def __add__(self, other: Any) -> Any:
        return self._with(other, operator.add)

    def __radd__(self, other: Any) -> Any:
        return self._with(other, lambda own, left: left + own)

    def __sub__(self, other: Any) -> Any:
        return self if isinstance(other, (str, list, tuple)) else self._with(other, operator.sub)

    def __rsub__(self, other: Any) -> Any:
        return self if isinstance(other, (str, list, tuple)) else self._with(other, lambda own, left: left - own)

    def __mul__(self, other: Any) -> Any:
        return self if isinstance(other, (str, list, tuple)) else self._with(other, operator.mul)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self if isinstance(other, (str, list, tuple)) else self._with(other, operator.truediv)

    def __rtruediv__(self, other: Any) -> Any:
        return self if isinstance(other, (str, list, tuple)) else self._with(other, lambda own, left: left / own)

    def __floordiv__(self, other: Any) -> Any:
        return self if isinstance(other, (str, list, tuple)) else self._with(other, operator.floordiv)

    def __mod__(self, other: Any) -> Any:
        return self if isinstance(other, (str, list, tuple)) else self._with(other, operator.mod)

    def __neg__(self) -> float:
        return -float(self)

    def __lt__(self, other: Any) -> bool:
        return self._with(other, operator.lt) is True

    def __le__(self, other: Any) -> bool:
        return self._with(other, operator.le) is True

    def __gt__(self, other: Any) -> bool:
        return self._with(other, operator.gt) is True

    def __ge__(self, other: Any) -> bool:
        return self._with(other, operator.ge) is True
