"""What is said about records beside the findings: what they say, and which are not there but need not be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from spamlint.verdict import Language

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "spf-record": "{record} (DNS lookups: {lookups} of {limit})",
        "dkim-key": "{name}: {algorithm}, {bits} bits",
        "no-selector": "not looked at: the DNS does not tell which keys there are; name one with --selector",
        "dmarc-record": "{record} (receivers are asked to {policy} what fails)",
        "dmarc-watching": "{record} (receivers are asked for reports only)",
        "mta-sts-absent": "no MTA-STS: servers that send to {domain} may be talked out of TLS on the way; not needed "
        "for sending",
        "mta-sts-record": "MTA-STS is published; its policy is at {url} (--https fetches and checks it)",
        "mta-sts-enforce": "MTA-STS: mail to {domain} is delivered over TLS with a right certificate only; the policy "
        "is remembered for {days} days",
        "mta-sts-testing": "MTA-STS is being tested: failures are reported, and mail to {domain} is delivered all the "
        "same; the policy is remembered for {days} days",
        "mta-sts-none": "MTA-STS is being withdrawn: the policy asks for nothing",
        "tls-rpt-absent": "no TLS-RPT: nobody reports when TLS to {domain} fails",
        "tls-rpt-record": "TLS-RPT: reports on failed TLS to {domain} go to {addresses}",
        "bimi-absent": "no BIMI: mail programs show no logo of {domain}; not needed for sending",
        "bimi-declined": "BIMI: {domain} says that it wants no logo shown",
        "bimi-record": "BIMI: the logo of {domain} is at {uri}",
        "result right": "no fault found",
        "result notes": "right, with remarks",
        "result wrong": "has faults",
        "result unknown": "not everything could be checked",
    },
    "nl": {
        "spf-record": "{record} (DNS-vragen: {lookups} van {limit})",
        "dkim-key": "{name}: {algorithm}, {bits} bits",
        "no-selector": "niet bekeken: de DNS zegt niet welke sleutels er zijn; noem er een met --selector",
        "dmarc-record": "{record} (ontvangers wordt gevraagd: {policy} voor wat faalt)",
        "dmarc-watching": "{record} (ontvangers wordt alleen om rapporten gevraagd)",
        "mta-sts-absent": "geen MTA-STS: servers die naar {domain} versturen, kunnen onderweg van TLS af worden "
        "gehouden; voor het versturen niet nodig",
        "mta-sts-record": "MTA-STS is gepubliceerd; het beleid staat op {url} (--https haalt het op en kijkt het na)",
        "mta-sts-enforce": "MTA-STS: mail aan {domain} wordt alleen over TLS met een goed certificaat bezorgd; het "
        "beleid wordt {days} dagen onthouden",
        "mta-sts-testing": "MTA-STS wordt geprobeerd: fouten worden gemeld, en mail aan {domain} wordt toch bezorgd; "
        "het beleid wordt {days} dagen onthouden",
        "mta-sts-none": "MTA-STS wordt ingetrokken: het beleid vraagt niets",
        "tls-rpt-absent": "geen TLS-RPT: niemand meldt het als TLS naar {domain} mislukt",
        "tls-rpt-record": "TLS-RPT: rapporten over mislukte TLS naar {domain} gaan naar {addresses}",
        "bimi-absent": "geen BIMI: mailprogramma's tonen geen logo van {domain}; voor het versturen niet nodig",
        "bimi-declined": "BIMI: {domain} zegt dat het geen logo getoond wil hebben",
        "bimi-record": "BIMI: het logo van {domain} staat op {uri}",
        "result right": "geen fout gevonden",
        "result notes": "goed, met opmerkingen",
        "result wrong": "heeft fouten",
        "result unknown": "niet alles kon worden nagekeken",
    },
}


def say(language: Language, key: str, values: Mapping[str, object] | None = None) -> str:
    """The words for `key`, filled in."""
    return WORDS[language][key].format(**(values or {}))
