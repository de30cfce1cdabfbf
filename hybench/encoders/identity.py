"""What identifies an encoder: a digest of all that decides its vectors."""

from __future__ import annotations

import json
from typing import Any

from hybench.encoders.encoder import Encoder
from hybench.encoders.prompts import TextKind
from hybench.files.documents import sha256_json

_KINDS: tuple[TextKind, ...] = ("query", "passage")


def encoder_digest(encoder: Encoder) -> str:
    """SHA-256 of weights, modules, prefixes, lengths and tokenizer."""
    import hashlib

    digest = hashlib.sha256()
    state: dict[str, Any] = encoder.model.state_dict()
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].detach().float().cpu().numpy().tobytes())
    checkpoint = encoder.origins.checkpoint
    own = encoder.tokenizer_definition or (checkpoint and checkpoint.digest)
    more: list[Any] = [own, encoder.model.truncate_dim]
    for kind in _KINDS:
        more += [encoder.prefix(kind), encoder.length(kind)]
    for module in list(encoder.model)[1:]:
        described: Any = module
        more += [type(module).__name__, described.get_config_dict()]
    digest.update(sha256_json(json.loads(json.dumps(more, default=str))).encode())
    return digest.hexdigest()
