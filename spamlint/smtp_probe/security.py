"""TLS: the context to ask with, and what the certificate of a server says of itself."""

from __future__ import annotations

import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from spamlint.errors import ConfigError

Flaw: TypeAlias = Literal["", "name", "expired", "not-yet", "self-signed", "unknown-issuer", "other"]
"""What is wrong with a certificate."""

SOON_DAYS = 14
"""A certificate that ends within so many days should have been renewed: those of Let's Encrypt are at 30."""
MOST_NAMES = 20
_FLAWS: dict[int, Flaw] = {
    9: "not-yet", 10: "expired", 18: "self-signed", 19: "unknown-issuer", 20: "unknown-issuer", 21: "unknown-issuer",
    2: "unknown-issuer", 62: "name", 64: "name",
}  # fmt: skip
"""The codes of X509_verify_cert(3)."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate of a server, and how the conversation is protected."""

    version: str
    """Of TLS."""
    cipher: str
    flaw: Flaw = ""
    detail: str = ""
    """What the library says of the flaw."""
    names: tuple[str, ...] = ()
    issuer: str = ""
    ends: datetime | None = None

    def days_left(self, now: datetime) -> int | None:
        """Whole days until it ends; negative where it has ended; None where that is not known."""
        return None if self.ends is None else (self.ends - now).days


def context_of(ca_file: Path | None, *, verified: bool) -> ssl.SSLContext:
    """How to ask for TLS. ConfigError where the file of authorities cannot be used."""
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except ssl.SSLError as error:
        raise ConfigError(f"{ca_file}: holds no certificates in PEM form: {error.reason or error}") from None
    except OSError as error:
        raise ConfigError(f"{ca_file}: cannot be read: {error.strerror}") from None
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def flaw_of(error: ssl.SSLCertVerificationError) -> Flaw:
    """What is wrong with the certificate that was not taken."""
    return _FLAWS.get(error.verify_code, "other")


def described(sock: ssl.SSLSocket, flaw: Flaw = "", detail: str = "") -> Certificate:
    """The certificate that the server of a connection has shown."""
    cipher = sock.cipher()
    data = sock.getpeercert(binary_form=True)
    names, issuer, ends = _read(data) if data else ((), "", None)
    return Certificate(sock.version() or "", cipher[0] if cipher else "", flaw, detail, names, issuer, ends)


def _read(data: bytes) -> tuple[tuple[str, ...], str, datetime | None]:
    """Names, issuer and end; nothing where the library for it is missing, or the certificate cannot be read."""
    try:
        from cryptography import x509
    except ImportError:
        return (), "", None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd certificates, which are looked at and never trusted here
            certificate = x509.load_der_x509_certificate(data)
            issuer = certificate.issuer.rfc4514_string()
            ends = certificate.not_valid_after_utc.astimezone(UTC)
            names = _names(certificate)
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return (), "", None
    return names, issuer[:200], ends


def _names(certificate: object) -> tuple[str, ...]:
    from cryptography import x509

    assert isinstance(certificate, x509.Certificate)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return tuple(str(one.value) for one in common[:1])
    addresses = map(str, found.get_values_for_type(x509.IPAddress))
    return (*found.get_values_for_type(x509.DNSName), *addresses)[:MOST_NAMES]
