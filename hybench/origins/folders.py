"""Identifies the checkpoint in a folder by what its files say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hybench.errors import DataError
from hybench.files.checksums import sha256_once
from hybench.files.documents import read_json
from hybench.origins.known import find_checkpoint, find_file
from hybench.origins.model import Link

_SNAPSHOT = re.compile(r"models--([^/]+?)--([^/]+)/snapshots/[^/]+$")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_SAME_WEIGHTS = "quantized"
"""The ``base_model_relation`` of a card whose model is its base in other numbers."""


def links_of(folder: Path) -> tuple[Link, ...]:
    """The checkpoint in a folder, and those that its files say it began with.

    It is identified by its place in the hub's cache, by the checksum of its weights, or by a card
    that calls it a quantised copy of another. The base models that a card, a config or an adapter
    names come before it: of a folder that names only these, its own training is not known.
    """
    card = _card(folder)
    base = tuple(Link(name) for name in _named_bases(folder, card))
    own = _in_cache(folder) or _by_weights(folder)
    if own:
        return (Link(own), *base)
    if base and card.get("base_model_relation") == _SAME_WEIGHTS:
        return base
    return (Link(folder.resolve().name, identified=False), *base)


def links_of_id(name: str) -> tuple[Link, ...]:
    """A checkpoint of the hub and, if nothing is known of it, what its cached card says."""
    if find_checkpoint(name):
        return (Link(name),)
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        card = try_to_load_from_cache(name, "README.md")
    except HFValidationError:
        card = None
    bases = _base_models(_front_matter(Path(card))) if isinstance(card, str) else []
    return (Link(name), *map(Link, bases))


def _in_cache(folder: Path) -> str:
    """The id of a model in the hub's cache; empty elsewhere."""
    found = _SNAPSHOT.search(folder.absolute().as_posix())
    return f"{found[1]}/{found[2]}" if found else ""


def _by_weights(folder: Path) -> str:
    """The name of a known checkpoint with this folder's weights; empty if there is none."""
    weights = [*folder.glob("*.safetensors"), *folder.glob("0_*/*.safetensors")]
    if len(weights) != 1:
        return ""
    known = find_file(weights[0].stat().st_size)
    return known.get(sha256_once(weights[0]), "") if known else ""


def _card(folder: Path) -> dict[str, Any]:
    return _front_matter(folder / "README.md")


def _front_matter(file: Path) -> dict[str, Any]:
    """The YAML at the beginning of a model card; empty if it has none that can be read."""
    import yaml

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    if not text.startswith("---"):
        return {}
    try:
        value = yaml.safe_load(text[3:].partition("\n---")[0])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _named_bases(folder: Path, card: dict[str, Any]) -> list[str]:
    """The models that the files of a folder name as what it began with, each once."""
    named = _base_models(card)
    for file, key in (
        ("adapter_config.json", "base_model_name_or_path"),
        ("config.json", "_name_or_path"),
        ("0_Transformer/config.json", "_name_or_path"),
    ):
        try:
            value = read_json(folder / file).get(key) if (folder / file).is_file() else None
        except DataError:
            value = None
        if isinstance(value, str) and (_HUB_ID.fullmatch(value) or find_checkpoint(value)):
            named.append(value)
    return list(dict.fromkeys(named))


def _base_models(card: dict[str, Any]) -> list[str]:
    value = card.get("base_model")
    listed = value if isinstance(value, list) else [value]
    return [name for name in listed if isinstance(name, str) and name]
