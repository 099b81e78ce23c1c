"""Evidence -> notes: each thing that was found out, good or bad. The bad ones are remarks, which rules give words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spamlint.delivery import Remark, Value
from spamlint.message import Message
from spamlint.sender.bulk import bulk_notes_of
from spamlint.sender.cure import Cure
from spamlint.sender.dkim import GOOD_BITS, MUST_COVER, Key, uncovered
from spamlint.sender.dns import Answer, Status
from spamlint.sender.evidence import Evidence, helo_leads_back

_SAID: Mapping[Status, str] = {
    "timeout": "time-out",
    "server-failure": "SERVFAIL",
    "refused": "REFUSED",
    "malformed": "malformed answer",
    "too-large": "answer too large",
    "unreachable": "unreachable",
    "not-recorded": "not in the snapshot",
    "no-such-name": "NXDOMAIN",
    "no-data": "no records",
    "bad-name": "no valid name",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was found out."""

    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)
    is_good: bool = False
    """Whether it is no fault."""
    is_news: bool = False
    """Whether it is neither a fault nor a merit."""
    header: str = "from"

    @property
    def remark(self) -> Remark:
        """The same, for the rule of that kind."""
        return Remark(self.kind, self.values, self.header)


def notes_of(evidence: Evidence, cure: Cure, message: Message | None, *, is_bulk: bool) -> tuple[Note, ...]:
    """Everything, in the order in which a receiver would look at it."""
    found = [*_hosts(evidence), *_spf(evidence, cure), *_dkim(evidence, message), *_dmarc(evidence, cure)]
    found += [*_exchange(evidence), *_lists(evidence)]
    found += _bulk(evidence, message, is_bulk=is_bulk)
    return _unique(found)


def _hashed(note: Note) -> tuple[str, tuple[tuple[str, Value], ...]]:
    return note.kind, tuple(sorted(note.values.items()))


def _unique(notes: Sequence[Note]) -> tuple[Note, ...]:
    return tuple({_hashed(note): note for note in notes}.values())


def not_checked(what: str, answer: Answer) -> Note:
    """That nobody knows, and which question it is that was not answered."""
    return Note(
        "not-checked",
        {"what": what, "name": answer.name, "type": answer.kind, "said": _SAID.get(answer.status, answer.status)},
    )


def as_one(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The notes with all that was not checked in one, for it has one cause: no DNS server answers."""
    unknown = [note for note in notes if note.kind == "not-checked"]
    if not unknown:
        return tuple(notes)
    what = ", ".join(dict.fromkeys(str(note.values["what"]) for note in unknown))
    whole = Note("not-checked", {**unknown[0].values, "what": what})
    return (whole, *(note for note in notes if note.kind != "not-checked"))


def _hosts(evidence: Evidence) -> Iterator[Note]:
    for answer in evidence.addresses.failed:
        yield not_checked("SPF", answer)
    if not evidence.addresses.servers:
        return
    for one in evidence.reverses:
        if one.state == "good":
            continue
        if one.failed is not None:
            yield not_checked("PTR", one.failed)
        else:
            yield Note("no-reverse-name", {"ip": one.ip, "name": one.name or "-"})
    good = [one.name for one in evidence.reverses if one.state == "good"]
    if len(good) == len(evidence.reverses):
        yield Note("reverse-good", {"names": ", ".join(dict.fromkeys(good))}, is_good=True)
    yield from _helo(evidence)


def _helo(evidence: Evidence) -> Iterator[Note]:
    if not evidence.helo:
        return
    match helo_leads_back(evidence):
        case True:
            yield Note("helo-good", {"helo": evidence.route.helo}, is_good=True)
        case False:
            yield Note("helo-unconfirmed", {"helo": evidence.route.helo, "ip": evidence.addresses.servers[0]})
        case None:
            yield from (not_checked("HELO", one) for one in evidence.helo if not one.is_known)


_SPF_KINDS = {
    "fail": "spf-fail",
    "softfail": "spf-not-passed",
    "neutral": "spf-not-passed",
    "none": "spf-not-passed",
    "too-many-lookups": "spf-too-many-lookups",
    "too-many-voids": "spf-too-many-lookups",
    "too-many-hosts": "spf-too-many-lookups",
    "several-records": "spf-several-records",
}


def _spf(evidence: Evidence, cure: Cure) -> Iterator[Note]:
    worst, change = evidence.spf_worst, cure.of("SPF")
    if worst is None:
        return
    if worst.failed is not None:
        yield not_checked("SPF", worst.failed)
        return
    values: dict[str, Value] = {
        "domain": worst.domain,
        "ip": worst.ip,
        "route": evidence.route.name,
        "result": worst.result,
        "term": worst.term or "-",
        "record": change.record if change is not None else "-",
        "lookups": worst.lookups,
    }
    if worst.result != "pass":
        yield Note(_SPF_KINDS.get(worst.reason or worst.result, "spf-broken"), values)
    elif not evidence.addresses.failed:
        yield Note("spf-good", {**values, "ips": ", ".join(one.ip for one in evidence.spf)}, is_good=True)
    if worst.result == "pass" and evidence.dmarc.failed is None:
        kind = "spf-aligned" if evidence.spf_is_aligned else "spf-not-aligned"
        told = {**values, "from": evidence.domain}
        yield Note(kind, told, is_good=True, is_news=not evidence.spf_is_aligned)


def _dkim(evidence: Evidence, message: Message | None) -> Iterator[Note]:
    if evidence.key is not None:
        yield from _key(evidence.key, evidence)
        if message is not None and (left := uncovered(message, evidence.route.dkim_headers)):
            yield Note("dkim-uncovered", {"domain": evidence.route.dkim_domain, "fields": ", ".join(left)})
    for one in evidence.signatures:
        values: dict[str, Value] = {"domain": one.domain, "selector": one.selector, "reason": one.reason}
        if one.key.failed is not None:
            yield not_checked("DKIM", one.key.failed)
        elif one.state == "unknown":
            yield Note("dkim-unverifiable", {**values, "algorithm": one.key.algorithm}, header="dkim-signature")
        elif one.state == "invalid":
            yield Note("dkim-bad-signature", values, header="dkim-signature")
        else:
            yield Note("dkim-signature-good", values, is_good=True)
            if message is not None and (left := uncovered(message, one.covers)):
                yield Note("dkim-uncovered", {"domain": one.domain, "fields": ", ".join(left)}, header="dkim-signature")
    if message is not None and evidence.key is not None:
        would = [name for name in MUST_COVER if name in message.header_names and name in evidence.route.dkim_headers]
        if would:
            yield Note("dkim-covers", {"fields": ", ".join(would)}, is_good=True)


def _key(key: Key, evidence: Evidence) -> Iterator[Note]:
    values: dict[str, Value] = {"name": key.name, "bits": key.bits, "algorithm": key.algorithm or "-"}
    if key.failed is not None and key.state == "unknown":
        yield not_checked("DKIM", key.failed)
        return
    kinds = {"missing": "dkim-no-key", "revoked": "dkim-revoked-key", "unusable": "dkim-unusable-key"}
    if key.state in kinds:
        yield Note(kinds[key.state], values)
        return
    is_short = key.algorithm == "rsa" and key.bits < GOOD_BITS
    if key.state == "short":
        yield Note("dkim-unsafe-key", values)
    elif is_short:
        yield Note("dkim-short-key", values)
    else:
        yield Note("dkim-key-good", values, is_good=True)
    if key.is_test:
        yield Note("dkim-test-mode", values)
    if not evidence.dkim_is_aligned and evidence.dmarc.failed is None:
        yield Note("dkim-not-aligned", {**values, "domain": evidence.route.dkim_domain, "from": evidence.domain})


def _dmarc(evidence: Evidence, cure: Cure) -> Iterator[Note]:
    dmarc = evidence.dmarc
    values: dict[str, Value] = {
        "domain": evidence.domain,
        "route": evidence.route.name,
        "policy": dmarc.policy,
        "name": dmarc.name,
        "percent": dmarc.percent,
    }
    if dmarc.failed is not None:
        yield not_checked("DMARC", dmarc.failed)
    elif dmarc.several:
        yield Note("dmarc-several-records", values)
    elif not dmarc.record:
        change = cure.of("DMARC")
        yield Note("no-dmarc", {**values, "record": change.record if change is not None else "-"})
    passes = evidence.dmarc_passes
    if dmarc.record and not passes:
        kind = "dmarc-policy" if dmarc.mildest == dmarc.policy else "dmarc-policy-in-part"
        yield Note(kind, {**values, "mildest": dmarc.mildest}, is_good=True, is_news=True)
    if passes:
        by = [
            name
            for name, holds in (
                ("SPF", evidence.spf_passes and evidence.spf_is_aligned),
                ("DKIM", evidence.dkim_speaks),
            )
            if holds
        ]
        yield Note("dmarc-good", {**values, "by": ", ".join(by)}, is_good=True)
    elif passes is False:
        first = cure.first
        told: dict[str, Value] = {
            **values,
            "name": first.name if first else "-",
            "record": first.record if first else "-",
        }
        told["mildest"] = dmarc.mildest
        if dmarc.policy != "none":
            yield Note("dmarc-fail" if dmarc.percent else "not-aligned", told)
        elif evidence.spf_passes is False and evidence.dkim_passes is False:
            yield Note("not-authenticated", told)
        else:
            yield Note("not-aligned", told)


def _bulk(evidence: Evidence, message: Message | None, *, is_bulk: bool) -> Iterator[Note]:
    """What providers ask of mail to many: a fault where it goes to many, else good to know for an address."""
    if not evidence.route.is_known or not (is_bulk or message is None):
        return
    for provider, missing in bulk_notes_of(evidence, message):
        values = {"provider": provider, "missing": missing, "domain": evidence.domain}
        if missing and not is_bulk:
            yield Note("bulk-missing", values, is_good=True, is_news=True)
        else:
            yield Note("bulk-rules", values, is_good=not missing)


def _exchange(evidence: Evidence) -> Iterator[Note]:
    exchange, values = evidence.exchange, {"domain": evidence.domain}
    match exchange.state:
        case "good":
            yield Note("mail-hosts", {**values, "hosts": ", ".join(exchange.hosts)}, is_good=True)
        case "address-only":
            yield Note("mail-hosts", {**values, "hosts": evidence.domain}, is_good=True)
        case "null":
            yield Note("null-mx", values)
        case "unknown":
            assert exchange.failed is not None
            yield not_checked("MX", exchange.failed)
        case _:
            yield Note("unknown-domain", values)


def _answered(answer: Answer | None) -> str:
    """What was asked, and what came back."""
    if answer is None:
        return "-"
    return f"{answer.name} {answer.kind}: {', '.join(answer.records) or _SAID.get(answer.status, answer.status)}"


def _lists(evidence: Evidence) -> Iterator[Note]:
    for one in evidence.listings.listed:
        kind = "address-listed" if one.entry in evidence.addresses.servers else "domain-listed"
        yield Note(kind, {"entry": one.entry, "list": one.zone, "codes": one.codes})
    for bad in evidence.listings.unusable:
        if bad.trouble == "no-answer" and bad.failed is not None:
            yield not_checked(bad.zone, bad.failed)
        else:
            yield Note("list-not-checked", {"list": bad.zone, "said": _answered(bad.failed)})
    if evidence.listings.asked and not evidence.listings.listed:
        yield Note("lists-good", {"lists": ", ".join(dict.fromkeys(evidence.listings.asked))}, is_good=True)
