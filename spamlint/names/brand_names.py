"""Names that phishing borrows most, and the domains that they send from, as lines of text.

An own, short list: names that recur in the yearly lists of imitated brands (APWG, Check Point, Cloudflare) and in the
warnings of Dutch banks, shops and authorities (Fraudehelpdesk, Veiliginternetten). Domains are those the owners name.

A line is a name, joined, and the domains that may say it: a label (under the endings of countries, .com, .net and
.org), or a whole domain.
"""

from __future__ import annotations

DISTINCT = """
paypal: paypal paypal-communication paypal-brandengagement xoom.com
mastercard: mastercard
americanexpress: americanexpress aexp.com amex
amex: americanexpress aexp.com amex
wellsfargo: wellsfargo wellsfargoadvisors.com
bankofamerica: bankofamerica bofa.com
capitalone: capitalone
jpmorgan: jpmorgan jpmchase.com
hsbc: hsbc
barclays: barclays
bnpparibas: bnpparibas bnpparibasfortis
bradesco: bradesco bradescoseguros.com.br
itau: itau itau-unibanco.com.br
nubank: nubank
sparkasse: sparkasse sparkasse.de
commerzbank: commerzbank
deutschebank: deutsche-bank db.com
postbank: postbank
abnamro: abnamro
rabobank: rabobank
asnbank: asnbank devolksbank.nl
snsbank: sns snsbank
knab: knab
triodos: triodos
bunq: bunq
icscards: icscards
kbcbank: kbc
belfius: belfius
revolut: revolut
klarna: klarna
coinbase: coinbase
binance: binance
metamask: metamask
trustwallet: trustwallet
bitvavo: bitvavo
blockchaincom: blockchain.com
ledgerwallet: ledger
bitpanda: bitpanda
microsoft: microsoft microsoftonline.com office.com office365.com sharepointonline.com azure.com xbox.com skype.com
office365: microsoft microsoftonline.com office365.com office.com sharepointonline.com
microsoft365: microsoft microsoftonline.com office365.com office.com sharepointonline.com
onedrive: microsoft onedrive.com sharepointonline.com
sharepoint: microsoft sharepointonline.com
googledrive: google
googleplay: google
gmail: google
icloud: apple
appleid: apple
applepay: apple
facebook: facebook facebookmail.com meta.com fb.com
instagram: instagram facebookmail.com meta.com
whatsapp: whatsapp facebookmail.com meta.com
linkedin: linkedin
tiktok: tiktok
snapchat: snapchat
youtube: youtube google
netflix: netflix
spotify: spotify spotifymail.com
disneyplus: disneyplus.com disney
primevideo: amazon primevideo.com
dropbox: dropbox dropboxmail.com
docusign: docusign
adobesign: adobe adobesign.com
wetransfer: wetransfer
nortonlifelock: norton.com nortonlifelock.com
kaspersky: kaspersky
godaddy: godaddy
roblox: roblox
amazon: amazon audible primevideo.com a2z.com
aliexpress: aliexpress alibaba
ebay: ebay
walmart: walmart
costco: costco
homedepot: homedepot
lidl: lidl
aldi: aldi aldi-nord.de aldi-sued.de
ikea: ikea
mediamarkt: mediamarkt mediamarktsaturn.com
louisvuitton: louisvuitton
dhl: dhl dpdhl.com deutschepost.de
fedex: fedex
usps: usps usps.com
dpd: dpd
correios: correios
hermesworld: hermesworld.com myhermes
postnl: postnl
bpost: bpost
royalmail: royalmail
canadapost: canadapost canadapost-postescanada postescanada
bolcom: bol
coolblue: coolblue
wehkamp: wehkamp
zalando: zalando
albertheijn: ah
jumbosupermarkten: jumbo
kruidvat: kruidvat
marktplaats: marktplaats
thuisbezorgd: thuisbezorgd takeaway.com justeattakeaway.com
ziggo: ziggo vodafoneziggo
vodafone: vodafone vodafoneziggo
tmobile: t-mobile telekom.de odido
odido: odido
bookingcom: booking
airbnb: airbnb
libertymutual: libertymutual libertymutual.com
carshield: carshield
belastingdienst: belastingdienst rijksoverheid toeslagen
digid: digid logius rijksoverheid
mijnoverheid: overheid mijnoverheid logius rijksoverheid
cjib: cjib
kvk: kvk
hmrc: hmrc.gov.uk gov.uk
elster: elster
impots: impots.gouv.fr gouv.fr
fgov: fgov.be
itsme: itsme itsme-id.com
"""
"""Names that mean one thing wherever they stand."""

WORDS = """
amazonprime: amazon
apple: apple
google: google youtube
meta: meta.com facebook
visa: visa
chase: chase jpmchase.com
citi: citi citibank
citibank: citi citibank
santander: santander
ing: ing
sns: sns
asn: asnbank
kbc: kbc
argenta: argenta
caixa: caixa.gov.br caixabank
norton: norton nortonlifelock.com symantec.com gendigital.com
mcafee: mcafee
avast: avast
ledger: ledger
outlook: microsoft
adobe: adobe
ups: ups upsemail.com
gls: gls gls-group.eu gls-group.com
hermes: hermesworld.com myhermes hermes
evri: evri
tnt: tnt fedex
bol: bol
hema: hema
jumbo: jumbo
gamma: gamma
kpn: kpn
orange: orange
shell: shell
disney: disney disneyplus.com
zoom: zoom zoom.us
eneco: eneco
ideal: ideal
steam: steampowered.com valvesoftware.com
duo: duo
irs: irs.gov
telegram: telegram
essent: essent
vattenfall: vattenfall
svb: svb
uwv: uwv
cak: hetcak
netto: netto netto-online.de
rewe: rewe
telekom: telekom
fressnapf: fressnapf maxizoo
"""
"""Names that are also words, surnames or places: they count only where nothing else stands beside them."""

NEUTRAL = """
account accounts alert alerts and aviso banco bank banking banque billing bv care center centre club com company corp
corporation coupon coupons customer customers de delivery department desk dos en entrega equipe eu for from gmbh group
guthaben gutschein help inc info international internet klanten klantenservice kundenservice limited llc login ltd
mail mailer manager member members message nederland netherlands news newsletter nl notice notification notifications
official online opinion order orders paket pakket parcel password payment payments post premium protection recompensas
reminder renewal requested rewards sa safety secure security service servicedesk services servicio shipping shop store
subscription support survey taxa team the tracking uk update updates us usa verification voordeel winner
"""
"""Words beside a name that do not make it somebody else's."""
