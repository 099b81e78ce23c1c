"""What a decision is in the milter protocol."""

from __future__ import annotations

from spamlint.guard.decision import Decision, Reply
from spamlint.hooks.milter import codec
from spamlint.hooks.milter.codec import Action, Offer, Steps

_INSERTS_SINCE = 3
"""Version 2 of the protocol can put header fields behind all others only."""
_PLAIN = {"reject": codec.REJECT, "tempfail": codec.TEMPFAIL}
_CLASSES = {"reject": (4, 5), "tempfail": (4,)}


def reply_of(decision: Decision, answer: Offer) -> bytes:
    """The packets that say what becomes of a message, as far as the negotiation allows."""
    if decision.action in _PLAIN:
        return _refusal(decision)
    if decision.action == "quarantine":
        if not answer.actions & Action.QUARANTINE:
            return codec.TEMPFAIL
        return _header_changes(decision, answer) + codec.quarantine(decision.quarantine or "spamlint") + codec.CONTINUE
    return _header_changes(decision, answer) + codec.CONTINUE


def _refusal(decision: Decision) -> bytes:
    """What the client is told; a reply that a mail server would take for an error gives way to its own."""
    reply = decision.reply
    if reply is None or not _is_refusal(reply, _CLASSES[decision.action]):
        return _PLAIN[decision.action]
    return codec.reply(reply.code, reply.status, reply.lines)


def _is_refusal(reply: Reply, classes: tuple[int, ...]) -> bool:
    return reply.code // 100 in classes and reply.status[:1] == str(reply.code)[0]


def _header_changes(decision: Decision, answer: Offer) -> bytes:
    """Removals before additions, which would change the count, and the last of a name first, for the same reason."""
    changes = []
    if answer.actions & Action.CHANGE_HEADERS:
        removed = sorted(decision.remove, key=lambda one: one[1], reverse=True)
        changes += [codec.delete_header(name, number) for name, number in removed]
    if answer.actions & Action.ADD_HEADERS:
        space = " " if answer.steps & Steps.LEADING_SPACE else ""
        if answer.version < _INSERTS_SINCE:
            changes += [codec.append_header(name, space + value) for name, value in decision.add]
        else:
            changes += [codec.insert_header(name, space + value) for name, value in reversed(decision.add)]
    return b"".join(changes)
