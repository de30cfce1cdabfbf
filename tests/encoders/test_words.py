"""Word by word: exactly the tokens that the tokenizer gives whole texts, or not at all."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, processors, trainers
from tokenizers import pre_tokenizers as splitters
from transformers import PreTrainedTokenizerFast

from hybench.encoders.tokenizing import PROBES, TextTokenizer
from hybench.encoders.tokens import Tokens
from hybench.encoders.words import MARKS, WordTokenizer, is_wordwise, tokens_of

SPECIAL = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "<s>"]


def trained(model: Any, trainer: Any, normalizer: Any, splitter: Any) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.train_from_iterator(
        PROBES, trainer(vocab_size=500, special_tokens=SPECIAL, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP] [SEP]",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def bpe(normalizer: Any, splitter: Any) -> Tokenizer:
    return trained(models.BPE(unk_token=SPECIAL[0]), trainers.BpeTrainer, normalizer, splitter)


def ours() -> Tokenizer:
    return bpe(
        normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]),
        splitters.Sequence([splitters.WhitespaceSplit(), splitters.Punctuation()]),
    )


def bert() -> Tokenizer:
    return trained(
        models.WordPiece(unk_token=SPECIAL[0]),
        trainers.WordPieceTrainer,
        normalizers.BertNormalizer(),
        splitters.BertPreTokenizer(),
    )


def digits() -> Tokenizer:
    return bpe(
        normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.NFC()]),
        splitters.Sequence(
            [splitters.Whitespace(), splitters.Digits(), splitters.Punctuation("isolated")]
        ),
    )


WORDWISE: dict[str, Tokenizer] = {"bpe": ours(), "bert": bert(), "digits": digits()}
kinds = pytest.mark.parametrize("kind", WORDWISE)
calmly = settings(deadline=None)

pieces = st.sampled_from(
    [
        *(*MARKS, *"<=> \t\n", "\u0338", "\u0301", "\u00a0", "\u3000", "\u200d"),
        *("´", "ﷺ", "…", "Σ", "İ", "ǅ", "the", "Capital", "首都", "，", "ＡＢ", "เมือง", "12", "👩"),
    ]
)
texts = st.lists(
    st.lists(pieces | st.text(max_size=4), max_size=12).map("".join), min_size=1, max_size=6
)


def wrapped(tokenizer: Tokenizer, kind: Any = PreTrainedTokenizerFast) -> Any:
    return kind(tokenizer_object=tokenizer, model_max_length=64)


BARE = {kind: TextTokenizer(Tokenizer.from_str(one.to_str())) for kind, one in WORDWISE.items()}
WRAPPED = {kind: TextTokenizer(wrapped(one)) for kind, one in WORDWISE.items()}


def same(one: Tokens | None, other: Tokens) -> bool:
    return (
        one is not None
        and np.array_equal(one.ids, other.ids)
        and np.array_equal(one.offsets, other.offsets)
    )


@kinds
@calmly
@given(texts)
def test_words_give_the_tokens_of_their_texts(kind: str, items: list[str]) -> None:
    tokenizer = WORDWISE[kind]
    assume(not any(name in item for name in SPECIAL for item in items))
    # Thrice, so that most words are there already.
    assert same(WordTokenizer(tokenizer).tokenize(items * 3), tokens_of(tokenizer, items * 3))


@pytest.mark.slow
@kinds
def test_every_character_gives_the_same_tokens_beside_every_kind(kind: str) -> None:
    assigned = [
        chr(point)
        for point in range(sys.maxunicode + 1)
        if unicodedata.category(chr(point)) not in {"Cn", "Co", "Cs"}
    ]
    items = [
        " ".join(f"a{one}b {one} -{one}-{one}" for one in assigned[start : start + 500])
        for start in range(0, len(assigned), 500)
    ]
    items = [item for item in items for _ in range(2)]
    tokenizer = WORDWISE[kind]
    assert same(WordTokenizer(tokenizer).tokenize(items), tokens_of(tokenizer, items))


def test_no_mark_composes_with_another_character() -> None:
    canonical = [
        parts
        for point in range(sys.maxunicode + 1)
        if (parts := unicodedata.decomposition(chr(point)).split()) and not parts[0].startswith("<")
    ]
    composing = {chr(int(part, 16)) for parts in canonical if len(parts) > 1 for part in parts}
    assert "=" in composing
    assert composing.isdisjoint(MARKS)
    assert all(unicodedata.combining(mark) == 0 for mark in MARKS)


@kinds
@calmly
@given(items=texts, longest=st.integers(3, 12), names=st.booleans())
def test_cut_texts_with_special_tokens_are_those_of_the_models_own_tokenizer(
    kind: str, items: list[str], longest: int, names: bool
) -> None:
    if names:
        items = [*items, "a[CLS]b " + items[0], "<s>" * 3]
    bare = BARE[kind]
    bare.own.enable_truncation(longest)
    for both in (bare, WRAPPED[kind]):
        assert same(both(items * 3, longest), both.plain(items * 3, longest))
    assert bare.own.truncation["max_length"] == longest


@kinds
def test_such_tokenizers_are_used_word_by_word(kind: str) -> None:
    assert BARE[kind].wordwise
    assert WRAPPED[kind].wordwise


class Shouting:
    """Splits in Python, where nobody can see how."""

    def pre_tokenize(self, text: Any) -> None:
        text.split(lambda _, part: [part])


def changed(change: Callable[[Tokenizer], None]) -> Tokenizer:
    tokenizer = ours()
    change(tokenizer)
    return tokenizer


@pytest.mark.parametrize(
    ("normalizer", "splitter"),
    [
        (None, None),
        (None, splitters.WhitespaceSplit()),
        (None, splitters.ByteLevel()),
        (None, splitters.Metaspace()),
        (None, splitters.Sequence([splitters.Punctuation(), splitters.WhitespaceSplit()])),
        (
            None,
            splitters.Sequence(
                [splitters.WhitespaceSplit(), splitters.Punctuation("merged_with_next")]
            ),
        ),
        (None, splitters.PreTokenizer.custom(Shouting())),
        (normalizers.Replace("a b", "c"), splitters.BertPreTokenizer()),
        (
            normalizers.Sequence([normalizers.NFC(), normalizers.Prepend("x")]),
            splitters.BertPreTokenizer(),
        ),
    ],
)
def test_tokenizers_that_may_look_past_a_word_are_used_plainly(
    normalizer: Any, splitter: Any
) -> None:
    tokenizer = ours()
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    assert not is_wordwise(tokenizer)
    both = TextTokenizer(tokenizer)
    assert not both.wordwise
    assert same(both(PROBES, None), tokens_of(tokenizer, PROBES))


def test_dropped_merges_and_names_in_normalised_text_are_used_plainly() -> None:
    dropping = ours()
    dropping.model.dropout = 0.5
    assert not is_wordwise(dropping)
    naming = ours()
    naming.add_tokens([AddedToken("[x]", normalized=True)])
    assert not is_wordwise(naming)


def test_texts_that_are_cut_at_the_front_are_used_plainly() -> None:
    tokenizer = ours()
    tokenizer.enable_truncation(4, direction="left")
    assert not TextTokenizer(tokenizer).wordwise


class Squeezing(PreTrainedTokenizerFast):
    """A tokenizer that does in Python what its components do not say."""

    def __call__(self, text: Any, **options: Any) -> Any:
        joined = (
            text.replace(" ", "") if isinstance(text, str) else [t.replace(" ", "") for t in text]
        )
        return super().__call__(joined, **options)


def test_what_the_components_do_not_say_is_found_on_texts() -> None:
    own = wrapped(ours(), Squeezing)
    both = TextTokenizer(own)
    assert is_wordwise(own.backend_tokenizer)
    assert not both.wordwise
    assert both(["a b"], None).ids.tolist() == own(["ab"])["input_ids"][0]


def test_texts_of_words_that_do_not_repeat_are_tokenised_plainly() -> None:
    assert WordTokenizer(ours()).tokenize(["北京是中国的首都", "กรุงเทพมหานคร"]) is None


def test_no_texts_and_empty_texts() -> None:
    for own, special in ((ours(), 0), (wrapped(ours()), 3)):
        both = TextTokenizer(own)
        assert len(both([], None)) == len(both.plain([], None)) == 0
        assert both(["", ""], None).lengths.tolist() == [special, special]
