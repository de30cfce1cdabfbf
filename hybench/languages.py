"""Languages by their ISO 639-1 codes, as MIRACL uses them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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


def check_languages(languages: Sequence[str], known: Collection[str], flag: str) -> tuple[str, ...]:
    """Return the languages sorted and without repeats.

    Raises:
        UsageError: a language is not among the known ones.
    """
    unknown = sorted(set(languages) - set(known))
    if unknown:
        raise UsageError(
            f"{flag}: no language {', '.join(unknown)} here.",
            f"Choose from: {' '.join(sorted(known))}.",
        )
    return tuple(sorted(set(languages)))
