"""Language codes: the stored form, and the other forms that are accepted.

A stored code is ISO 639's, of two letters where there is one, with a script (ISO 15924) where it is
not the language's usual one, and a region where it was given: ``yo``, ``zh-Hant``, ``pt-BR``.
Codes of ISO 639-2, ISO 639-3 and FLORES are accepted, too: ``yor``, ``swh_Latn``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from hybench.errors import UsageError

MIRACL_LANGUAGES: tuple[str, ...] = (
    "ar", "bn", "de", "en", "es", "fa", "fi", "fr", "hi",
    "id", "ja", "ko", "ru", "sw", "te", "th", "yo", "zh",
)  # fmt: skip
"""The 18 languages of MIRACL (arXiv 2210.09984)."""

LOW_RESOURCE: tuple[str, ...] = ("sw", "yo", "te", "bn", "th")
"""The languages with little training data that hybench reports as a group."""

WITHOUT_SPACES: frozenset[str] = frozenset({"ja", "th", "zh", "km", "lo", "my"})
"""Languages whose scripts do not put spaces between words."""

RESERVED: frozenset[str] = frozenset({"all", "aux", "con", "nul", "prn"})
"""ISO 639-3 codes that are reserved: the pool of all languages, and devices of Windows."""

CODE_PATTERN = r"[a-z]{2,3}(?:[-_][A-Z][a-z]{3})?(?:[-_](?:[A-Z]{2}|[0-9]{3}))?"
"""A code in a file's name, as a regular expression; of two adjacent codes, their case shows where
the first ends."""

_STORED = re.compile(CODE_PATTERN.replace("[-_]", "-"))
_WRITTEN = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.I | re.A)

_OWN = {"tgl": "tl", "tl": "tl", "twi": "tw", "tw": "tw"}
"""Codes of two letters that the CLDR replaces by a code of several languages."""

_USUAL = {("ko", "Hang"), ("ja", "Hrkt"), ("zh", "Hani")}
"""Scripts that the CLDR counts as a part of the language's usual one."""


def is_language(code: str) -> bool:
    """Whether a code is in the stored form."""
    return _STORED.fullmatch(code) is not None and code not in RESERVED


@lru_cache(4096)
def read_language(text: str) -> str:
    """The stored code of a language, from any code in use for it.

    Codes of three letters become those of two where ISO 639 has them; a single language that
    represents its macrolanguage in the CLDR becomes that: ``swh``, ``cmn``, ``arb``, ``pes`` are
    ``sw``, ``zh``, ``ar``, ``fa``. A script is omitted if it is the likeliest one in the CLDR.

    Raises:
        ValueError: it is not a code, or it is reserved.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:80]!r} is not a language code such as yo, zh-Hant or swh_Latn")
    language, script, region = (part or "" for part in match.groups())
    language = _shortest(language.lower())
    script, region = script.title(), region.upper()
    if script and language not in RESERVED:
        usual = _usual_script(language, region)
        if script == usual or (language, script) in _USUAL:
            script = ""
    code = "-".join(part for part in (language, script, region) if part)
    if code in RESERVED:
        raise ValueError(
            f"{text!r} is a language code, but also a reserved name, here or on Windows; "
            f"write it with its script: {language}-{_usual_script(language, region) or 'Latn'}"
        )
    return code


def _shortest(language: str) -> str:
    """The two-letter code for a three-letter code, or for a withdrawn one."""
    from babel.core import get_global

    short = _OWN.get(language) or str(get_global("language_aliases").get(language, ""))
    return short if len(short) == 2 else language


def _usual_script(language: str, region: str) -> str:
    """The likeliest script in the CLDR; empty where it has none."""
    from babel.core import get_global

    likely = get_global("likely_subtags")
    group, _, _ = str(get_global("language_aliases").get(language, "")).partition("_")
    scripts = (likely.get(key) for key in (f"{language}_{region}", language, group))
    return "".join(str(next(filter(None, scripts), "")).split("_")[1:2])


def stored_code(text: str) -> str:
    """`read_language` of a code; any other text unchanged, for a later check to refuse."""
    try:
        return read_language(text)
    except ValueError:
        return text


def stored_codes(texts: Iterable[str]) -> tuple[str, ...]:
    """The `stored_code` of each text, in order."""
    return tuple(map(stored_code, texts))


@lru_cache(1024)
def language_name(code: str) -> str:
    """A language's name in English, as the CLDR has it; empty where it has none.

    A script and a region stand behind it: ``Chinese (Traditional)``.
    """
    from babel import Locale

    english = Locale("en")
    language, *rest = code.split("-")
    name = str(english.languages.get(language, ""))
    known = {**english.scripts, **english.territories} if rest else {}
    more = [str(known[part]) for part in rest if part in known]
    return f"{name} ({', '.join(more)})" if name and more else name


def check_languages(languages: Sequence[str], known: Collection[str], flag: str) -> tuple[str, ...]:
    """Return the stored codes of the languages, sorted and without repeats.

    Raises:
        UsageError: a language is not among the known ones.
    """
    chosen = {code if code in known else stored_code(code) for code in languages}
    unknown = sorted(chosen - set(known))
    if unknown:
        raise UsageError(
            f"{flag}: no language {', '.join(unknown)} here.",
            f"Choose from: {' '.join(sorted(known))}.",
        )
    return tuple(sorted(chosen))
