"""Names that phishing borrows most, and the domains that they send from.

An own, short list: names that recur in the yearly lists of imitated brands (APWG, Check Point, Cloudflare) and in the
warnings of Dutch banks, shops and authorities (Fraudehelpdesk, Veiliginternetten). Domains are those the owners name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from spamlint.domains import main_label
from spamlint.lookalikes import plain, skeleton

DISTINCT: Final[Mapping[str, str]] = {
    # payment, banks
    "paypal": "paypal paypal-communication paypal-brandengagement xoom.com", "mastercard": "mastercard",
    "americanexpress": "americanexpress aexp.com amex", "amex": "americanexpress aexp.com amex",
    "wellsfargo": "wellsfargo wellsfargoadvisors.com", "bankofamerica": "bankofamerica bofa.com",
    "capitalone": "capitalone", "jpmorgan": "jpmorgan jpmchase.com", "hsbc": "hsbc", "barclays": "barclays",
    "bnpparibas": "bnpparibas bnpparibasfortis", "bradesco": "bradesco bradescoseguros.com.br",
    "itau": "itau itau-unibanco.com.br", "nubank": "nubank", "sparkasse": "sparkasse sparkasse.de",
    "commerzbank": "commerzbank", "deutschebank": "deutsche-bank db.com", "postbank": "postbank",
    "abnamro": "abnamro", "rabobank": "rabobank", "asnbank": "asnbank devolksbank.nl", "snsbank": "sns snsbank",
    "knab": "knab", "triodos": "triodos", "bunq": "bunq", "icscards": "icscards",
    "kbcbank": "kbc", "belfius": "belfius", "revolut": "revolut", "klarna": "klarna",
    "coinbase": "coinbase", "binance": "binance", "metamask": "metamask", "trustwallet": "trustwallet",
    "bitvavo": "bitvavo", "blockchaincom": "blockchain.com", "ledgerwallet": "ledger", "bitpanda": "bitpanda",
    # mail, software, networks
    "microsoft": "microsoft microsoftonline.com office.com office365.com outlook.com live.com sharepointonline.com "
    "azure.com xbox.com bing.com skype.com windows.com microsoftemail.com microsoftstoreemail.com msn.com",
    "office365": "microsoft microsoftonline.com office365.com office.com sharepointonline.com",
    "microsoft365": "microsoft microsoftonline.com office365.com office.com sharepointonline.com",
    "onedrive": "microsoft onedrive.com sharepointonline.com", "sharepoint": "microsoft sharepointonline.com",
    "googledrive": "google", "googleplay": "google", "gmail": "google gmail.com",
    "icloud": "apple icloud.com me.com", "appleid": "apple", "applepay": "apple",
    "facebook": "facebook facebookmail.com meta.com fb.com", "instagram": "instagram facebookmail.com meta.com",
    "whatsapp": "whatsapp facebookmail.com meta.com", "linkedin": "linkedin", "tiktok": "tiktok", "snapchat": "snapchat",
    "youtube": "youtube google", "netflix": "netflix", "spotify": "spotify spotifymail.com",
    "disneyplus": "disneyplus.com disney", "primevideo": "amazon primevideo.com", "dropbox": "dropbox dropboxmail.com",
    "docusign": "docusign", "adobesign": "adobe adobesign.com", "wetransfer": "wetransfer", "paypalservice": "paypal",
    "mcafeesecurity": "mcafee", "nortonlifelock": "norton.com nortonlifelock.com", "kaspersky": "kaspersky",
    "godaddy": "godaddy", "roblox": "roblox",
    # shops, parcels, telephone
    "amazon": "amazon amazonaws.com amazonses.com audible primevideo.com a2z.com", "aliexpress": "aliexpress alibaba",
    "ebay": "ebay", "walmart": "walmart", "costco": "costco", "homedepot": "homedepot", "lidl": "lidl", "aldi": "aldi "
    "aldi-nord.de aldi-sued.de", "ikea": "ikea", "mediamarkt": "mediamarkt mediamarktsaturn.com", "louisvuitton": "louisvuitton",
    "dhl": "dhl dpdhl.com deutschepost.de", "fedex": "fedex", "usps": "usps usps.com", "dpd": "dpd", "correios": "correios",
    "hermesworld": "hermesworld.com myhermes", "postnl": "postnl", "bpost": "bpost", "royalmail": "royalmail",
    "canadapost": "canadapost canadapost-postescanada postescanada", "bolcom": "bol", "coolblue": "coolblue",
    "wehkamp": "wehkamp", "zalando": "zalando", "albertheijn": "ah", "jumbosupermarkten": "jumbo", "kruidvat": "kruidvat",
    "marktplaats": "marktplaats", "thuisbezorgd": "thuisbezorgd takeaway.com justeattakeaway.com", "ziggo": "ziggo "
    "vodafoneziggo", "vodafone": "vodafone vodafoneziggo", "tmobile": "t-mobile telekom.de odido", "odido": "odido",
    "bookingcom": "booking", "airbnb": "airbnb", "libertymutual": "libertymutual libertymutual.com", "carshield": "carshield",
    # government
    "belastingdienst": "belastingdienst rijksoverheid toeslagen", "digid": "digid logius rijksoverheid",
    "mijnoverheid": "overheid mijnoverheid logius rijksoverheid", "cjib": "cjib", "kvk": "kvk",
    "hmrc": "hmrc.gov.uk gov.uk", "elster": "elster", "impots": "impots.gouv.fr gouv.fr",
    "fgov": "fgov.be", "itsme": "itsme itsme-id.com",
}  # fmt: skip
"""Joined name -> the domains that may say it: a label (under country endings, .com, .net, .org), or a whole domain."""

WORDS: Final[Mapping[str, str]] = {
    "amazonprime": "amazon", "prime": "amazon", "apple": "apple", "google": "google youtube", "meta": "meta.com facebook",
    "visa": "visa", "chase": "chase jpmchase.com", "citi": "citi citibank", "citibank": "citi citibank", "santander": "santander",
    "ing": "ing", "sns": "sns", "asn": "asnbank", "kbc": "kbc", "argenta": "argenta", "caixa": "caixa.gov.br caixabank",
    "norton": "norton nortonlifelock.com symantec.com gendigital.com", "mcafee": "mcafee", "avast": "avast", "ledger": "ledger",
    "outlook": "microsoft outlook.com", "office": "microsoft office.com", "adobe": "adobe", "ups": "ups upsemail.com",
    "gls": "gls gls-group.eu gls-group.com", "hermes": "hermesworld.com myhermes hermes", "evri": "evri", "tnt": "tnt fedex",
    "bol": "bol", "hema": "hema", "jumbo": "jumbo", "gamma": "gamma", "action": "action", "kpn": "kpn kpnmail.nl",
    "orange": "orange", "target": "target", "shell": "shell", "disney": "disney disneyplus.com", "zoom": "zoom zoom.us",
    "eneco": "eneco", "ideal": "ideal", "steam": "steampowered.com valvesoftware.com", "duo": "duo", "irs": "irs.gov",
    "telegram": "telegram", "essent": "essent", "vattenfall": "vattenfall", "svb": "svb", "uwv": "uwv", "cak": "hetcak",
    "netto": "netto netto-online.de", "rewe": "rewe", "otto": "otto", "telekom": "telekom", "fressnapf": "fressnapf maxizoo",
}  # fmt: skip
"""The same for names that are also words, surnames or places: only where nothing else stands beside them."""

NEUTRAL: Final = frozenset(
    """
    account accounts alert alerts and bank banking billing bv bv. care center centre club com company corp corporation
    customer customers delivery department desk de en eu for from gmbh group help inc info international internet klanten
    klantenservice kundenservice limited llc login ltd mail mailer manager member members message nederland netherlands
    news newsletter nl notice notification notifications official online order orders parcel password payment payments
    post premium protection reminder renewal rewards sa safety secure security service services servicedesk shipping
    aviso banco banque coupon coupons dos entrega equipe gutschein guthaben kundenservice opinion paket pakket
    recompensas requested servicio survey taxa voordeel winner
    shop store subscription support team the tracking uk update updates us usa verification
    """.split()
)
"""Words beside a name that do not make it somebody else's."""

_BETWEEN = re.compile(r"[^a-z0-9+]+")
_SIGNS = re.compile("[™®©℠]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_NAME = 200
_MOST_WORDS = 4


def owned_by(domain: str, owned: str) -> bool:
    """Whether `domain` is one of the domains in `owned`, a value of the tables."""
    label = main_label(domain)
    return any(
        domain == own or domain.endswith("." + own) if "." in own else label == own for own in owned.split()
    )


def brand_in(name: str) -> tuple[str, str, bool] | None:
    """The brand that a display name claims to be, with its domains, and whether it says little else.

    "PayPal via Bakery" says that somebody else sends it, and claims nothing.
    """
    shown = _SIGNS.sub("", name[:_LONGEST_NAME])
    plain_words = list(filter(None, _BETWEEN.split(plain(shown))))
    for words in (plain_words, list(filter(None, _BETWEEN.split(plain(_CAMEL.sub(" ", shown)))))):
        for start, stop, joined in _runs(words):
            others = words[:start] + words[stop:]
            if "via" in others:
                continue
            alone = all(word in NEUTRAL or word.isdigit() for word in others)
            owned = DISTINCT.get(joined) or (WORDS.get(joined) if alone else None) or _mistaken(joined)
            if owned:
                return " ".join(words[start:stop]), owned, alone
    return None


def _runs(words: list[str]) -> Iterator[tuple[int, int, str]]:
    """Each run of neighbouring words, longest first, joined."""
    for length in range(min(_MOST_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield start, start + length, "".join(words[start : start + length])


@cache
def skeletons() -> Mapping[str, str]:
    """Skeleton -> name, for the names of five letters and more that are no words."""
    return {skeleton(name): name for name in DISTINCT if len(name) >= 5}


def _mistaken(joined: str) -> str | None:
    """The domains of the name that `joined` can be mistaken for, where it is written with other characters."""
    name = skeletons().get(skeleton(joined)) if len(joined) >= 5 else None
    return DISTINCT[name] if name else None


def imitated_by(domain: str) -> tuple[str, str] | None:
    """The brand that a domain in readable form imitates, and how: "letters", "inside" or "front"."""
    from spamlint.lookalikes import one_off

    labels = domain.lower().split(".")
    for label in labels[:-1]:
        folded, bare = skeleton(label), plain(label)
        name = skeletons().get(folded)
        if name and (label != name or not label.isascii()) and not owned_by(domain, DISTINCT[name]):
            return name, "letters"
        if len(bare) >= 7 and bare not in DISTINCT:
            near = next((one for one in DISTINCT if len(one) >= 6 and one[0] == bare[0] and one_off(bare, one)), None)
            if near and not owned_by(domain, DISTINCT[near]):
                return near, "letters"
        joined = bare.replace("-", "")
        if joined != bare and joined in DISTINCT and not owned_by(domain, DISTINCT[joined]):
            return joined, "inside"
        for word in re.split(r"[-_]", bare) if "-" in bare or "_" in bare else ():
            if word in DISTINCT and len(word) >= 5 and not owned_by(domain, DISTINCT[word]):
                return word, "inside"
    for index, label in enumerate(labels[:-2]):
        if label in DISTINCT and labels[index + 1] in ("com", "nl", "net", "org", "de", "co") and index + 2 < len(labels):
            if not owned_by(domain, DISTINCT[label]):
                return label, "front"
    return None
