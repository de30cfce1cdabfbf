"""Models whose vectors depend on the language of a text: routes by language behind the pooling.

Such a model ends with sentence-transformers' Router, which has a linear layer per language, and a
normalisation. It is plain: ``SentenceTransformer(folder).encode(texts, task="sw")`` runs it without
hybench and without remote code, and refuses a text whose language is not said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.encoders.prompts import TextKind
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ROUTER = "Router"
CONFIG = "router_config.json"
"""In the Router's folder: its routes, and the modules of each."""

QUERY = "query"
"""The route of all queries, where only passages are changed; else queries take their language's."""

_PREFIX = "sentence_transformers."
_MODULES = frozenset({"Dense", "Normalize"})
TWO_TOWERS = "It has two towers, one for queries and one for passages; hybench trains one for both."


def check_router(name: str, folder: Path, config: Mapping[str, Any], *, first: bool) -> None:
    """Check that a Router has a route by language, of linear layers.

    Args:
        name: of the checkpoint.
        folder: of the Router.
        config: the contents of its config.
        first: whether it is the model's first module.

    Raises:
        UsageError: it routes texts to encoders, or to modules that hybench does not take.
    """
    types = [str(each) for each in dict(config.get("types") or {}).values()]
    plain = all(each.startswith(_PREFIX) and each.split(".")[-1] in _MODULES for each in types)
    if first or not types or not plain:
        raise UsageError(f"{name} is a Router of several encoders.", TWO_TOWERS)
    for module in config["types"]:
        if config["types"][module].endswith(".Dense") and not any(
            (folder / module).glob("*.safetensors")
        ):
            raise UsageError(
                f"{name}: {folder.name}/{module} has no safetensors weights.",
                "Derive it again: pickles are never loaded.",
            )


def languages_of(model: SentenceTransformer) -> tuple[str, ...]:
    """Codes of the languages that a model has routes for, sorted; empty if it has no Router."""
    return tuple(sorted(set(_routes(model)) - {QUERY}))


def route_of(model: SentenceTransformer, kind: TextKind, language: str | None) -> str | None:
    """The route of a text: what plain sentence-transformers takes as ``task``.

    Args:
        model: the model.
        kind: of the text.
        language: its code; None if it is not known.

    Returns:
        None for a model without routes.

    Raises:
        UsageError: the model has routes, and none for this language.
    """
    routes = _routes(model)
    if not routes or (kind == "query" and QUERY in routes):
        return QUERY if routes else None
    check_told(languages_of(model), [language])
    return language


def check_told(known: Collection[str], languages: Collection[str | None]) -> None:
    """Check that a model has a route for every language of some texts.

    Args:
        known: the languages of its routes; empty for a model whose vectors do not depend on them.
        languages: codes; None for one that is not said.

    Raises:
        UsageError: naming those that it lacks.
    """
    if not known:
        return
    if None in languages:
        raise UsageError(
            "The model's vectors depend on the language of a text, which is not said.",
            "Say it (hybench search --query-language sw; in the dashboard, :sw: text); it has "
            f"{' '.join(sorted(known))}.",
        )
    lacking = sorted({str(each) for each in languages} - set(known))
    if lacking:
        raise UsageError(
            f"The model's vectors depend on the language of a text, and it has none of "
            f"{' '.join(lacking)}.",
            f"Name languages that it has (--languages {','.join(sorted(known))}), or derive it "
            "from a set that has the others too.",
        )


def _routes(model: SentenceTransformer) -> tuple[str, ...]:
    for module in model:
        if type(module).__name__ == ROUTER:
            routes: Any = module.sub_modules
            return tuple(routes)
    return ()
