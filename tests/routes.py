"""Keys and zones that the tests of routes share. The private key signs test mail only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spamlint.message import Message
from spamlint.sender.blocklists import Blocklists
from spamlint.sender.dns import Dns, Server
from spamlint.sender.examine import Examination, examine
from spamlint.sender.route import Route

PRIVATE_KEY = b"""\
-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAiQYgYZzBkAWKYV8ylXrk9WZPzZT2MtbYwh2XzOP0/aAYzS52
0ZM0NuerFBm+IisebBSEEJkKLwocuUOl4NuJ9l66uJwFDmYmmq4I0Ug3FQVAjYc0
DAmUmgtBXIQabrSVXdAXw7EqiBwYxZ5qZ/Sm31DWGnRVCN2i0d8b/HjsRB0h/wrz
hk5Z3vDOzt/jT7WzgfTWwoYcHLyaNVHcULehgkPxZfZF5yRqMKpT5V9LBX5Bs+dN
WjrCCOWOTSWzrRQRJyoiMe1ydNZ3CIOjTbaN3JqKE/CUX/3/DFFfYlLdB4jZfXsY
C5EXAgzsBhyjhRTjQ4CR5P5T4gxo7P8TvBFi6wIDAQABAoIBACGvAl3MiZ6sZgCa
xNYPMGKNBJgegskrnHxXhv4EmbCRXxdtUSMiwyauG5Wk4GMI44EhJ/fmjyTSIQ5/
7TKR9V+9mLwSCoIoJVxH5P4BeRzvPhesgWRmJIQbuTUTemX1eXRm17ixACoWchZ+
Y1zrvOvPtNoq985moYRjCr+tQDNb8+7VAdvN5phVFTDlyB5yyqQnP2MP372WIw3j
gwv3IFfMgJOhKnwfYymgZfl2LNIExo0oRq4KQDMMZwv8/djQemKCh614SspasBG4
WYN4v220lMq0LnOgZIO361GzC8I8/3BPv6kR127mUy2kImIPur+Hyc7hqfA2bTX4
6RQuowUCgYEAu5HIwo/xxI5eyPztBLz5+HciyKwRADV8CM357oD3/AtanLuky7sn
749jf7PmlFFKVzks80TKLqAIxdkuvVy2gPIknYHm8N+4lwqu0r7xL3y4d+Q1Iu6E
fEQ0GdFKRLPW1iUPUItI7PskZ6QfaQCSdtSPJ5gD99Q+zf2HVVVdWd0CgYEAuwOY
5LdH+aZqKWIAlRveH6kGlGMjww/AH/Jj3xr+guFrGbnrLIcGCFC0Q3N8OJBgbm7k
drJz1mPnLoKJE2Fa3eMHeEb9xTWHeZKEipRwjExScGUv/N4QLhfB4uLaysISrbtR
qgL8t5jvhgMWbBWLxyupwLOGtIhoFWUyXbcm92cCgYBCIJ53wYnJ8yuFjm39aqZy
K4ZO2yLPQQvuirefl0ZWTKZwdVMfJGdq9NFuVz1mctZTs+ueBFWHZJJTNkNdLU+G
XFf+U6rYpvcMAQ8ra3fadw0N752wKAj7SoxXwcp+OCz4qG4ixkg6jDwEcf9E5Je+
XyftHJHhkKlntAc/VW4o3QKBgQCcEHVwMK9k3AZuAHXh+T6VhzWRcWZvqt43Cs1j
ayCH0lvRPUDPiOJ03/x+6Yn5niqLHgmUMHnQqNBNFOwVe0IcNxCNxBiUkYY74xSu
nQ+LVUnat+ajDCHOhU7s60mQuQJjbxXIXfPNt1fzqvH0QsrB7GMeB/NbBxZs/GVa
pbRj8wKBgG/UfXbE5zjOvkOPtK8qf+aAp4KLRwQEQ5RZaJ8hY19ZCfYhzMa+ypYu
lXTHHiX4mxjLDt1RnQQItg/okJU7cZjqj6XoFnba1tfw+4dYoYIpHKssq+vk36ex
SutL7zmL/l1FCLzCN8gF7xMwI+1wLz1flrbKDwXPXp1qVa3gFLkz
-----END RSA PRIVATE KEY-----
"""
PUBLIC_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiQYgYZzBkAWKYV8ylXrk9WZPzZT2MtbYwh2XzOP0/aAYzS520ZM0Nuer"
    "FBm+IisebBSEEJkKLwocuUOl4NuJ9l66uJwFDmYmmq4I0Ug3FQVAjYc0DAmUmgtBXIQabrSVXdAXw7EqiBwYxZ5qZ/Sm31DWGnRV"
    "CN2i0d8b/HjsRB0h/wrzhk5Z3vDOzt/jT7WzgfTWwoYcHLyaNVHcULehgkPxZfZF5yRqMKpT5V9LBX5Bs+dNWjrCCOWOTSWzrRQR"
    "JyoiMe1ydNZ3CIOjTbaN3JqKE/CUX/3/DFFfYlLdB4jZfXsYC5EXAgzsBhyjhRTjQ4CR5P5T4gxo7P8TvBFi6wIDAQAB"
)
SHORT_KEY = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDhn/qzp7g3bewLMhWZi/Sqh2M+3cfhy4L3bgSVupqBehRbSs4MqO1n5TGAYcA4"
    "H3x/EtpK1cR7FvM4LvuZSFPesQ2CK05qat2jgy6TEdXHglO8OQge4xXtXGj429tP/k3YmGTydb6ToVQNSqN8nNeGwmkZexMWZqLf"
    "5IPRQ334WQIDAQAB"
)
UNSAFE_KEY = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALd10OEm3EKT7mZ/qJZVnsJ9EKmKjqmSuJce7ftiS+oh+YbK7peMdh56izkN1qVKTCpF"
    "u/cNPt5RHnvb/daajmkCAwEAAQ=="
)
NO_LISTS = Blocklists((), ())
Zone = Mapping[str, "str | Sequence[str]"]

MAIL = b"""\
Date: Mon, 05 Oct 2026 09:00:00 +0200\r
From: Ann <ann@client.example>\r
To: Bo <bo@clients.example>\r
Subject: The mill turns again\r
Message-ID: <1@client.example>\r
\r
From tomorrow on the mill turns again.\r
"""


def signed(
    domain: str,
    mail: bytes = MAIL,
    headers: Sequence[bytes] = (b"from", b"to", b"subject"),
    canonicalize: tuple[bytes, bytes] = (b"relaxed", b"simple"),
) -> bytes:
    """The mail with a DKIM signature of `domain` in front."""
    import dkim

    signature: bytes = dkim.sign(
        mail, b"s1", domain.encode(), PRIVATE_KEY, canonicalize=canonicalize, include_headers=list(headers)
    )
    return signature + mail


def examined(
    port: int,
    route: Route,
    mail: bytes | None = None,
    *,
    address: str = "ann@client.example",
    seconds: float = 2.0,
    lists: Blocklists = NO_LISTS,
    is_bulk: bool | None = None,
) -> Examination:
    """What is found out by the server at `port` on loopback."""
    message = Message.from_bytes(mail) if mail is not None else None
    dns = Dns([Server("127.0.0.1", port)], seconds)
    return examine(dns, route, address, message=message, lists=lists, is_bulk=is_bulk)


def faults(examination: Examination) -> set[str]:
    """The kinds of what is wrong."""
    return {note.kind for note in examination.notes if not note.is_good}
