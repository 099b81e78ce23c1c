"""Links: every address that a message leads to, read as a browser reads it, with the words that stand on it."""

from spamlint.links.address import Address, host_of, read_address

__all__ = ["Address", "host_of", "read_address"]
