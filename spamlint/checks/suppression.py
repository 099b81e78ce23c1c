"""Checks on the comments that keep findings out: they are given those comments after all other rules were run."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.suppression import Ran


def unused(_: Message, ran: Ran) -> Iterator[Hit]:
    """Each name in a comment that keeps nothing out."""
    for name, text in ran.comments.unused(ran.enabled):
        yield Hit(text, {"name": name})


def unknown(_: Message, ran: Ran) -> Iterator[Hit]:
    """Each name in a comment that is none of a rule, and each comment without a name."""
    known = [*{rule.topic for rule in ran.every}, *(rule.id for rule in ran.every)]
    for name, text in ran.comments.unknown(ran.every):
        near = get_close_matches(name, known, 1)
        yield Hit(text, {"name": name, "near": near[0] if near else "topic/name"})
