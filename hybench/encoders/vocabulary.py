"""Vocabularies learned from the training pairs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
TOKENIZER_RECIPE = "bpe-1"
"""To be changed whenever `train_tokenizer` would learn another vocabulary from the same texts."""

_LONGEST_TOKEN = 16


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


def transformers_tokenizer(tokenizer_file: Path, length: int) -> PreTrainedTokenizerFast:
    """A vocabulary of `train_tokenizer` for transformers; texts are truncated at `length`."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(tokenizer_file),
        pad_token="[PAD]",  # noqa: S106
        unk_token="[UNK]",  # noqa: S106
        cls_token="[CLS]",  # noqa: S106
        sep_token="[SEP]",  # noqa: S106
        model_max_length=length,
    )
