"""The Atlas's facts: relation, entity and value as nodes, with their names in every language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hybench.data.sources.atlas.names import names_in
from hybench.data.sources.atlas.regions import (
    CAPITAL_ZONES,
    NOT_CITIES,
    SEVERAL_OFFICIAL_LANGUAGES,
    SUBREGIONS,
    WITHOUT_HOME,
)
from hybench.values.languages import MIRACL_LANGUAGES

RELATIONS: tuple[str, ...] = (
    "capital",
    "city_country",
    "currency",
    "official_language",
    "region",
    "script",
    "spoken_in",
    "time_zone",
    "week_start",
)
"""The relations of the Atlas; each has one value per entity.

``city_country`` excludes capitals, and no relation is the reverse of another, so that no passage
answers the question of a second fact."""

_ECHOES = frozenset({"script"})
"""Relations whose value may have the entity's name: Japanese is written in Japanese script."""


@dataclass(frozen=True, slots=True)
class Triple:
    """A fact without names.

    Attributes:
        relation: a name in `RELATIONS`.
        entity: the node that is asked about.
        value: the node that answers.
    """

    relation: str
    entity: str
    value: str

    @property
    def fact_id(self) -> str:
        """The relation and the entity's code, such as ``currency/JP``."""
        return f"{self.relation}/{self.entity.partition(':')[2]}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact with its names.

    Attributes:
        triple: what is stated.
        names: (entity name, value name) by language; only languages that have both names.
    """

    triple: Triple
    names: dict[str, tuple[str, str]]

    @property
    def fact_id(self) -> str:
        """The triple's id."""
        return self.triple.fact_id


def _territories() -> Iterator[Triple]:
    from babel.core import get_global

    spoken = get_global("territory_languages")
    currencies = get_global("territory_currencies")
    for territory, region in sorted(SUBREGIONS.items()):
        entity = f"territory:{territory}"
        yield Triple("region", entity, f"region:{region}")
        # A row is (code, start, end, legal tender); without an end it is in use.
        tender = [row[0] for row in currencies.get(territory, ()) if row[2] is None and row[3]]
        if len(tender) == 1:
            yield Triple("currency", entity, f"currency:{tender[0]}")
        official = [
            language
            for language, facts in spoken.get(territory, {}).items()
            if facts["official_status"] in {"official", "de_facto_official"}
        ]
        if (
            len(official) == 1
            and "_" not in official[0]
            and territory not in SEVERAL_OFFICIAL_LANGUAGES
        ):
            yield Triple("official_language", entity, f"language:{official[0]}")
        if territory in CAPITAL_ZONES:
            yield Triple("capital", entity, f"city:{CAPITAL_ZONES[territory]}")


def _weeks() -> Iterator[Triple]:
    from babel.core import Locale
    from babel.localedata import locale_identifiers

    # Week data belong to the territory: any locale of it gives the same.
    locales: dict[str, str] = {}
    for identifier in sorted(locale_identifiers()):
        locales.setdefault(identifier.rsplit("_", 1)[-1], identifier)
    for territory in sorted(SUBREGIONS):
        if territory in locales:
            day = Locale.parse(locales[territory]).first_week_day
            yield Triple("week_start", f"territory:{territory}", f"weekday:{day}")


def _cities() -> Iterator[Triple]:
    from babel.core import get_global

    metazones = get_global("meta_zones")
    aliases = get_global("zone_aliases")
    current = {aliases.get(zone, zone): metazone for zone, metazone in sorted(metazones.items())}
    capitals = set(CAPITAL_ZONES.values())
    for zone, territory in sorted(get_global("zone_territories").items()):
        if zone in NOT_CITIES or territory not in SUBREGIONS:
            continue
        if zone in current:
            yield Triple("time_zone", f"city:{zone}", f"zone:{current[zone]}")
        if zone not in capitals:
            yield Triple("city_country", f"city:{zone}", f"territory:{territory}")


def _languages() -> Iterator[Triple]:
    from babel.core import get_global

    homes: dict[str, set[str]] = {}
    several_scripts: set[str] = set()
    for territory, languages in get_global("territory_languages").items():
        for identifier in languages:
            language, _, script = identifier.partition("_")
            homes.setdefault(language, set()).add(territory)
            if script:
                several_scripts.add(language)
    likely = get_global("likely_subtags")
    homes.pop("und", None)  # "unknown language"
    for language, territories in sorted(homes.items()):
        entity = f"language:{language}"
        if language not in several_scripts and language in likely:
            yield Triple("script", entity, f"script:{likely[language].split('_')[1]}")
        home_known = len(territories) == 1 and territories <= SUBREGIONS.keys()
        if home_known and language not in WITHOUT_HOME:
            yield Triple("spoken_in", entity, f"territory:{min(territories)}")


def _named(triples: list[Triple], language: str) -> dict[Triple, tuple[str, str]]:
    """The triples that `language` has names for, without those that its names make ambiguous."""
    names = names_in(language)
    named: dict[Triple, tuple[str, str]] = {}
    for triple in triples:
        entity, value = names.of(triple.entity), names.of(triple.value)
        if entity is None or value is None:
            continue
        if entity != value or triple.relation in _ECHOES:
            named[triple] = (entity, value)
    occurrences = Counter((triple.relation, entity) for triple, (entity, _) in named.items())
    return {
        triple: pair
        for triple, pair in named.items()
        if occurrences[(triple.relation, pair[0])] == 1
    }


@cache
def all_facts() -> tuple[Fact, ...]:
    """Every fact that at least two languages have names for, sorted by id."""
    triples = sorted(
        [*_territories(), *_weeks(), *_cities(), *_languages()], key=lambda item: item.fact_id
    )
    by_language = {language: _named(triples, language) for language in MIRACL_LANGUAGES}
    facts = (
        Fact(
            triple,
            {language: named[triple] for language, named in by_language.items() if triple in named},
        )
        for triple in triples
    )
    return tuple(fact for fact in facts if len(fact.names) >= 2)
