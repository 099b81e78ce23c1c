"""Address lists (RFC 5322 3.4): the mailboxes of a From, To or Reply-To field, each with its place.

The structure is found on the body of the field before encoded words are decoded, as the standard has it: what a word
hides is never a comma or an angle bracket. Whatever is wrong is a `Defect`; reading goes on as mail programs do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spamlint.limits import Limits
from spamlint.mime import Defect
from spamlint.mime.words import decode_words
from spamlint.source import Text, segmented

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<quoted>"(?:[^"\\]|\\.)*+")
    |(?P<literal>\[[^\[\]<>@,;"\\\s]*+\])
    |(?P<word>=\?[^?\s<>"]{1,60}\?[bBqQ]\?[^?\s<>]*+\?=)
    |(?P<special>[<>,:;@()])
    |(?P<pair>\\.)
    |(?P<atom>[^\s<>,:;@()"\[\]\\=]++|["\[\]\\=])""",
    re.VERBOSE | re.DOTALL,
)
"""Each token is linear: its inner runs stop at the characters that begin another token of its kind."""

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_SIMPLE = re.compile(
    rf"""(?:(?P<quote>"?)(?P<name>[^"\\()<>,:;@\[\]]*+)(?P=quote)\s*+(?P<angle><))?
    (?P<address>(?P<local>{_ATEXT}(?:\.{_ATEXT})*+)@(?P<domain>[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+))
    (?(angle)>)""",
    re.VERBOSE,
)
"""One address as most fields have it. It only saves time: the reader below would say the same."""

_COMMENT_MARK = re.compile(r"[()]|\\.", re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
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


class _Token:
    """A token: `kind` is space, quoted, literal, word, pair, atom, comment, or the special character itself."""

    __slots__ = ("end", "kind", "opens", "start")

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.opens = False  # whether this "<" has its ">"


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
        tokens = list(self._tokens())
        _pair_brackets(tokens)
        last_end = max((index for index, token in enumerate(tokens) if token.kind == ";"), default=-1)
        last_solid = max((index for index, token in enumerate(tokens) if token.kind != "space"), default=-1)
        piece: list[_Token] = []
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

    def _tokens(self) -> Iterator[_Token]:
        """The tokens of the body. A quote or comment that is never closed is an ordinary character, once and for all."""
        value, position, comments = self.body.value, 0, True
        while found := _TOKEN.match(value, position):
            kind = found.lastgroup or "atom"
            position = found.end()
            if found[0] == '"':
                self._problem("unclosed-quote", found.start(), position)
            if kind == "special":
                kind = found[0]
                if kind == "(" and comments:
                    end = _comment_end(value, found.start())
                    if end:
                        yield _Token("comment", found.start(), end)
                        position = end
                        continue
                    comments = False
                    self._problem("unclosed-comment", found.start(), position)
            yield _Token("atom" if kind in "()" else kind, found.start(), position)

    def _begins_group(self, piece: Sequence[_Token], is_closed: bool, is_last: bool) -> bool:
        """Whether `piece` is the name of a group that a colon opens; then the name is kept."""
        if not (is_closed or is_last):
            return False
        solid = _solid(piece)
        if not solid or any(token.kind in ("@", "<") for token in solid):
            return False
        if not is_closed:
            self._problem("unclosed-group", solid[0].start, solid[-1].end)
        self.groups.append(self._name(solid))
        return True

    def _piece(self, piece: Sequence[_Token], end: _Token | None, *, needed: bool) -> None:
        """Reads what stands between two separators."""
        solid = _solid(piece)
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

    def _phrase(self, tokens: Sequence[_Token]) -> None:
        """Names the first character of a display name that has to be in quotes."""
        for token in tokens:
            if token.kind in ("@", "literal", "<", ">") or self.body.value[token.start : token.end] in ("[", "]"):
                self._problem("unquoted-special", token.start, token.end)
                return

    def _without_route(self, tokens: Sequence[_Token]) -> Sequence[_Token]:
        """An address without the obsolete route in front of it: `<@a.example,@b.example:c@d.example>`."""
        colon = max((index for index, token in enumerate(tokens) if token.kind == ":"), default=-1)
        if colon >= 0 and tokens[0].kind == "@":
            self._problem("route", tokens[0].start, tokens[colon].end)
            return tokens[colon + 1 :]
        return tokens

    def _mailbox(self, tokens: Sequence[_Token], name: Text | None, empty_at: int) -> None:
        if not tokens:
            self._problem("empty-address", empty_at, empty_at)
            if name is not None:
                self.mailboxes.append(Mailbox(name, self.body[empty_at:empty_at], "", ""))
            return
        start, end = tokens[0].start, tokens[-1].end
        written = [self.body.value[token.start : token.end] for token in tokens]
        at = max((index for index, token in enumerate(tokens) if token.kind == "@"), default=None)
        local = "".join(_unquote(piece) for piece in written[:at])
        domain = "" if at is None else "".join(written[at + 1 :]).lower()
        if at is None and any(before.end < after.start for before, after in zip(tokens, tokens[1:], strict=False)):
            local = " ".join(written)
        self.mailboxes.append(Mailbox(name if name is None or len(name) else None, self.body[start:end], local, domain))
        code = _address_problem(tokens, written, at)
        if code:
            self._problem(code, start, end)

    def _inside(self, comment: _Token) -> Text:
        return self._decoded(self.body[comment.start + 1 : comment.end - 1])

    def _name(self, tokens: Sequence[_Token]) -> Text:
        """A display name as a reader sees it: without quotes, escapes and comments, encoded words decoded."""
        start, end = tokens[0].start, tokens[-1].end
        text = self.body[start:end]
        if _PLAIN_NAME.fullmatch(text.value) is None:
            text = _without_marks(text, list(_pieces(self.body.value, tokens, start)))
        return self._decoded(text)

    def _decoded(self, text: Text) -> Text:
        name, _ = decode_words(text, self.limits.encoded_words)
        value = name.value
        start = len(value) - len(value.lstrip())
        return name if value == value.strip() else name[start : max(start, len(value.rstrip()))]

    def _problem(self, code: str, start: int, end: int) -> None:
        if len(self.problems) < self.limits.addresses or code.startswith("limit-"):
            self.problems.append(Defect(code, self.body[start:end]))


def _comment_end(value: str, start: int) -> int:
    """Where the comment that starts at `start` ends, or 0 where it never does."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(value, start):
        depth += (mark[0] == "(") - (mark[0] == ")")
        if depth == 0:
            return mark.end()
    return 0


def _pair_brackets(tokens: Sequence[_Token]) -> None:
    """Marks each "<" that has a ">" before the next "<"."""
    closed = False
    for token in reversed(tokens):
        if token.kind == ">":
            closed = True
        elif token.kind == "<":
            token.opens, closed = closed, False


def _solid(tokens: Sequence[_Token]) -> list[_Token]:
    return [token for token in tokens if token.kind not in ("space", "comment")]


def _unquote(piece: str) -> str:
    inner = piece[1:-1] if len(piece) > 1 and piece[0] == piece[-1] == '"' else piece
    return _PAIR.sub(r"\1", inner) if "\\" in inner else inner


def _pieces(value: str, tokens: Sequence[_Token], start: int) -> Iterator[tuple[str, int, int]]:
    """What a reader sees of a phrase: (text, start and length in it), single blanks where there is white space."""
    last = start
    for token in tokens:
        if token.start > last:
            yield " ", last - start, token.start - last
        first, end, last = token.start, token.end, token.end
        if token.kind == "quoted":
            first, end = first + 1, end - 1
        if token.kind not in ("quoted", "pair"):
            yield value[first:end], first - start, end - first
            continue
        for pair in _PAIR.finditer(value, first, end):
            yield value[first : pair.start()], first - start, pair.start() - first
            yield pair[1], pair.start() - start, 2
            first = pair.end()
        yield value[first:end], first - start, end - first


def _without_marks(text: Text, pieces: Sequence[tuple[str, int, int]]) -> Text:
    value = "".join(piece for piece, _, _ in pieces)
    return Text(value, text, lambda: segmented((len(piece), start, length) for piece, start, length in pieces))


def _address_problem(tokens: Sequence[_Token], written: Sequence[str], at: int | None) -> str:
    """What is wrong with the form of an address, or nothing."""
    if at is None:
        return "no-domain"
    if not at or at + 1 == len(tokens):
        return "incomplete-address"
    if any(token.kind == "@" for token in tokens[:at]):
        return "several-at-signs"
    for before, after in zip(tokens, tokens[1:], strict=False):
        if before.end < after.start and not (before.kind == "@" or after.kind == "@"):
            return "space-in-address"
    if any(token.kind not in ("atom", "@", "quoted", "literal", "word") for token in tokens):
        return "bad-character"
    if any(token.kind == "quoted" for token in tokens[at:]):
        return "bad-character"
    local = "".join(written[:at])
    dotted = [local] if '"' not in local else []
    if not any(token.kind == "literal" for token in tokens[at:]):
        dotted.append("".join(written[at + 1 :]))
    if any(piece.startswith(".") or piece.endswith(".") or ".." in piece for piece in dotted):
        return "misplaced-dot"
    return ""
