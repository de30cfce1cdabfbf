"""The phrasing of facts: the phrasing files, their checks, and the insertion of names.

``phrasings/<language>.toml`` has a table per relation, each with four ``questions`` and four
``passages``. Names are inserted uninflected for ``{entity}`` and ``{value}``; in Korean a
placeholder may include the particle that follows it, as in ``{entity:은는}``.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NoReturn

from hybench.data.sources.atlas.facts import RELATIONS
from hybench.data.sources.atlas.splits import fraction
from hybench.errors import DataError

PHRASINGS = 4
"""Questions, and passages, of each relation."""

TRAINING_QUESTIONS = (0, 1, 2)
TRAINING_PASSAGES = (0, 1, 3)
DEV_QUESTIONS = TRAINING_QUESTIONS
TEST_QUESTIONS = (3,)
POOL_PASSAGES = (2,)
"""The use of phrasings, by their place in a relation's list.

No training text has the wording of test questions or of the pool's passages. A relation's fourth
question is similar to its fourth passage, which is in training, and its third passage to its third
question: training shows the words on the other side, but not the sentences. Test questions share no
wording with the pool, or else a question would match any passage in its language better than the
right one in another. Dev asks about unseen facts in the wordings of training.
"""

PARTICLES: dict[str, tuple[str, str]] = {
    "은는": ("은", "는"),
    "이가": ("이", "가"),
    "을를": ("을", "를"),
    "와과": ("과", "와"),
    "으로로": ("으로", "로"),
}
"""Korean particles by their name in a placeholder: after a final consonant, and without one."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SENTENCE_START = re.compile(r"""(?:^|[.!?]["'»”’)]*\s+)["'«“„‘(¿¡\s]*$""")
_IN_PARENTHESES = re.compile(r"\s*\([^()]*\)\s*$")

_RIEUL = 8
_FINAL_OF_LATIN: dict[str, int] = {"l": _RIEUL, "r": _RIEUL, "m": 16, "n": 4}
_FINAL_OF_DIGIT: dict[str, int] = {"0": 21, "1": _RIEUL, "3": 16, "6": 1, "7": _RIEUL, "8": _RIEUL}
_MEND = "Fix the file, or reinstall hybench if you did not change it."


def final_consonant(name: str) -> int:
    """Number of the final consonant of a name as read in Korean, 0 for none.

    A Hangul syllable is ``0xAC00 + 28 · (initial and vowel) + final``. Parentheses at
    the end are ignored, as in the Korean norm. Digits are read as Sino-Korean numbers and Latin
    letters by their English names; those of l, m, n and r end in a consonant.
    """
    spoken = _IN_PARENTHESES.sub("", name) or name
    last = next((char for char in reversed(spoken) if char.isalnum()), "").lower()
    if "가" <= last <= "힣":
        return (ord(last) - 0xAC00) % 28
    return _FINAL_OF_LATIN.get(last, _FINAL_OF_DIGIT.get(last, 0))


def with_particle(name: str, particle: str) -> str:
    """`name` with the form of a particle of `PARTICLES` that its last sound requires."""
    closed, opened = PARTICLES[particle]
    final = final_consonant(name)
    takes_opened = final == 0 or (particle == "으로로" and final == _RIEUL)
    return name + (opened if takes_opened else closed)


def _capitalised(name: str) -> str:
    # eSwatini stays unchanged: its capital is inside the word.
    if not name[:1].islower() or name[1:2].isupper():
        return name
    return name[0].upper() + name[1:]


def render(template: str, names: Mapping[str, str]) -> str:
    """Insert names into a phrasing; one that begins a sentence is capitalised if the script can.

    Args:
        template: a checked phrasing.
        names: the names for ``entity`` and ``value``.
    """

    def name_of(match: re.Match[str]) -> str:
        role, _, particle = match[1].partition(":")
        name = with_particle(names[role], particle) if particle else names[role]
        return _capitalised(name) if _SENTENCE_START.search(template[: match.start()]) else name

    # Only plain spaces: French has no-break spaces before its marks.
    return re.sub(" {2,}", " ", _PLACEHOLDER.sub(name_of, template)).strip()


@dataclass(frozen=True)
class Phrasings:
    """The checked phrasings of one language.

    Attributes:
        language: ISO 639-1 code.
        questions: four templates by relation.
        passages: four templates by relation.
        sha256: digest of the file's bytes.
    """

    language: str
    questions: dict[str, tuple[str, ...]]
    passages: dict[str, tuple[str, ...]]
    sha256: str

    def question(self, fact_id: str, among: Sequence[int], entity: str) -> str:
        """The question about a fact's value, in one of the phrasings `among`."""
        relation, index = self._choose("question", fact_id, among)
        return render(self.questions[relation][index], {"entity": entity})

    def passage(self, fact_id: str, among: Sequence[int], entity: str, value: str) -> str:
        """The text that states a fact, in one of the phrasings `among`."""
        relation, index = self._choose("passage", fact_id, among)
        return render(self.passages[relation][index], {"entity": entity, "value": value})

    def _choose(self, kind: str, fact_id: str, among: Sequence[int]) -> tuple[str, int]:
        drawn = fraction("phrasing", kind, fact_id, self.language)
        return fact_id.partition("/")[0], among[int(drawn * len(among))]


def load_phrasings(language: str, folder: Traversable) -> Phrasings:
    """Read and check ``<language>.toml`` in a folder.

    Raises:
        DataError: the file cannot be read, or breaks a rule; the message names the relation and
            the place in its list, counted from 1.
    """
    file = folder / f"{language}.toml"
    where = f"phrasings/{file.name}"
    try:
        content = file.read_bytes()
        tables = tomllib.loads(content.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{where} cannot be read: {error}.", _MEND) from error
    if unknown := sorted(set(tables) - set(RELATIONS)):
        _refuse(where, f"unknown relation {', '.join(unknown)}")
    questions, passages = (
        {relation: _templates(where, tables, relation, kind) for relation in RELATIONS}
        for kind in ("questions", "passages")
    )
    return Phrasings(language, questions, passages, hashlib.sha256(content).hexdigest())


@cache
def embedded_phrasings(language: str) -> Phrasings:
    """The phrasings that come with hybench."""
    return load_phrasings(language, files("hybench.data.sources.atlas") / "phrasings")


def _refuse(where: str, what: str) -> NoReturn:
    raise DataError(f"{where}: {what}.", _MEND)


def _templates(where: str, tables: Mapping[str, Any], relation: str, kind: str) -> tuple[str, ...]:
    table = tables.get(relation)
    if not isinstance(table, dict):
        _refuse(where, f"the relation {relation} is missing")
    items = table.get(kind)
    if not isinstance(items, list) or len(items) != PHRASINGS:
        number = len(items) if isinstance(items, list) else "no list of"
        _refuse(where, f"{relation} has {number} {kind}, not {PHRASINGS}")
    templates = []
    for number, template in enumerate(items, start=1):
        place = f"{where}: {relation}, {kind} {number}"
        if not isinstance(template, str) or not template.strip():
            _refuse(place, f"{template!r} is not a text")
        _check_placeholders(place, template, kind)
        templates.append(unicodedata.normalize("NFC", template))
    if len(set(templates)) < PHRASINGS:
        _refuse(where, f"{relation} has a repeated phrasing among its {kind}")
    return tuple(templates)


def _check_placeholders(place: str, template: str, kind: str) -> None:
    roles = []
    for placeholder in _PLACEHOLDER.findall(template):
        role, colon, particle = placeholder.partition(":")
        if role not in {"entity", "value"} or (colon and particle not in PARTICLES):
            _refuse(place, f"{{{placeholder}}} is not a placeholder")
        roles.append(role)
    if set(_PLACEHOLDER.sub("", template)) & set("{}"):
        _refuse(place, f"there is an unmatched brace in {template!r}")
    if kind == "questions" and roles != ["entity"]:
        _refuse(place, f"{{entity}} must occur once, and {{value}} not at all, in {template!r}")
    if kind == "passages" and set(roles) != {"entity", "value"}:
        _refuse(place, f"{{entity}} and {{value}} must both occur in {template!r}")
