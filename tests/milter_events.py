"""Everything that a milter session does with some bytes, for tests that compare two ways of sending them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from spamlint.guard.decision import Decision
from spamlint.hooks.milter.codec import ProtocolError
from spamlint.hooks.milter.session import End, Judge, Session

ACCEPTED = Decision("accept", "1", "accept")
MOST = 200


def events(data: bytes, cuts: Sequence[int]) -> list[object]:
    """What a session does with `data` fed in pieces, and why it ends; each message is accepted."""
    session, found = Session(lambda envelope: bool(envelope.user), MOST), list[object]()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        session.feed(data[begin:end])
        try:
            if not _take(session, found):
                return found
        except ProtocolError as error:
            return [*found, str(error)]
        assert session.held <= 2 * (MOST + 1)
    return found


def _take(session: Session, found: list[object]) -> bool:
    """Everything that the session does now goes to `found`; False where it is over."""
    while True:
        before = len(found)
        found.extend(session.steps())  # what comes before an error is kept
        if len(found) == before or not isinstance(found[-1], Judge):
            return End.QUIT not in found
        found.append(session.decided(ACCEPTED))
