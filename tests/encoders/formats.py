"""Small random checkpoints in the layouts that the hub's models have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from hybench.encoders.vocabulary import transformers_tokenizer

HIDDEN = 16
LENGTH = 48

_BERT: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
}
_DECODER: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
}


def plain(folder: Path, vocabulary: Path, kind: str, dtype: str = "float32", **more: Any) -> Any:
    """A bare checkpoint of transformers, as `save_pretrained` lays it out; returns the network."""
    import transformers

    tokenizer = transformers_tokenizer(vocabulary, LENGTH)
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, **more
    )
    torch.manual_seed(0)
    name = {"MT5": "MT5EncoderModel", "Gemma3Text": "Gemma3TextModel"}.get(kind, f"{kind}Model")
    network = getattr(transformers, name)(config).to(getattr(torch, dtype))
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return network


def modules(
    folder: Path,
    network: Path,
    *,
    pooling: str = "mean",
    dense: list[tuple[int, int, Any]] | None = None,
    normalise: bool = True,
    **config: Any,
) -> None:
    """The bare checkpoint `network` in sentence-transformers' layout, with its other modules."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Dense,
        Normalize,
        Pooling,
        Transformer,
    )

    torch.manual_seed(1)
    parts: list[Any] = [Transformer(str(network)), Pooling(HIDDEN, pooling_mode=pooling)]
    for inside, outside, activation in dense or []:
        parts.append(Dense(inside, outside, activation_function=activation))
    if normalise:
        parts.append(Normalize())
    SentenceTransformer(modules=parts, device="cpu", **config).save(
        str(folder), create_model_card=False
    )


def xlm_roberta(folder: Path, tokenizer: Path) -> None:
    """xlm-roberta-base: bare, no word on pooling or prompts."""
    plain(folder, tokenizer, "XLMRoberta", **_BERT)


def half(folder: Path, tokenizer: Path) -> None:
    """The same in float16."""
    plain(folder, tokenizer, "XLMRoberta", "float16", **_BERT)


def brain_float(folder: Path, tokenizer: Path) -> None:
    """The same in bfloat16."""
    plain(folder, tokenizer, "XLMRoberta", "bfloat16", **_BERT)


def sharded(folder: Path, tokenizer: Path) -> None:
    """mBERT, its weights in several files."""
    network = plain(folder, tokenizer, "Bert", **_BERT)
    (folder / "model.safetensors").unlink()
    network.save_pretrained(folder, max_shard_size="10KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1


def e5(folder: Path, tokenizer: Path) -> None:
    """multilingual-e5 as its authors laid it out: pooling and normalisation, no prompts."""
    plain(folder.parent / "e5-network", tokenizer, "XLMRoberta", **_BERT)
    modules(folder, folder.parent / "e5-network")


def bge_m3(folder: Path, tokenizer: Path) -> None:
    """BGE-M3: the first token, normalised."""
    plain(folder.parent / "bge-network", tokenizer, "XLMRoberta", **_BERT)
    modules(folder, folder.parent / "bge-network", pooling="cls")


def labse(folder: Path, tokenizer: Path) -> None:
    """LaBSE: the first token, a dense layer with tanh."""
    plain(folder.parent / "labse-network", tokenizer, "Bert", **_BERT)
    dense = [(HIDDEN, HIDDEN, torch.nn.Tanh())]
    modules(folder, folder.parent / "labse-network", pooling="cls", dense=dense)


def arctic(folder: Path, tokenizer: Path) -> None:
    """Arctic 2: the first token, a prompt for queries in its files."""
    plain(folder.parent / "arctic-network", tokenizer, "XLMRoberta", **_BERT)
    network = folder.parent / "arctic-network"
    modules(folder, network, pooling="cls", prompts={"query": "query: "})


def modern_bert(folder: Path, tokenizer: Path) -> None:
    """ModernBERT and mmBERT: rotary positions, layers with local attention."""
    own: dict[str, Any] = {
        "cls_token_id": 2,
        "sep_token_id": 3,
        "bos_token_id": 2,
        "eos_token_id": 3,
    }
    plain(folder, tokenizer, "ModernBert", **_BERT, **own)


def qwen3(folder: Path, tokenizer: Path) -> None:
    """Qwen3-Embedding: a decoder in bfloat16, the last token, an instruction for queries."""
    network = folder.parent / "qwen3-network"
    plain(network, tokenizer, "Qwen3", "bfloat16", **_DECODER)
    prompts = {"query": "Instruct: red blue\nQuery:", "document": ""}
    modules(folder, network, pooling="lasttoken", prompts=prompts)


def gemma(folder: Path, tokenizer: Path) -> None:
    """EmbeddingGemma: attention in both directions, two dense layers, prompts for both kinds."""
    network = folder.parent / "gemma-network"
    plain(network, tokenizer, "Gemma3Text", use_bidirectional_attention=True, **_DECODER)
    identity = torch.nn.Identity()
    prompts = {"query": "task: search | query: ", "document": "title: none | text: "}
    dense = [(HIDDEN, 32, identity), (32, HIDDEN, identity)]
    modules(folder, network, dense=dense, prompts=prompts)


def mt5(folder: Path, tokenizer: Path) -> None:
    """The encoder of mT5, as LUSIFER and sentence-t5 take it."""
    own: dict[str, Any] = {
        "d_model": HIDDEN,
        "d_kv": 8,
        "d_ff": 32,
        "num_layers": 3,
        "num_heads": 2,
    }
    plain(folder, tokenizer, "MT5", **own)


def static(folder: Path, tokenizer: Path) -> None:
    """static-similarity-mrl-multilingual: a table of token embeddings, not normalised."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    torch.manual_seed(0)
    table = StaticEmbedding(Tokenizer.from_file(str(tokenizer)), embedding_dim=HIDDEN)
    SentenceTransformer(modules=[table], device="cpu").save(str(folder), create_model_card=False)


def model2vec(folder: Path, tokenizer: Path) -> None:
    """potion in model2vec's own layout, in float16."""
    from safetensors.torch import save_file
    from tokenizers import Tokenizer

    folder.mkdir(parents=True)
    size = Tokenizer.from_file(str(tokenizer)).get_vocab_size()
    torch.manual_seed(0)
    save_file({"embeddings": torch.randn(size, HIDDEN).half()}, folder / "model.safetensors")
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    (folder / "config.json").write_text(json.dumps({"model_type": "model2vec", "normalize": True}))


def matryoshka(folder: Path, tokenizer: Path) -> None:
    """A model whose files say to keep the first eight dimensions."""
    plain(folder.parent / "matryoshka-network", tokenizer, "XLMRoberta", **_BERT)
    modules(folder, folder.parent / "matryoshka-network", truncate_dim=8)


FORMATS: dict[str, Callable[[Path, Path], None]] = {
    each.__name__: each
    for each in (
        xlm_roberta, half, brain_float, sharded, e5, bge_m3, labse, arctic, modern_bert, qwen3,
        gemma, mt5, static, model2vec, matryoshka,
    )
}  # fmt: skip
