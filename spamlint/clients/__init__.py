"""Which mail program supports what of HTML and CSS, by the tests of caniemail.com."""

from __future__ import annotations

from spamlint.clients.support import Feature, Support, load_support
from spamlint.clients.uses import Use, find_uses

__all__ = ["Feature", "Support", "Use", "find_uses", "load_support"]
