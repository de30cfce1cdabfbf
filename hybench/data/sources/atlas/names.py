"""Localised names of the nodes of facts, from the CLDR data in babel.

A *node* is a language-independent thing, written ``kind:code``: ``territory:JP``,
``region:030``, ``currency:JPY``, ``language:ja``, ``script:Jpan``, ``city:Asia/Tokyo``,
``zone:Japan`` (a CLDR metazone) or ``weekday:0`` (Monday).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

LATIN_SCRIPT = frozenset({"de", "en", "es", "fi", "fr", "id", "sw", "yo"})
"""Languages whose names are written in Latin letters."""

CITIES_AS_IN_ZONE_ID = LATIN_SCRIPT - {"yo"}
"""Languages for which the CLDR omits a city spelt as in the time zone's id.

Yoruba has its own spellings, so there a city without a name in the CLDR has no known name."""

STANDALONE_WEEKDAYS = frozenset({"fi"})
"""Languages whose weekdays are inflected within a date; elsewhere the two forms are the same.

babel resolves the stand-alone form of a language without one through a shared alias, which the
first requested locale sets for all others: it must not be read for those."""


@cache
def _iana_to_cldr() -> dict[str, tuple[str, ...]]:
    """Zone ids that the CLDR may use for a zone of today's IANA name, that name first."""
    from babel.core import get_global

    aliases: dict[str, list[str]] = {}
    for old, new in sorted(get_global("zone_aliases").items()):
        aliases.setdefault(new, []).append(old)
    return {zone: (zone, *aliases.get(zone, ())) for zone in sorted(get_global("zone_territories"))}


def _written_in_own_script(name: str) -> bool:
    return any(
        char.isalpha() and not unicodedata.name(char, "").startswith("LATIN") for char in name
    )


@cache
def _generic_zones() -> frozenset[str]:
    """Metazones with a name for the whole year: those with daylight saving time."""
    from babel.core import Locale

    zones: Any = Locale.parse("en").meta_zones
    return frozenset(zone for zone in zones if "generic" in zones[zone].get("long", {}))


class Names:
    """The names that one language has for nodes.

    Args:
        language: ISO 639-1 code.
    """

    def __init__(self, language: str) -> None:
        from babel.core import Locale

        self.language = language
        self._locale = Locale.parse(language)
        self._kinds: dict[str, Callable[[str], str | None]] = {
            "territory": self._locale.territories.get,
            "region": self._locale.territories.get,
            "currency": self._locale.currencies.get,
            "language": self._locale.languages.get,
            "script": self._locale.scripts.get,
            "city": self._city,
            "zone": self._zone,
            "weekday": self._weekday,
        }

    def of(self, node: str) -> str | None:
        """The name of a node, NFC-normalised, or None if the language has none of its own."""
        kind, _, code = node.partition(":")
        name = self._kinds[kind](code)
        if not name or name == code:
            return None
        name = unicodedata.normalize("NFC", " ".join(name.split()))
        if self.language not in LATIN_SCRIPT and not _written_in_own_script(name):
            return None
        return name

    def _city(self, zone: str) -> str | None:
        zones = self._locale.time_zones
        for key in _iana_to_cldr()[zone]:
            name: str | None = zones.get(key, {}).get("city")
            if name and (self.language != "yo" or name != self._root_city(key)):
                return name
        if self.language in CITIES_AS_IN_ZONE_ID:
            return zone.rsplit("/", 1)[-1].replace("_", " ")
        return None

    @staticmethod
    def _root_city(key: str) -> str | None:
        from babel.core import Locale

        name: str | None = Locale.parse("root").time_zones.get(key, {}).get("city")
        return name

    def _zone(self, metazone: str) -> str | None:
        names: Any = self._locale.meta_zones.get(metazone, {}).get("long", {})
        form = "generic" if metazone in _generic_zones() else "standard"
        name: str | None = names.get(form)
        return name

    def _weekday(self, day: str) -> str | None:
        form = "stand-alone" if self.language in STANDALONE_WEEKDAYS else "format"
        name: str | None = self._locale.days[form]["wide"].get(int(day))
        return name


@cache
def names_in(language: str) -> Names:
    """The names in a language; its locale is loaded once."""
    return Names(language)
