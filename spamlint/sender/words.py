"""What is said about a route beside the findings, in English and in Dutch: what is well, and the letter."""

from __future__ import annotations

from collections.abc import Mapping

from spamlint.verdict import Language

_ENGLISH = {
    "reverse-good": "every sending address has a name that leads back to it: {names}",
    "helo-good": "the servers greet with {helo}, a name of their own",
    "spf-good": "SPF passes for {ips}: {term} in the record of {domain}",
    "spf-aligned": "SPF is aligned: {domain} speaks for {from}",
    "spf-not-aligned": "SPF is not aligned: it is about {domain}, and From is at {from}, so DMARC does not count it",
    "dkim-key-good": "the DKIM key at {name} is there: {algorithm}, {bits} bits",
    "dkim-signature-good": "the signature of {domain} is valid (selector {selector})",
    "dkim-covers": "of what has to be signed, a signature on this route would cover: {fields}",
    "dmarc-good": "DMARC passes by {by}; the policy of {domain} for other mail is {policy}",
    "dmarc-policy": "the policy of {domain} for mail that fails DMARC is {policy}",
    "dmarc-policy-in-part": "the policy of {domain} for mail that fails DMARC is {policy}, {mildest} for a part of it",
    "bulk-missing": "{provider} would not take mailings to many on this route: {missing} is missing",
    "no-fault": "no fault found",
    "mail-hosts": "mail for {domain} goes to {hosts}",
    "lists-good": "no entry on {lists}",
    "bulk-rules": "{provider} would take mailings on this route",
    "route": "{address} on the route {route}",
    "no-route": "{address}",
    "pass": "accepted",
    "warn": "with reserve",
    "block": "refused",
    "incomplete": "not everything could be checked",
    "publish": "To publish",
    "now": "now: {record}",
    "lookups": "DNS lookups of the record: {lookups} of 10",
    "over": "too many: receivers give up on it; take out what is no longer used, or name addresses with ip4: and ip6:",
    "long": "{length} characters: where a form takes 255 at most, in several quoted pieces of one record",
    "not-enough": "with this record alone the route does not pass yet",
    "key": "{key} stands for the key that the sending service shows you",
    "own-server": "Or send through the mail server of {domain} itself.",
    "own-server-at": "Or send through the mail server of {domain} itself (its mail goes to {hosts}).",
    "envelope": "Or let the service use a return path (MAIL FROM) below {domain} in place of {envelope}.",
    "letter": "Letter to the administrator of {domain}",
    "hello": "Hello,",
    "because-fail": "we send mail as {address} through {service}. Receivers refuse it or put it among the spam, "
    "because the DNS of {domain} does not say that this service may send for it.",
    "because": "we send mail as {address} through {service}. For receivers to trust it, the DNS of {domain} has to say "
    "more.",
    "please": "Would you publish the following?",
    "add": "Add this TXT record:",
    "replace": "Replace this TXT record; there may be only one of its kind:",
    "merge": "Replace all records of this kind by this one; there may be only one:",
    "name": "Name",
    "old": "Old value",
    "new": "New value",
    "thanks": "It takes effect when the old record has run out (its TTL). Thank you!",
    "nothing": "Nothing is to be published.",
    "unknown-service": "servers of our own choice",
}
_DUTCH = {
    "reverse-good": "elk verzendadres heeft een naam die ernaar terugleidt: {names}",
    "helo-good": "de servers groeten met {helo}, hun eigen naam",
    "spf-good": "SPF slaagt voor {ips}: {term} in het record van {domain}",
    "spf-aligned": "SPF sluit aan: {domain} staat in voor {from}",
    "spf-not-aligned": "SPF sluit niet aan: het gaat over {domain}, en From is van {from}, dus DMARC telt het niet",
    "dkim-key-good": "de DKIM-sleutel bij {name} is er: {algorithm}, {bits} bits",
    "dkim-signature-good": "de handtekening van {domain} is geldig (selector {selector})",
    "dkim-covers": "van wat ondertekend moet zijn, dekt een handtekening op deze route: {fields}",
    "dmarc-good": "DMARC slaagt door {by}; het beleid van {domain} voor andere mail is {policy}",
    "dmarc-policy": "het beleid van {domain} voor mail die voor DMARC zakt, is {policy}",
    "dmarc-policy-in-part": "het beleid van {domain} voor mail die voor DMARC zakt, is {policy}, deels {mildest}",
    "bulk-missing": "{provider} zou mailings aan velen op deze route niet aannemen: {missing} ontbreekt",
    "no-fault": "geen fout gevonden",
    "mail-hosts": "mail voor {domain} gaat naar {hosts}",
    "lists-good": "staat niet op {lists}",
    "bulk-rules": "{provider} zou mailings op deze route aannemen",
    "route": "{address} op de route {route}",
    "no-route": "{address}",
    "pass": "aangenomen",
    "warn": "met voorbehoud",
    "block": "geweigerd",
    "incomplete": "niet alles kon worden gecontroleerd",
    "publish": "Te publiceren",
    "now": "nu: {record}",
    "lookups": "DNS-vragen van het record: {lookups} van 10",
    "over": "te veel: ontvangers geven het op; haal weg wat niet meer nodig is, of noem adressen met ip4: en ip6:",
    "long": "{length} tekens: waar een formulier er hoogstens 255 aanneemt, in meer stukken tussen aanhalingstekens",
    "not-enough": "met alleen dit record slaagt de route nog niet",
    "key": "{key} staat voor de sleutel die de verzenddienst u toont",
    "own-server": "Of verstuur via de mailserver van {domain} zelf.",
    "own-server-at": "Of verstuur via de mailserver van {domain} zelf (mail ervoor gaat naar {hosts}).",
    "envelope": "Of laat de dienst een retouradres (MAIL FROM) onder {domain} gebruiken in plaats van {envelope}.",
    "letter": "Brief aan de beheerder van {domain}",
    "hello": "Goedendag,",
    "because-fail": "wij versturen mail als {address} via {service}. Ontvangers weigeren die of leggen haar bij de "
    "spam, omdat de DNS van {domain} niet zegt dat deze dienst ervoor mag verzenden.",
    "because": "wij versturen mail als {address} via {service}. Om ontvangers die te laten vertrouwen, moet de DNS van "
    "{domain} meer zeggen.",
    "please": "Wilt u het volgende publiceren?",
    "add": "Voeg dit TXT-record toe:",
    "replace": "Vervang dit TXT-record; er mag er maar één van deze soort zijn:",
    "merge": "Vervang alle records van deze soort door dit ene; er mag er maar één zijn:",
    "name": "Naam",
    "old": "Oude waarde",
    "new": "Nieuwe waarde",
    "thanks": "Het werkt zodra het oude record is verlopen (de TTL ervan). Dank u wel!",
    "nothing": "Er is niets te publiceren.",
    "unknown-service": "servers naar eigen keuze",
}
_WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "nl": _DUTCH}


def words(language: Language) -> Mapping[str, str]:
    """The phrases in that language, by their keys."""
    return _WORDS[language]
