"""An SPF record with all that it includes: what it costs at most, and what of it leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from spamlint.sender.dns import Answer, Dns, Question
from spamlint.sender.spf_record import LOOKING_UP, SpfRecord, Term, is_spf, parse

MOST_LOOKUPS = 30
"""Lookups after which no further record is read: more than ten are too many, and a few more tell how far."""
MOST_AT_ONCE = 15
"""Terms of one record that are followed, and records that are followed at a time."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A term that includes another record."""

    term: str
    target: str
    owner: str
    """The domain whose record has the term."""
    via: str
    """The term of the first record by which receivers come there."""


@dataclass(slots=True)
class Tree:
    """What was found on the way."""

    lookups: int = 0
    voids: list[str] = field(default_factory=list)
    """Names that were asked for and are not there."""
    missing: list[Branch] = field(default_factory=list)
    """Includes of a domain that has no SPF record, or several."""
    broken: list[Branch] = field(default_factory=list)
    """Includes of a record with a mistake in it."""
    open: list[Branch] = field(default_factory=list)
    """Includes of a record that lets everybody send."""
    loops: list[Branch] = field(default_factory=list)
    failed: list[Answer] = field(default_factory=list)
    """Questions that nobody answered."""


@dataclass(frozen=True, slots=True)
class _Node:
    record: SpfRecord
    domain: str
    above: frozenset[str]
    via: str = ""


def walked(dns: Dns, domain: str, record: str) -> Tree:
    """All that receivers may have to ask because of `record`, which `domain` publishes."""
    tree = Tree()
    level = [_Node(parse(record), domain.lower(), frozenset({domain.lower()}))]
    while level and tree.lookups <= MOST_LOOKUPS:
        dns.ask_all(question for node in level for question in _questions(node))
        level = [below for node in level for below in _looked_at(dns, node, tree)][:MOST_AT_ONCE]
    return tree


def _targets(node: _Node) -> list[Branch]:
    """The records that one goes on with; one whose name depends on the mail is not known."""
    record = node.record
    found = [(term.text, term.value) for term in record.mechanisms if term.name == "include"]
    if _goes_on(record):
        found.append((f"redirect={record.redirect}", record.redirect))
    return [
        Branch(term, target.rstrip(".").lower(), node.domain, node.via or term)
        for term, target in found
        if "%" not in target
    ][:MOST_AT_ONCE]


def _asking(node: _Node) -> list[Term]:
    """The terms that are followed."""
    return [term for term in node.record.mechanisms if term.name in LOOKING_UP][:MOST_AT_ONCE]


def _goes_on(record: SpfRecord) -> bool:
    """Whether another record is asked where nothing in this one matches."""
    return bool(record.redirect) and not any(term.name == "all" for term in record.mechanisms)


def _questions(node: _Node) -> list[Question]:
    found: list[Question] = [(one.target, "TXT") for one in _targets(node) if one.target not in node.above]
    for term in _asking(node):
        found += _of_term(term, node.domain)
    return found


def _of_term(term: Term, domain: str) -> list[Question]:
    """What a term that names hosts asks for."""
    name = (term.value or domain).rstrip(".")
    if "%" in name:
        return []
    match term.name:
        case "a":
            return [(name, "A"), (name, "AAAA")]
        case "mx":
            return [(name, "MX")]
        case "exists":
            return [(name, "A")]
    return []


def _looked_at(dns: Dns, node: _Node, tree: Tree) -> list[_Node]:
    """Counts what the terms of one record cost; the records behind it."""
    tree.lookups += sum(term.name in LOOKING_UP for term in node.record.mechanisms)
    for term in _asking(node):
        answers = dns.ask_all(_of_term(term, node.domain))
        tree.failed += [one for one in answers if not one.is_known and one.status != "bad-name"]
        if answers and not any(one.records or not one.is_known for one in answers):
            tree.voids.append(answers[0].name)
    tree.lookups += _goes_on(node.record)
    below = []
    for branch in _targets(node):
        if branch.target in node.above:
            tree.loops.append(branch)
            continue
        found = _behind(dns, branch, tree)
        if found is not None:
            below.append(_Node(found, branch.target, node.above | {branch.target}, branch.via))
    return below


def _behind(dns: Dns, branch: Branch, tree: Tree) -> SpfRecord | None:
    answer = dns.ask(branch.target, "TXT")
    if not answer.is_known and answer.status != "bad-name":
        tree.failed.append(answer)
        return None
    records = [text for text in answer.records if is_spf(text)]
    if len(records) != 1:
        tree.missing.append(branch)
        if not answer.records:
            tree.voids.append(branch.target)
        return None
    record = parse(records[0])
    if record.wrong:
        tree.broken.append(branch)
    elif any(term.name == "all" and term.qualifier == "+" for term in record.mechanisms):
        tree.open.append(branch)
    return record
