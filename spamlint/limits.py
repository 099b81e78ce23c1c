"""Every limit, named, with its default. Reaching one is a finding (structure/limit-reached), never silence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one message is read. Sizes are bytes unless the name says otherwise."""

    message: int = 50 * 1024 * 1024
    """A longer message is read up to here."""
    headers: int = 2_000
    """Header fields of one part."""
    header: int = 1024 * 1024
    """One header field with its folded lines; a longer one is read up to here."""
    parts: int = 2_000
    """Parts of one message, containers included."""
    depth: int = 50
    """Multiparts and messages inside one another."""
    text: int = 4 * 1024 * 1024
    """Decoded bytes of one text part; the rest is not read."""
    texts: int = 4 * 1024 * 1024
    """Bytes, as they are sent, of the text parts of one message together; of more than one those that go beyond
    are not read."""
    encoded_words: int = 2_000
    """RFC 2047 encoded words of one header field."""
    addresses: int = 2_000
    """Addresses of one header field."""
    parameters: int = 200
    """Parameters of one header field."""
    field: int = 1024 * 1024
    """Code points of one field (the visible text, say, or all attributes) that patterns are matched against."""
    elements: int = 200_000
    """HTML start tags of one part."""
    pictures: int = 5_000
    """Pictures of one message that are looked at."""
    style_rules: int = 10_000
    """Selectors in the style sheets of one HTML part that are read."""
    style_work: int = 200_000
    """How many times selectors are compared with elements of one HTML part."""
    links: int = 5_000
    """Links of one text that are looked at."""
    clones: int = 500_000
    """Elements that the HTML parser could have to make again because formatting tags of one part are left open."""
    pages: int = 100
    """<html> and <body> tags of one part: the parser merges each into the first."""
    problems: int = 10_000
    """Places of one kind of mistake in the HTML of one part."""
    drawing: int = 1024 * 1024
    """One attached drawing (SVG); a larger one is not read."""
    attached_depth: int = 5
    """Attached messages inside one another that are linted."""
    attached: int = 100
    """Attached messages of one message that are linted."""
    archive_work: int = 64 * 1024 * 1024
    """What looking into the attachments of one message may cost: a byte read or inflated is one unit, a byte that a
    slower method unpacks several (`containers.streams.COST`). Units, not seconds: a verdict is the same everywhere."""
    archive_held: int = 12 * 1024 * 1024
    """Unpacked bytes held at once; a larger archive or document inside an archive is not looked into."""
    archive_members: int = 5_000
    """Files inside the attachments of one message that are looked at."""
    archive_depth: int = 5
    """Archives inside one another."""
    archive_ratio: int = 250
    """Unpacked bytes for each packed one, from 4 MB on; beyond it an archive is a bomb and not unpacked further."""
    archive_memory: int = 80 * 1024 * 1024
    """What an LZMA stream may ask for its dictionary; `xz -9` needs 65 MB. Only what is unpacked is really used."""
    document_xml: int = 8 * 1024 * 1024
    """Bytes of one XML file inside an Office document."""
    document_parts: int = 500
    """XML files, streams and objects that are read inside one document."""
    template_seconds: int = 10
    """Seconds that all renderings of one template may take; what takes longer is ended, and linted as it stands."""
    template_output: int = 4 * 1024 * 1024
    """Code points of all renderings of one template together."""
    template_memory: int = 512 * 1024 * 1024
    """Memory of the process that renders, where the system can limit it."""
    template_problems: int = 1_000
    """Directives without an end, and blocks without a partner, of one template."""
    places: int = 10
    """Places that one finding keeps; it counts all."""
    editor_seconds: int = 10
    """Seconds that an editor waits for one file; then the process that lints is replaced."""


DEFAULT_LIMITS = Limits()
