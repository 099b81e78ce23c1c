"""Names of services that many people share, as lines of text: who hides an address, tracks clicks, keeps pages.

Own lists from the services' own pages. Peers keep longer ones, many of whose entries are gone: SpamAssassin's
25_url_shortener.cf, the static files of sublime-security. A name is a domain, and stands for all hosts inside it.
"""

SHORTENERS = """
0rz.tw 2no.co 3.ly acortar.link adf.ly amzn.to bit.do bit.ly bitly.com bl.ink bom.so buff.ly chilp.it clck.ru conta.cc
cutt.ly dub.sh encurtador.com.br fb.me gg.gg goo.gl goo.su is.gd j.mp kurzelinks.de kutt.it l1nk.dev lc.chat lihi.cc
lihi1.com lihi2.cc lnk.bio lnk.to lnkd.in me2.do n9.cl ouo.io ow.ly page.link qr.ae qrco.de qrfy.io qrs.ly rb.gy
rebrand.ly reurl.cc s.id s.yam.com share.google short.gy short.io shorte.st shorter.me shorturl.asia shorturl.at
shrtco.de snip.ly soo.gd surl.li t.co t.ly t.ng t1p.de tiny.cc tiny.ee tiny.one tiny.pl tinylink.net tinyurl.com
tinyurl.ph tny.im tr.ee trib.al tw.gs u.to ulvis.net urls.fr urlz.fr v.gd vk.cc vurl.com wa.link wp.me x.gd xurl.es
zws.im
"""
"""Services that hide an address behind a short one."""

TRACKERS = """
acemlna.com acemlnb.com acemlnc.com acemlnd.com activehosted.com adj.st agnitas.de app.link appsflyer.com awstrack.me
benchmarkemail.com bmetrack.com bnc.lt braze.com brevo.com bronto.com bsft.io campaign-archive.com campaignmonitor.com
cheetahmail.com clang.nl cleverreach.com clicktime.symantec.com cmail1.com cmail19.com cmail2.com cmail20.com
cmail3.com constantcontact.com convertkit-mail.com convertkit-mail2.com convertkit-mail3.com convertkit-mail4.com
copernica.com createsend.com createsend1.com cudasvc.com customer.io customeriomail.com customeriotracking.com
deployteq.net dotdigital-pages.com doubleclick.net drip.com eloqua.com emailoctopus.com emarsys.net embluemail.com
emlnk.com emlnk1.com emlnk9.com emltrk.com en25.com enormail.eu exacttarget.com exct.net feedburner.com fireeye.com
flexmail.eu freshmail.com getresponse.com getresponse360.com hs-sites.com hsforms.com hubspot.com hubspotemail.net
hubspotlinks.com hubspotlinksfree.com hubspotstarter.net icptrack.com infusionmail.com inxmail.com iterable.com
jangomail.com keap-link001.com keap-link002.com kit-mail.com kit-mail2.com kit-mail3.com klaviyo.com klaviyomail.com
klclick.com klclick1.com klclick2.com klclick3.com laposta.nl list-manage.com list-manage1.com list-manage2.com
mailblue.nl mailcamp.nl mailcampaigns.nl mailchi.mp mailchimp.com mailerlite.com mailersend.net mailgun.net
mailgun.org mailjet.com maillist-manage.com maillist-manage.eu mailmunch.com mailplus.nl mailtrack.io mailup.com
mandrillapp.com mapp.com marketo.com measuremail.com mimecast.com mimecastprotect.com mjt.lu mjtlink.com mkt41.net
mktomail.com mktoweb.com mlsend.com mlsend2.com mlsend3.com moengage.com msgfocus.com mtasv.net myngp.com
newsletter2go.com ngpvan.com omnisend.com omnisendlink.com onesignal.com outreach.io pardot.com patreonmail.com
postmarkapp.com pphosted.com proofpoint.com pstmrk.it qualtrics.com rapidmail.de responsys.net rs6.net
safelinks.protection.outlook.com sailthru.com salesloft.com salesloftlinks.com sendgrid.info sendgrid.net sendibm1.com
sendibm2.com sendibm3.com sendibt1.com sendibt2.com sendibt3.com sendinblue.com sendpulse.com sendy.co serienmailer.de
sharpspring.com silverpop.com simplycast.com smartemailing.cz sophos.com sp1-brevo.net sparkpostmail.com
sparkpostmail2.com spotler.com substack.com swiftpage.com tinyletter.com track.pstmrk.it trendmicro.com ubivox.com
unisender.com urldefense.com urldefense.us urlsand.com vadesecure.com verticalresponse.com vuture.net webpower.eu
ymlp.com zcsend.com zoho-mail.com
"""
"""Click tracking of mailing services, and gateways of recipients that write every link anew: both lead through hosts of
their own."""

STORAGE = """
4everland.io aliyuncs.com amazonaws.com appdomain.cloud backblazeb2.com blob.core.windows.net cloudflare-ipfs.com
cloudflarestorage.com contabostorage.com digitaloceanspaces.com dweb.link firebasestorage.googleapis.com fleek.co
gateway.pinata.cloud googleusercontent.com infura-ipfs.io ipfs.io linodeobjects.com mypinata.cloud myqcloud.com
nftstorage.link objectstorage.oraclecloud.com on-fleek.app pinata.cloud r2.dev scw.cloud storage.googleapis.com
storage.yandexcloud.net vultrobjects.com w3s.link wasabisys.com web.core.windows.net
"""
"""Storage of files and IPFS gateways, where anybody puts a page under a name that belongs to the provider."""

SITES = """
000webhostapp.com adobesites.com altervista.org amplifyapp.com appspot.com atwebpages.com azurecontainerapps.io
azurefd.net azurestaticapps.net azurewebsites.net beacons.ai blogspot.com bubbleapps.io byethost.com canva.site
carrd.co cloudapp.azure.com cloudapp.net cloudfunctions.net cloudwaysapps.com cprapid.com csb.app ddns.net deno.dev
duckdns.org dynv6.net epizy.com firebaseapp.com fly.dev framer.app framer.website free.nf freehosting.com glitch.me
godaddysites.com great-site.net herokuapp.com hopto.org hostingersite.com infinityfreeapp.com is-best.net
jimdofree.com jimdosite.com kesug.com linktr.ee lovable.app lovestoblog.com myfreesites.net myftp.org netlify.app
ngrok-free.app ngrok.app ngrok.io nip.io notion.site onrender.com pages.dev pantheonsite.io plesk.page
preview-domain.com pythonanywhere.com railway.app repl.co replit.app replit.dev rf.gd run.app serveo.net
sites.google.com square.site sslip.io strikingly.com surge.sh taplink.cc tempurl.host translate.goog trycloudflare.com
typedream.app ucraft.net vercel.app web.app webcindario.com webflow.io webnode.page weebly.com weeblysite.com
wixsite.com wixstudio.com workers.dev wuaze.com x10.mx yolasite.com
"""
"""Free sites, site builders and hosts for trying things out, where a page is up in minutes and its owner unknown. Those
that mostly hold the pages of programmers and shops are left out."""

FORMS = """
123formbuilder.com airtable.com cognitoforms.com formaloo.com formbold.com formcrafts.com formplus.co forms.app
forms.gle forms.monday.com forms.office.com forms.yandex.com forms.zoho.com forms.zohopublic.com formspree.io
formstack.com jotform.com jotform.me paperform.co surveyheart.com surveymonkey.com tally.so typeform.com wufoo.com
zfrmz.com
"""
"""Services where anybody makes a form that asks for anything."""

REDIRECTORS = """
adclick.g.doubleclick.net/ ampproject.org/ baidu.com/link bing.com/aclk bing.com/ck/ deref-gmx.net/ deref-web.de/
duckduckgo.com/l/ exit.sc/ facebook.com/flx/warn google/aclk google/amp google/imgres google/local_url
google/search?btni google/travel/clk google/url googleads.g.doubleclick.net/ googleadservices.com/pagead
googleweblight.com/ href.li/ l.facebook.com/l.php l.instagram.com/ linkedin.com/redir linkedin.com/safety/go
linkedin.com/slink lm.facebook.com/l.php medium.com/r/ out.reddit.com/ pixiv.net/jump.php r.search.yahoo.com/
slack-redir.net/ steamcommunity.com/linkfilter tiktok.com/link/v2 vk.com/away.php youtube.com/redirect
"""
"""Pages of well-known names that send everybody on to an address in their own, by how their paths begin. `google` has
any ending."""

SHARES = """
addthis.com addtoany.com archive.org bsky.app facebook.com getpocket.com google.com linkedin.com news.ycombinator.com
pinterest.com reddit.com t.me telegram.me tumblr.com twitter.com validator.w3.org wa.me whatsapp.com x.com xing.com
"""
"""Services to which a page is recommended by its address."""

WELL_KNOWN = """
amazon.com apple.com bsky.app discord.com discord.gg facebook.com flickr.com github.com goo.gl google.com instagram.com
linkedin.com mastodon.social medium.com microsoft.com office.com outlook.com pinterest.com reddit.com skype.com
snapchat.com soundcloud.com spotify.com t.me telegram.org threads.net tiktok.com tumblr.com twitch.tv twitter.com
vimeo.com w3.org wa.me whatsapp.com wikipedia.org x.com xing.com youtu.be youtube.com zoom.us
"""
"""Sites that anybody links to, in the foot of a message above all: such a link says nothing about the sender."""

RISKY_ENDINGS = """
accountant accountants autos bar beauty best bid boats bond buzz cam casino cf cfd christmas click club cricket cyou
date download faith fit fun ga gdn gq hair help homes i2p icu in.net it.com lat loan lol makeup men ml mom monster
motorcycles mov onion online party pics pw qpon quest racing ren rest review ru.com sa.com sbs science shop site skin
space stream surf tk top trade uno vip wang webcam website win work xin xyz yachts za.com zip
"""
"""Endings that the reports of Spamhaus and Interisle name year after year for their share of abused names."""
