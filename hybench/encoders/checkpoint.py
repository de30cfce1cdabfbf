"""A checkpoint's files: what they say of the model, read without loading it.

A checkpoint is a directory, or a model of the hub, in one of the layouts of sentence-transformers,
transformers, peft (an adapter) or model2vec. Only safetensors are read, and remote code never runs.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hybench.encoders.hub import snapshot
from hybench.encoders.languages import CONFIG as ROUTER_CONFIG
from hybench.encoders.languages import ROUTER, TWO_TOWERS, check_router
from hybench.errors import DataError, UsageError
from hybench.files.checksums import sha256_once
from hybench.files.documents import sha256_json

ADAPTER = "adapter_config.json"
"""peft's config of an adapter, which names the model that it adapts."""

MODULES = "modules.json"
"""sentence-transformers' list of a model's modules."""

_PROMPTS = "config_sentence_transformers.json"
_WITHOUT_WEIGHTS = frozenset({"Pooling", "Normalize", "Dropout"})
_WITH_WEIGHTS = frozenset({"Transformer", "StaticEmbedding", "Dense", "LayerNorm"})
_MODEL_FILES = frozenset({".safetensors", ".json", ".txt", ".model", ".jinja"})
_HEADER = 8
"""Bytes of a safetensors file that hold its header's length."""

_MOST_HEADER = 100_000_000
_TYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64"}


@dataclass(frozen=True)
class Module:
    """One module of a sentence-transformers model.

    Attributes:
        kind: its class, such as ``Transformer``.
        path: its folder, relative to the checkpoint's; empty for the checkpoint's own.
    """

    kind: str
    path: str


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose files are at hand.

    Attributes:
        name: what it was called: a directory, or an id on the hub.
        folder: the directory with its files.
        revision: the commit that they are of; None for a directory.
    """

    name: str
    folder: Path
    revision: str | None = None

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """The modules in their order; a bare checkpoint is one.

        Raises:
            DataError: the list of modules is damaged.
        """
        file = self.folder / MODULES
        listed = _read(file)
        if listed is None:
            static = _json(self.folder / "config.json").get("model_type") == "model2vec"
            return (Module("StaticEmbedding" if static else "Transformer", ""),)
        try:
            found = tuple(Module(_class_of(each["type"]), each["path"]) for each in listed)
        except (KeyError, TypeError, AttributeError):
            found = ()
        if not found:
            raise DataError(f"{file} is not a list of modules.", "Fetch the model again.")
        return found

    @property
    def is_static(self) -> bool:
        """Whether it is a bag of token embeddings, not a transformer."""
        return self.modules[0].kind == "StaticEmbedding"

    @property
    def has_module_list(self) -> bool:
        """Whether a list says of which modules it is made, as sentence-transformers writes it."""
        return (self.folder / MODULES).is_file()

    @property
    def first(self) -> Path:
        """The folder of its transformer or table of embeddings."""
        return self.folder / self.modules[0].path

    @cached_property
    def config(self) -> dict[str, Any]:
        """transformers' config.json; empty if it has none."""
        return _json(self.first / "config.json")

    @cached_property
    def adapter(self) -> dict[str, Any]:
        """peft's config if it is an adapter, else empty."""
        return _json(self.first / ADAPTER)

    @cached_property
    def prompts(self) -> dict[str, str]:
        """The prompts in its files, by name, without empty ones."""
        own = _json(self.folder / _PROMPTS).get("prompts") or {}
        return {name: text for name, text in own.items() if text}

    @cached_property
    def similarity(self) -> str:
        """The similarity that it was trained for, such as ``cosine``; empty if no file says."""
        return str(_json(self.folder / _PROMPTS).get("similarity_fn_name") or "")

    @property
    def pooling_file(self) -> dict[str, Any]:
        """The config of its pooling; empty if it has none."""
        paths = [each.path for each in self.modules if each.kind == "Pooling"]
        return _json(self.folder / paths[0] / "config.json") if paths else {}

    @cached_property
    def stored_types(self) -> tuple[str, ...]:
        """Types of the stored weights of its first module, such as ``float16``, sorted.

        Raises:
            DataError: a file of weights is damaged.
        """
        found: set[str] = set()
        for file in sorted(self.first.glob("*.safetensors")):
            try:
                found |= {tensor["dtype"] for tensor in _header(file).values()}
            except (struct.error, ValueError, TypeError, KeyError) as error:
                raise DataError(
                    f"{self.name} cannot be loaded: the header of {file.name} is damaged.",
                    "Fetch the model again, or train it again.",
                ) from error
        return tuple(sorted(_TYPES.get(each, each.lower()) for each in found))

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Names of all files that make the model, relative to its folder, sorted."""
        files = [file for file in self.folder.rglob("*") if file.suffix in _MODEL_FILES]
        return tuple(sorted(file.relative_to(self.folder).as_posix() for file in files))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the names and contents of all files that make the model."""
        return sha256_json({name: sha256_once(self.folder / name) for name in self.files})

    def check(self) -> None:
        """Refuse what hybench does not train or load, by its name.

        Raises:
            UsageError: it has two towers, another library's modules, remote code, integer weights,
                or weights that are only pickled.
        """
        self._check_kind()
        for module in self.modules:
            self._check_module(module)
        whole = {"float32", "float16", "bfloat16", "float64"}
        others = [each for each in self.stored_types if each not in whole]
        quantised = self.config.get("quantization_config")
        if (self.is_static and others) or quantised:
            raise UsageError(
                f"{self.name} is quantised ({', '.join(others) or 'its config says so'}).",
                "Use the model that it was made from: quantised weights cannot be trained.",
            )

    def _check_kind(self) -> None:
        kinds = [each.kind for each in self.modules]
        model_type = self.config.get("model_type")
        for at, module in enumerate(self.modules):
            if module.kind in {ROUTER, "Asym"}:
                folder = self.folder / module.path
                check_router(self.name, folder, _json(folder / ROUTER_CONFIG), first=at == 0)
        if model_type == "dpr":
            raise UsageError(f"{self.name} is a half of DPR (arXiv 2004.04906).", TWO_TOWERS)
        if "auto_map" in self.config and not _is_known(str(model_type)):
            raise UsageError(
                f"{self.name} needs remote code (model type {model_type}), which hybench never "
                "runs.",
                "Use a checkpoint whose architecture is part of transformers.",
            )
        taken = _WITH_WEIGHTS | _WITHOUT_WEIGHTS | {ROUTER}
        strange = [kind for kind in kinds if kind not in taken]
        if strange or kinds[0] not in {"Transformer", "StaticEmbedding"}:
            raise UsageError(
                f"{self.name} has the module {(strange or kinds)[0]}, which hybench cannot train.",
                "Use a checkpoint of a transformer or of static embeddings.",
            )

    def _check_module(self, module: Module) -> None:
        folder = self.folder / module.path
        if module.kind in _WITH_WEIGHTS and not any(folder.glob("*.safetensors")):
            where = f"{self.name}: {module.path}" if module.path else self.name
            raise UsageError(
                f"{where} has no safetensors weights.",
                "Save the checkpoint with safe_serialization=True: pickles are never loaded.",
            )
        if module.kind == "Dense":
            activation = str(_json(folder / "config.json").get("activation_function", "torch."))
            if not activation.startswith("torch."):
                raise UsageError(
                    f"{self.name} has the activation {activation}, which is remote code.",
                    "Use a checkpoint whose dense layers have an activation of torch.",
                )
        if module.kind == "Pooling" and not self.pooling_file.get("include_prompt", True):
            raise UsageError(
                f"{self.name} leaves the prompt out of its pooling (as INSTRUCTOR does).",
                "hybench pools over all tokens: use another checkpoint.",
            )


def _class_of(kind: str) -> str:
    """The name of sentence-transformers' class; the whole path of another library's."""
    library, _, name = kind.rpartition(".")
    return name if library.partition(".")[0] == "sentence_transformers" else kind


def locate(name: str | Path) -> Checkpoint:
    """The checkpoint in a directory, or of that id on the hub; its files are fetched.

    Args:
        name: a directory; or an id, with ``@REVISION`` if it is not the newest.

    Raises:
        UsageError: there is no such checkpoint, or hybench does not take its kind.
        DataError: a file of it is damaged.
    """
    folder = Path(name)
    if not folder.is_dir():
        looks_local = folder.is_absolute() or str(name).startswith(("./", "../", "~"))
        if looks_local or isinstance(name, Path) or str(name).count("/") > 1:
            raise UsageError(f"There is no checkpoint {name}.", "Check the path.")
        found = Checkpoint(str(name), *snapshot(str(name)))
    else:
        found = Checkpoint(str(name), folder)
    found.check()
    return found


def _is_known(model_type: str) -> bool:
    from transformers import CONFIG_MAPPING

    return model_type in CONFIG_MAPPING


def _read(file: Path) -> Any:
    """The value in a JSON file of another library; None if there is no file.

    Raises:
        DataError: it is damaged.
    """
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise DataError(
            f"{file} cannot be read as JSON: {error}.", "Fetch the model again."
        ) from error


def _json(file: Path) -> dict[str, Any]:
    """The object in a JSON file; empty if there is no file.

    Raises:
        DataError: it is damaged.
    """
    value = _read(file)
    if not isinstance(value, dict | None):
        raise DataError(f"{file} is not a JSON object.", "Fetch the model again.")
    return value or {}


def _header(file: Path) -> dict[str, Any]:
    """The header of a safetensors file: its tensors by name, each with ``dtype`` and ``shape``.

    Raises:
        struct.error: it is too short.
        ValueError: it is not JSON.
        TypeError: it is not an object.
    """
    with file.open("rb") as opened:
        [length] = struct.unpack("<Q", opened.read(_HEADER))
        header = json.loads(opened.read(min(length, _MOST_HEADER)))
    return {name: header[name] for name in header if name != "__metadata__"}
