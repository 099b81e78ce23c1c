"""The fixed words of the report of `spamlint smtp`. Names in braces are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from spamlint.verdict import Language

SMTP_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "ok": "ok",
        "refused": "refused",
        "failed": "failed",
        "connect": "connect",
        "banner": "greeting",
        "ehlo": "EHLO",
        "starttls": "STARTTLS",
        "tls": "TLS",
        "auth": "AUTH",
        "mail": "MAIL FROM",
        "rcpt": "RCPT TO",
        "means": "means",
        "fix": "fix",
        "page": "page",
        "offers": "offers",
        "note": "note",
        "result would-relay": "would relay: the server takes this sender and these recipients (nothing was sent)",
        "result answers": "answers: nothing was refused; give --from and --to to learn whether it would relay",
        "result refused": "refused: the server does not take this mail",
        "result not-tried": "could not be tried to the end",
        "no-such-host": "there is no host of this name: look for a typing error",
        "resolve-failed": "the name could not be looked up now ({reason})",
        "resolve-timeout": "nobody answered in time which address the name has",
        "connect-refused": "nothing listens on this port there, or a firewall turns connections away",
        "connect-timeout": "no answer: a firewall drops connections, or many networks block port 25; try port 587",
        "connect-failed": "no connection ({reason})",
        "timeout": "the server did not finish in time; --timeout gives it longer",
        "closed": "the server hung up without a word",
        "not-smtp": "what answers does not speak SMTP here: {said}. Where TLS is spoken from the start, use "
        "--tls implicit",
        "line-too-long": "the server sent a line of more than {octets} octets; no mail server does",
        "reply-too-long": "the server sent one reply of more than {lines} lines; no mail server does",
        "tls-failed": "TLS could not be agreed on ({reason}). A port with STARTTLS wants --tls starttls",
        "early-data": "something was sent between STARTTLS and TLS: the server or something before it is not safe",
        "no-starttls": "the server offers no STARTTLS: try port 465 with --tls implicit, or port 587",
        "no-auth": "the server offers no AUTH here: most offer it after TLS, on port 587 or 465",
        "no-mechanism": "the server offers only ways to log in that are not known here: {offered}",
        "plain-text": "the password was not sent: the connection is not encrypted. --insecure sends it all the same",
        "bad-certificate": "the password was not sent: the certificate is wrong. --insecure sends it all the same",
        "no-smtputf8": "an address has letters beyond ASCII, and the server does not offer SMTPUTF8",
        "too-large": "a message of {size} octets is too large: the server takes {largest}",
        "certificate": "for {names}, until {ends}, by {issuer}",
        "flaw name": "the certificate is of another name than {host}: connect to a name that it holds, or renew it",
        "flaw expired": "the certificate has expired: the administrator of the server has to renew it",
        "flaw not-yet": "the certificate does not hold yet: look at the clocks of both machines",
        "flaw self-signed": "the certificate was signed by itself; --ca-file FILE trusts it, if you know it",
        "flaw unknown-issuer": "no known authority stands behind the certificate: often the server leaves out the "
        "intermediate certificate; --ca-file FILE trusts an authority of your own",
        "flaw other": "the certificate was not taken: {detail}",
        "ends soon": "the certificate ends in {days} days; one that renews itself would be newer",
        "not encrypted": "nothing is encrypted: all on the way can read the mail",
        "auth first": "AUTH is offered before TLS: programs may send the password where others can read it",
        "try auth": "the server offers AUTH ({offered}): with --user it may well take this mail",
        "for now": "refused for now (4xx): a mail server would try again; greylisting takes the second time",
        "size": "takes messages up to {largest} octets",
    },
    "nl": {
        "ok": "goed",
        "refused": "geweigerd",
        "failed": "mislukt",
        "connect": "verbinden",
        "banner": "begroeting",
        "ehlo": "EHLO",
        "starttls": "STARTTLS",
        "tls": "TLS",
        "auth": "AUTH",
        "mail": "MAIL FROM",
        "rcpt": "RCPT TO",
        "means": "betekent",
        "fix": "herstel",
        "page": "pagina",
        "offers": "biedt",
        "note": "let op",
        "result would-relay": "zou doorsturen: de server neemt deze afzender en deze ontvangers aan (er is niets "
        "verstuurd)",
        "result answers": "antwoordt: er is niets geweigerd; met --from en --to blijkt of hij zou doorsturen",
        "result refused": "geweigerd: de server neemt deze mail niet aan",
        "result not-tried": "kon niet tot het eind worden geprobeerd",
        "no-such-host": "er is geen server met deze naam: kijk of er een tikfout in staat",
        "resolve-failed": "de naam kon nu niet worden opgezocht ({reason})",
        "resolve-timeout": "niemand zei op tijd welk adres bij de naam hoort",
        "connect-refused": "op deze poort luistert daar niets, of een firewall wijst verbindingen af",
        "connect-timeout": "geen antwoord: een firewall gooit verbindingen weg, of het netwerk blokkeert poort 25, "
        "zoals veel netwerken doen; probeer poort 587",
        "connect-failed": "geen verbinding ({reason})",
        "timeout": "de server was niet op tijd klaar; --timeout geeft hem langer",
        "closed": "de server hing zonder een woord op",
        "not-smtp": "wat hier antwoordt, spreekt geen SMTP: {said}. Gebruik --tls implicit voor een poort met TLS "
        "vanaf het begin",
        "line-too-long": "de server stuurde een regel van meer dan {octets} octetten; dat doet geen mailserver",
        "reply-too-long": "de server stuurde één antwoord van meer dan {lines} regels; dat doet geen mailserver",
        "tls-failed": "over TLS is geen overeenstemming bereikt ({reason}). Een poort met STARTTLS wil --tls starttls",
        "early-data": "tussen STARTTLS en TLS werd iets gestuurd: de server of iets daarvoor is niet veilig",
        "no-starttls": "de server biedt geen STARTTLS: probeer poort 465 met --tls implicit, of poort 587",
        "no-auth": "de server biedt hier geen AUTH: de meeste doen dat pas na TLS, op poort 587 of 465",
        "no-mechanism": "de server biedt alleen manieren van aanmelden die hier niet bekend zijn: {offered}",
        "plain-text": "het wachtwoord is niet gestuurd: de verbinding is niet versleuteld. Met --insecure gaat "
        "het toch",
        "bad-certificate": "het wachtwoord is niet gestuurd: het certificaat klopt niet. Met --insecure gaat het toch",
        "no-smtputf8": "een adres heeft letters buiten ASCII, en de server biedt geen SMTPUTF8",
        "too-large": "een bericht van {size} octetten is te groot: de server neemt er {largest} aan",
        "certificate": "voor {names}, tot {ends}, door {issuer}",
        "flaw name": "het certificaat is van een andere naam dan {host}: verbind met een naam die erin staat, of "
        "vervang het",
        "flaw expired": "het certificaat is verlopen: de beheerder van de server moet het vernieuwen",
        "flaw not-yet": "het certificaat geldt nog niet: kijk naar de klokken van beide machines",
        "flaw self-signed": "het certificaat is door zichzelf getekend; --ca-file FILE vertrouwt het, als u het kent",
        "flaw unknown-issuer": "geen bekende instantie staat achter het certificaat: vaak laat de server het "
        "tussenliggende certificaat weg; --ca-file FILE vertrouwt een eigen instantie",
        "flaw other": "het certificaat is niet aangenomen: {detail}",
        "ends soon": "het certificaat verloopt over {days} dagen; een dat zich vernieuwt, zou nieuwer zijn",
        "not encrypted": "er wordt niets versleuteld: onderweg kan iedereen de mail lezen",
        "auth first": "AUTH wordt vóór TLS aangeboden: programma's sturen het wachtwoord zo misschien leesbaar",
        "try auth": "de server biedt AUTH ({offered}): met --user neemt hij deze mail misschien wel aan",
        "for now": "nu geweigerd (4xx): een mailserver zou het later opnieuw proberen; greylisting neemt de tweede "
        "keer aan",
        "size": "neemt berichten tot {largest} octetten aan",
    },
}


def say(language: Language, key: str, **values: object) -> str:
    """The words for `key`, filled in."""
    return SMTP_WORDS[language][key].format(**values)
