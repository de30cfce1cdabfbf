"""Groups of languages with a row of their own, and how they are determined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from hybench.comparison.arms import Arm
from hybench.comparison.members import Member
from hybench.comparison.model import GROUP, LOW, MEAN
from hybench.errors import UsageError
from hybench.runs.events import parse_event
from hybench.values.languages import LOW_RESOURCE, check_languages, stored_codes

AVG, LOW_LABEL, SEEN, UNSEEN = "AVG", "LOW", "seen", "unseen"

Named = Mapping[str, Collection[str]]
"""Languages by a group's name."""

_HEAD = 50
"""First lines of an event log that contain its start: a teacher's event may precede it."""


@dataclass(frozen=True)
class Group:
    """Languages averaged over.

    Attributes:
        kind: `MEAN`, `LOW` or `GROUP`.
        label: its name, with ``3/4`` if arms lack languages of it.
        languages: those that all arms have, sorted.
        of: their number if every arm had all of them.
    """

    kind: str
    label: str
    languages: tuple[str, ...]
    of: int


def read_groups(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Groups from the values of ``--group``: ``NAME=sw,yo``.

    Raises:
        UsageError: one is not of that form, names no language, or has a name that is taken.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, _, listed = text.partition("=")
        name = name.strip()
        languages = stored_codes(code.strip() for code in listed.split(",") if code.strip())
        if not name or not languages:
            raise UsageError(f"--group is {text!r}.", "Write NAME=LANG,LANG such as south=bn,te.")
        if name in groups or name in {AVG, LOW_LABEL, SEEN, UNSEEN}:
            raise UsageError(f"--group: a row {name} exists already.", "Choose another name.")
        groups[name] = languages
    return groups


def check_groups(groups: Named, known: Collection[str]) -> None:
    """Refuse groups with languages without results, or named like a language.

    Raises:
        UsageError: with the flag and what there is.
    """
    for name, languages in groups.items():
        if name in known:
            raise UsageError(f"--group: {name} is a language.", "Choose another name.")
        check_languages(tuple(languages), known, "--group")


def row_groups(
    languages: Sequence[str], shared: Collection[str], asked: Named, found: Named
) -> list[Group]:
    """The groups to average over: all, the low-resource ones, the requested ones, those found.

    Redundant groups have no row: a single language, or all of them; requested groups are always
    shown.

    Args:
        languages: every language of the table, sorted.
        shared: those that all arms have; only these count.
        asked: groups of ``--group``.
        found: further groups, such as `by_training` and `by_script`.
    """
    groups = []
    if len(languages) > 1:
        groups.append(_group(MEAN, AVG, languages, shared))
    named: dict[str, Collection[str]] = {LOW_LABEL: LOW_RESOURCE, **found, **asked}
    for label in dict.fromkeys([LOW_LABEL, *asked, *found]):
        inside = [language for language in languages if language in named[label]]
        if label in asked or 1 < len(inside) < len(languages):
            groups.append(_group(LOW if label == LOW_LABEL else GROUP, label, inside, shared))
    return [group for group in groups if group.languages]


def _group(kind: str, label: str, languages: Sequence[str], shared: Collection[str]) -> Group:
    inside = tuple(language for language in languages if language in shared)
    covers = "" if len(inside) == len(languages) else f" {len(inside)}/{len(languages)}"
    return Group(kind, label + covers, inside, len(languages))


def trained_languages(member: Member) -> frozenset[str]:
    """Languages that a run was trained on, from its log's first start, else from its config."""
    if member.run.events_file.is_file():
        with member.run.events_file.open("rb") as file:
            for line in islice(file, _HEAD):
                event = parse_event(line)
                if event is not None and event["event"] == "start":
                    return frozenset(_codes(event.get("data")))
    return frozenset(member.config.get("languages", ()))


def _codes(sets: object) -> Iterator[str]:
    """The languages of the data sets of a start event; a damaged log may have anything."""
    for each in sets if isinstance(sets, list) else ():
        languages = each.get("languages") if isinstance(each, dict) else None
        yield from map(str, languages if isinstance(languages, list) else ())


def by_training(arms: Sequence[Arm], languages: Collection[str]) -> dict[str, frozenset[str]]:
    """The languages that every trained arm was trained on, and those that none was.

    Returns:
        Two groups; empty if they do not divide the languages, or are unknown.
    """
    known = [trained_languages(member) for arm in arms if arm.trained for member in arm.members]
    if not known or not all(known):
        return {}
    seen = frozenset(languages).intersection(*known)
    unseen = frozenset(languages).difference(*known)
    return {SEEN: seen, UNSEEN: unseen} if seen and unseen else {}


def by_script(languages: Collection[str]) -> dict[str, frozenset[str]]:
    """Languages by their likely script in the Unicode CLDR, under its English name."""
    from babel import Locale
    from babel.core import get_global

    likely = get_global("likely_subtags")
    names = Locale("en").scripts
    groups: dict[str, set[str]] = defaultdict(set)
    for language in sorted(languages):
        _, _, rest = str(likely.get(language, "")).partition("_")
        script = rest.partition("_")[0]
        if script:
            groups[names.get(script, script)].add(language)
    return {name: frozenset(codes) for name, codes in groups.items()}
