"""Address lists (RFC 5322 3.4): the mailboxes of a From, To or Reply-To field, each with its place.

The structure is found on the body of the field before encoded words are decoded, as the standard has it: what a word
hides is never a comma or an angle bracket. Whatever is wrong is a `Defect`; reading goes on as mail programs do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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
from spamlint.mime.words import decode_words
from spamlint.source import Text, segmented

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_SIMPLE = re.compile(
    rf"""(?:(?P<quote>"?)(?P<name>[^"\\()<>,:;@\[\]]*+)(?P=quote)\s*+(?P<angle><))?
    (?P<address>(?P<local>{_ATEXT}(?:\.{_ATEXT})*+)@(?P<domain>[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+))
    (?(angle)>)""",
    re.VERBOSE,
)
"""One address as most fields have it. It only saves time: the reader below would say the same."""

_PLAIN_NAME = re.compile(r'[^"\\()]*')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address: `address` as written, without brackets; `local` unquoted; `domain` in small letters.

    `name` is what a reader sees of it, or None. What stands where an address belongs and has no "@" is a mailbox whose
    `domain` is empty.
    """

    name: Text | None
    address: Text
    local: str
    domain: str


@dataclass(frozen=True, slots=True)
class AddressList:
    """The mailboxes of a field, members of groups included; the names of its groups; what is wrong with it."""

    mailboxes: tuple[Mailbox, ...] = ()
    groups: tuple[Text, ...] = ()
    problems: tuple[Defect, ...] = ()


def parse_addresses(body: Text, limits: Limits) -> AddressList:
    """The addresses in `body`, the unfolded and undecoded value of a field, at most `limits.addresses` of them."""
    reader = _Reader(body, limits)
    simple = _SIMPLE.fullmatch(body.value)
    if simple and limits.addresses:
        reader.simple(simple)
    else:
        reader.read()
    return AddressList(tuple(reader.mailboxes), tuple(reader.groups), tuple(reader.problems))


class _Reader:
    """One pass over the tokens of one field."""

    def __init__(self, body: Text, limits: Limits) -> None:
        self.body = body
        self.limits = limits
        self.mailboxes: list[Mailbox] = []
        self.groups: list[Text] = []
        self.problems: list[Defect] = []

    def simple(self, found: re.Match[str]) -> None:
        """Takes the one address of a field that needs no reading."""
        name = self._decoded(self.body[slice(*found.span("name"))]) if found["angle"] else None
        address = self.body[slice(*found.span("address"))]
        shown = name if name is not None and len(name) else None
        self.mailboxes.append(Mailbox(shown, address, found["local"], found["domain"].lower()))

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
        return self._decoded(self.body[comment.start + 1 : comment.end - 1])

    def _name(self, tokens: Sequence[Token]) -> Text:
        """A display name as a reader sees it: without quotes, escapes and comments, encoded words decoded."""
        start, end = tokens[0].start, tokens[-1].end
        text = self.body[start:end]
        if _PLAIN_NAME.fullmatch(text.value) is None:
            text = _without_marks(text, list(shown_pieces(self.body.value, tokens, start)))
        return self._decoded(text)

    def _decoded(self, text: Text) -> Text:
        name, _ = decode_words(text, self.limits.encoded_words)
        value = name.value
        start = len(value) - len(value.lstrip())
        return name if value == value.strip() else name[start : max(start, len(value.rstrip()))]

    def _problem(self, code: str, start: int, end: int) -> None:
        if len(self.problems) < self.limits.addresses or code.startswith("limit-"):
            self.problems.append(Defect(code, self.body[start:end]))


def _without_marks(text: Text, pieces: Sequence[tuple[str, int, int]]) -> Text:
    value = "".join(piece for piece, _, _ in pieces)
    return Text(value, text, lambda: segmented((len(piece), start, length) for piece, start, length in pieces))
