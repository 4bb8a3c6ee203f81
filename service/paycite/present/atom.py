"""A feed in Atom (RFC 4287)."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from msgspec import Struct

_NAMESPACE = "http://www.w3.org/2005/Atom"


class Entry(Struct, frozen=True, kw_only=True):
    title: str
    address: str  # also its id, which never changes; that of its page is the same with `.html`
    updated: str  # a day
    paragraphs: tuple[str, ...]


def write_feed(title: str, address: str, entries: Sequence[Entry]) -> bytes:
    """Write the feed; `entries` has the newest first, and at least one."""
    feed = Element("feed", xmlns=_NAMESPACE)
    _add(feed, "title", title)
    _add(feed, "id", address)
    _add(feed, "updated", f"{max(entry.updated for entry in entries)}T00:00:00Z")
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=address)
    _add(SubElement(feed, "author"), "name", "Paycite")
    for entry in entries:
        element = SubElement(feed, "entry")
        _add(element, "title", entry.title)
        _add(element, "id", entry.address)
        _add(element, "updated", f"{entry.updated}T00:00:00Z")
        SubElement(element, "link", rel="alternate", type="text/html", href=f"{entry.address}.html")
        _add(element, "content", "\n".join(entry.paragraphs))
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
