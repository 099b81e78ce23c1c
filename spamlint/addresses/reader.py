"""Reads an address list that is more than one plain address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from spamlint.addresses.mailbox import Mailbox, decoded_name
from spamlint.addresses.tokens import (
    Token,
    address_problem,
    pair_brackets,
    shown_pieces,
    tokens_of,
    unquote,
    without_space,
)
from spamlint.limits import Limits
from spamlint.mime import Defect
from spamlint.source import Text, segmented

_PLAIN_NAME = re.compile(r'[^"\\()]*')


class Reader:
    """One pass over the tokens of one field."""

    def __init__(self, body: Text, limits: Limits) -> None:
        self.body = body
        self.limits = limits
        self.mailboxes: list[Mailbox] = []
        self.groups: list[Text] = []
        self.problems: list[Defect] = []

    def read(self) -> None:
        """Splits the field at its separators and reads each piece."""
        tokens = list(tokens_of(self.body.value, self._problem))
        pair_brackets(tokens)
        last_end = max((index for index, token in enumerate(tokens) if token.kind == ";"), default=-1)
        last_solid = max((index for index, token in enumerate(tokens) if token.kind != "space"), default=-1)
        piece: list[Token] = []
        in_angle = in_group = False
        for index, token in enumerate(tokens):
            if len(self.mailboxes) + len(self.groups) >= self.limits.addresses:
                self._problem("limit-addresses", token.start, token.start)
                return
            if token.kind == "<" and token.opens:
                in_angle = True
            elif token.kind == ">":
                in_angle = False
            if in_angle or token.kind not in (",", ";", ":"):
                piece.append(token)
                continue
            if token.kind == ":":
                if in_group or not self._begins_group(piece, index < last_end, index == last_solid):
                    self._problem("unquoted-special", token.start, token.end)
                    piece.append(token)
                    continue
                in_group = True
            else:
                self._piece(piece, token, needed=token.kind == "," and not in_group)
                if token.kind == ";" and not in_group:
                    self._problem("semicolon", token.start, token.end)
                in_group = in_group and token.kind != ";"
            piece = []
        self._piece(piece, None, needed=False)

    def _begins_group(self, piece: Sequence[Token], is_closed: bool, is_last: bool) -> bool:
        """Whether `piece` is the name of a group that a colon opens; then the name is kept."""
        if not (is_closed or is_last):
            return False
        solid = without_space(piece)
        if not solid or any(token.kind in ("@", "<") for token in solid):
            return False
        if not is_closed:
            self._problem("unclosed-group", solid[0].start, solid[-1].end)
        self.groups.append(self._name(solid))
        return True

    def _piece(self, piece: Sequence[Token], end: Token | None, *, needed: bool) -> None:
        """Reads what stands between two separators."""
        solid = without_space(piece)
        if not solid:
            if needed and end is not None:
                self._problem("empty-address", end.start, end.end)
            return
        opening = next((index for index, token in enumerate(solid) if token.opens), None)
        if opening is None:
            stray = next((token for token in solid if token.kind in ("<", ">")), None)
            if stray is not None:
                self._problem("stray-bracket", stray.start, stray.end)
                at = solid.index(stray)
                if stray.kind == "<" and at + 1 < len(solid):
                    self._mailbox(solid[at + 1 :], self._name(solid[:at]) if at else None, stray.end)
                    return
            comment = next((token for token in piece if token.kind == "comment"), None)
            self._mailbox(solid, self._inside(comment) if comment else None, solid[0].start)
            return
        closing = next(index for index in range(opening, len(solid)) if solid[index].kind == ">")
        if closing + 1 < len(solid):
            self._problem("text-after-address", solid[closing + 1].start, solid[-1].end)
        self._phrase(solid[:opening])
        name = self._name(solid[:opening]) if opening else None
        self._mailbox(self._without_route(solid[opening + 1 : closing]), name, solid[opening].end)

    def _phrase(self, tokens: Sequence[Token]) -> None:
        """Names the first character of a display name that has to be in quotes."""
        for token in tokens:
            if token.kind in ("@", "literal", "<", ">") or self.body.value[token.start : token.end] in ("[", "]"):
                self._problem("unquoted-special", token.start, token.end)
                return

    def _without_route(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """An address without the obsolete route in front of it: `<@a.example,@b.example:c@d.example>`."""
        colon = max((index for index, token in enumerate(tokens) if token.kind == ":"), default=-1)
        if colon >= 0 and tokens[0].kind == "@":
            self._problem("route", tokens[0].start, tokens[colon].end)
            return tokens[colon + 1 :]
        return tokens

    def _mailbox(self, tokens: Sequence[Token], name: Text | None, empty_at: int) -> None:
        if not tokens:
            self._problem("empty-address", empty_at, empty_at)
            if name is not None:
                self.mailboxes.append(Mailbox(name, self.body[empty_at:empty_at], "", ""))
            return
        start, end = tokens[0].start, tokens[-1].end
        written = [self.body.value[token.start : token.end] for token in tokens]
        at = max((index for index, token in enumerate(tokens) if token.kind == "@"), default=None)
        local = "".join(unquote(piece) for piece in written[:at])
        domain = "" if at is None else "".join(written[at + 1 :]).lower()
        if at is None and any(before.end < after.start for before, after in pairwise(tokens)):
            local = " ".join(written)
        self.mailboxes.append(Mailbox(name if name is None or len(name) else None, self.body[start:end], local, domain))
        code = address_problem(tokens, written, at)
        if code:
            self._problem(code, start, end)

    def _inside(self, comment: Token) -> Text:
        return decoded_name(self.body[comment.start + 1 : comment.end - 1], self.limits)

    def _name(self, tokens: Sequence[Token]) -> Text:
        """A display name as a reader sees it: without quotes, escapes and comments, encoded words decoded."""
        start, end = tokens[0].start, tokens[-1].end
        text = self.body[start:end]
        if _PLAIN_NAME.fullmatch(text.value) is None:
            text = _without_marks(text, list(shown_pieces(self.body.value, tokens, start)))
        return decoded_name(text, self.limits)

    def _problem(self, code: str, start: int, end: int) -> None:
        if len(self.problems) < self.limits.addresses or code.startswith("limit-"):
            self.problems.append(Defect(code, self.body[start:end]))


def _without_marks(text: Text, pieces: Sequence[tuple[str, int, int]]) -> Text:
    value = "".join(piece for piece, _, _ in pieces)
    return Text(value, text, lambda: segmented((len(piece), start, length) for piece, start, length in pieces))
