"""Providers of mail to everybody, where an address says nothing about who owns it.

An own, short list: the large international ones and those of the Low Countries, from the providers' own pages. The
lists that peers use (SpamAssassin's 20_freemail_domains.cf, say) are longer and hold many that are gone.
"""

from __future__ import annotations

from typing import Final

from spamlint.names.domains import main_label

FAMILIES: Final = frozenset({"gmx", "hotmail", "live", "outlook", "rocketmail", "yahoo", "yandex", "ymail"})
"""Names under which one provider gives addresses in many countries: hotmail.com, hotmail.nl, yahoo.co.uk."""

_WHOLE: Final = """
126.com 163.com 21cn.com aim.com alice.it aliyun.com aol.com arcor.de att.net bellsouth.net bigpond.com bluewin.ch
bol.com.br bt.com btinternet.com casema.nl centrum.cz chello.nl comcast.net cox.net daum.net earthlink.net email.com
email.cz fastmail.com fastmail.fm free.fr freenet.de gmail.com googlemail.com hanmail.net hetnet.nl home.nl
hushmail.com icloud.com ig.com.br inbox.com inbox.lv inbox.ru interia.pl juno.com kpnmail.nl kpnplanet.nl
laposte.net libero.it list.ru lycos.com mac.com mail.com mail.de mail.ru mailbox.org me.com msn.com naver.com
neuf.fr netzero.net numericable.fr o2.pl online.nl onet.pl orange.fr outlook.com passport.com planet.nl posteo.de
proton.me protonmail.ch protonmail.com pm.me qq.com quicknet.nl rambler.ru rediffmail.com rogers.com sapo.pt
sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com skynet.be solcon.nl sympatico.ca t-online.de talktalk.net tele2.nl
telenet.be telfort.nl terra.com.br tin.it tiscali.it tuta.io tutanota.com tutanota.de ukr.net uol.com.br upcmail.nl
verizon.net vodafone.nl virgilio.it voo.be walla.com wanadoo.fr wanadoo.nl web.de wp.pl xs4all.nl yandex.ru yeah.net
zeelandnet.nl ziggo.nl zoho.com zonnet.nl
"""

DOMAINS: Final = frozenset(_WHOLE.split())
"""The others, whole."""


def is_free_mail(domain: str) -> bool:
    """Whether everybody can have an address at `domain`. A domain inside one (news.yahoo.com) is the provider's."""
    if domain in DOMAINS:
        return True
    label = main_label(domain)
    return label in FAMILIES and domain.startswith(label + ".")
