"""Encoders from random weights, with a vocabulary learned from the training pairs.

``static`` averages token embeddings; ``tiny`` is a small DistilBERT (arXiv 1910.01108). They need
no download and train in seconds to minutes on a laptop.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
TOKENIZER_RECIPE = "bpe-1"
"""Changes with anything that lets `train_tokenizer` learn another vocabulary from one text."""

# Small beside what training adds, so that a token never trained on hardly moves the mean.
_STATIC_DEVIATION = 0.02
_TINY_LAYERS = 2
_TINY_HEADS = 4
_LONGEST_TOKEN = 16


def quiet_libraries() -> None:
    """Stop transformers and the hub client from drawing bars and reports of their own."""
    from huggingface_hub.utils.tqdm import disable_progress_bars
    from transformers.utils import logging

    disable_progress_bars()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def train_tokenizer(texts: Iterable[str], vocabulary: int, path: Path) -> None:
    """Learn a BPE vocabulary and write it to `path` as a tokenizers JSON file.

    Text is NFKC-normalised and lower-cased, and split at spaces and punctuation before merging; a
    run of a script without spaces is one unit for the merges. Characters never seen become [UNK].

    Args:
        texts: training texts of all languages.
        vocabulary: number of tokens, the special ones included.
        path: the file to write.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=list(SPECIAL_TOKENS),
        max_token_length=_LONGEST_TOKEN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
    )
    tokenizer.save(str(path))


def static_model(
    tokenizer_file: Path, dimension: int, length: int, seed: int
) -> SentenceTransformer:
    """A bag of token embeddings (mean, then L2-normalised) with random weights.

    Args:
        tokenizer_file: as written by `train_tokenizer`.
        dimension: of the embeddings and of the vectors.
        length: texts are cut after this many tokens.
        seed: of the weights, drawn from N(0, 0.02²).
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(length)
    random = torch.Generator().manual_seed(seed)
    weights = torch.randn(tokenizer.get_vocab_size(), dimension, generator=random)
    embedding = StaticEmbedding(tokenizer, embedding_weights=weights * _STATIC_DEVIATION)
    return SentenceTransformer(modules=[embedding, Normalize()], device="cpu")


def transformers_tokenizer(tokenizer_file: Path, length: int) -> PreTrainedTokenizerFast:
    """A vocabulary of `train_tokenizer` as transformers want it; texts are cut at `length`."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(tokenizer_file),
        pad_token="[PAD]",  # noqa: S106
        unk_token="[UNK]",  # noqa: S106
        cls_token="[CLS]",  # noqa: S106
        sep_token="[SEP]",  # noqa: S106
        model_max_length=length,
    )


def tiny_model(tokenizer_file: Path, dimension: int, length: int, seed: int) -> SentenceTransformer:
    """A DistilBERT of two layers and four heads (mean pooling, then L2-normalised), random weights.

    Args:
        tokenizer_file: as written by `train_tokenizer`.
        dimension: hidden size and dimension of the vectors; a multiple of four.
        length: the longest text in tokens, special tokens included.
        seed: of the weights.
    """
    import torch
    from safetensors.torch import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import DistilBertConfig, DistilBertModel

    tokenizer = transformers_tokenizer(tokenizer_file, length)
    config = DistilBertConfig(
        vocab_size=len(tokenizer),
        dim=dimension,
        hidden_dim=4 * dimension,
        n_layers=_TINY_LAYERS,
        n_heads=_TINY_HEADS,
        max_position_embeddings=max(length, 16),
        pad_token_id=tokenizer.pad_token_id,
    )
    quiet_libraries()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = DistilBertModel(config)
    with TemporaryDirectory() as folder:
        # Not network.save_pretrained: of processes that train together, it writes in one alone.
        config.save_pretrained(folder)
        save_file(network.state_dict(), Path(folder) / "model.safetensors", {"format": "pt"})
        tokenizer.save_pretrained(folder)
        transformer = Transformer(folder)
    return SentenceTransformer(
        modules=[transformer, Pooling(dimension, pooling_mode="mean"), Normalize()], device="cpu"
    )
