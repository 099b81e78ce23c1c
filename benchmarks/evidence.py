"""Which features of a text may be evidence of unwanted mail at all: words about the offer, not about the corpus."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[a-z]+(?:['-][a-z]+)*")

SHORTEST = 4
"""Letters of a word that may stand alone."""

GRAMMAR = """
    a about above after again all almost also always am an and another any anybody anyone anything are as at away
    back be became because become been before being below between both but by came can cannot could did do does
    doing done down during each either else enough etc even ever every everyone everything few for from get gets
    getting give given go goes going gone good got great had has have having he her here hers him his how however i
    if in into is it its itself just keep kept know known last less let like likely long look made make makes making
    many may maybe me mean means might mine more most much must my myself near need needs neither never new next no
    nobody none nor not nothing now of off often on once one ones only or other others our ours out over own part per
    perhaps put quite rather really right said same saw say says see seem seems seen several shall she should since
    so some someone something soon still such sure take taken than that the their them themselves then there these
    they thing things think this those though through thus time times to together too took toward two under until up
    upon us use used using very via want was way we well went were what when where whether which while who whole whose
    why will with within without would yes yet you your yours yourself ok please thank thanks dear hello hi mr mrs ms
    best better s t re ve ll d m o'clock
    i'm i've i'll i'd you're you've you'll you'd we're we've we'll he's she's it's that's there's they're don't
    doesn't didn't can't couldn't won't wouldn't isn't aren't wasn't weren't haven't hasn't let's what's
    first second third three four five six seven eight nine ten hundred thousand
"""
"""Words that say nothing by themselves."""

BESIDE = "your our you us me my no be now only here more up out off every all new how never not"
"""Those of them that say something beside another word, as in "remove me"."""

TIME = """
    day days today tomorrow yesterday week weeks month months year years minute minutes monday tuesday wednesday
    thursday friday saturday sunday january february march april june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec moment
"""

ABOUT_MAIL = """
    mail e-mail email e-mails emails mails message messages subject charset html head body title paragraph font address
    addresses reply replies unsubscribe unsubscribed unsubscribing subscribe subscribed subscription opt opt-in opt-out
    opted newsletter list lists sightings spamassassin spamassassin-sightings spam website websites web link links
    internet internet's domain jabber im server software computer hidden categories generator site sites
    real-time communications platform recipient sender attachment text mailing mailings call
"""
"""Words about mail, lists and programs: those of lists tell the corpus, those of a legal footer are wanted."""

ABOUT_PEOPLE = """
    suite street avenue road box city state states united country county zip code phone telephone fax number tel
    contact name names full company department manager sincerely regards madam colleagues family women men man woman
    male female girls boys people person persons christian democratic republican government federal ministry president
    senator nigeria nigerian africa african asia asian america american europe european abacha oprah norton foreign
    english national international association university school students position skills
"""
"""Words about who writes to whom from where: names, places and forms are no offence, and an address is asked for."""

EVERYDAY = """
    letter form communication communications activities activity involved carefully step decision passed bought safety
    pleasure wish meet apologize tell feel find indicate include require instructions convenience represent categories
    specifications compliance confidentiality confidential intended purposes party third privacy policy copyright
    reserved rights terms receive received sent send sold orders ordered account accounts billing bills transaction
    document direct state miles arena driving travel sleep step minute capital gold objectives goals associate
    associates participants establish prepared searching concerning requesting attained strongly skeptical treat
    customer customers service services information info united legal law laws section type field feedback learn visa
    mastercard express home house food car cars auto tobacco movies drug energy industry industries interested interest
    military officials north south east west hence modalities faithfully medical estate properties equipment material
    required receipt payment paid sending contacts minimum firm ourselves nbsp dedicated consulting agents cost
    criteria hundreds thousands await considered growing fill instead notice professional
    professionals subscriber subscribers engines postal mother twenty seconds homes arrest term programs program train
    processed balance supply instruction monthly individuals payments payable obtained provide partner partners super
    rated advised participate
"""
"""Words of honest mail, receipts and legal notes that happen to be more frequent in the unwanted mail of 2002."""

TRADE = """
    bank insurance financial fund funds credit rates rate loss risk health retail trading checks fees expenses contracts
    assets benefit benefits commission investments savings equity agencies buyers lenders premium cancer magazine kindly
    consultation database exercise expense proposal membership certified qualified weight natural brand gift increase
    increased reduce maximum methods facts confidence obligation cards account estate forward paying herbal tobacco
"""
"""What a bank, a shop or a doctor writes about by trade: alone it is no offence, beside another word it may be one."""

FOOTERS = """
    spamassassin spamassassin-sightings sightings deathtospamdeathtospamdeathtospam jabber im unsubscribe abacha oprah
    norton font nbsp real-time world's fastest estate professionals
"""
"""What stands in footers of lists and in leftovers of the corpus; no pair with it says anything either."""

_GRAMMAR, _BESIDE, _FOOTERS = frozenset(GRAMMAR.split()), frozenset(BESIDE.split()), frozenset(FOOTERS.split())
_SILENT = _GRAMMAR.union(TIME.split(), ABOUT_MAIL.split(), ABOUT_PEOPLE.split(), EVERYDAY.split(), TRADE.split())


def is_evidence(feature: str) -> bool:
    """Whether a person would take `feature` as a sign of unwanted mail; style always may be one."""
    if feature.endswith(">"):
        return True
    words = feature.removeprefix("subject: ").split()
    if any(word in _FOOTERS or not _PLAIN.fullmatch(word) for word in words) or _SILENT.issuperset(words):
        return False
    return len(words[0]) >= SHORTEST if len(words) == 1 else _BESIDE.issuperset(_GRAMMAR.intersection(words))
