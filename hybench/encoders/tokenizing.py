"""A model's own tokenizer, applied word by word if that gives the same tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hybench.encoders.tokens import Tokens
from hybench.encoders.words import WordTokenizer, is_wordwise, tokens_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase

PROBES = (
    "",
    "  Two  spaces, a tab\tand\na line; a no-break\u00a0space, an ideographic\u3000one. ",
    "It's 3.14 (or -2) @ 50% & <b>x</b> != y... “so” – no! ##ing \u2581",
    "[UNK] a[CLS]b </s> <mask>",
    "ÀÉÎÕÜ àéîõü a\u0301 \u0301 x\u0338 =\u0338 ﬁne ＡＢＣ，ｄ！ ① ½ ﷺ İstanbul ΣΑΣ ΟΔΟΣ ẞ ǅ",
    "Ọjọ́ ọ̀ṣẹ́ Yorùbá. Nairobi ni mji mkuu wa Kenya. İyi günler, Đà Nẵng?",
    "Москва — столица России. Ἡ Ἀθῆνα εἶναι πόλις. Երևան։ თბილისი.",
    "القاهرة هي عاصمة مصر، أليس كذلك؟ تهران پایتخت ایران است\u200cها. בְּרֵאשִׁית ירושלים.",
    "नई दिल्ली भारत की राजधानी है। ঢাকা বাংলাদেশের রাজধানী। హైదరాబాద్ తెలంగాణ. சென்னை. ಬೆಂಗಳೂರು.",
    "東京は日本の首都です。「はい」ｶﾞｷﾞ カタカナ 北京是中国的首都，人口多！ 서울은 대한민국의 수도.",
    "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย ວຽງຈັນ ភ្នំពេញ ရန်ကုန် བོད་ཡིག། አዲስ አበባ፣ ኢትዮጵያ።",
    "👩‍👩‍👧 🏽 🇰🇪 ☃️ \u200b\u200d\ufeff\u00ad\u202e\u0007 \ud7a3 \U0001f600\U00020000 zzz",
    "one two three " * 400,
    "北京是中国的首都" * 100,
)
"""Texts in many scripts, with characters that tokenizers may treat specially."""


class TextTokenizer:
    """Tokenises texts into exactly the ids of the model's own tokenizer.

    Args:
        tokenizer: a bare one, of static embeddings, which adds no special tokens and truncates by
            its own setting; or one of transformers.
    """

    def __init__(self, tokenizer: Tokenizer | PreTrainedTokenizerBase) -> None:
        from tokenizers import Tokenizer

        self.own: Any = tokenizer
        self._bare = isinstance(tokenizer, Tokenizer)
        self._words: WordTokenizer | None = None
        self._around: tuple[list[int], list[int]] = ([], [])
        backend = tokenizer if self._bare else getattr(tokenizer, "backend_tokenizer", None)
        if isinstance(backend, Tokenizer) and self._cuts_the_end() and is_wordwise(backend):
            if not self._bare:
                self._around = self._special_tokens()
            self._words = WordTokenizer(backend)
            if not self._same_as_plain():
                self._words = None

    @property
    def wordwise(self) -> bool:
        """Whether each distinct word is tokenised once."""
        return self._words is not None

    @cached_property
    def digest(self) -> str | None:
        """SHA-256 of `definition`, which is of many megabytes; None if there is none."""
        found = self.definition
        return None if found is None else hashlib.sha256(found.encode()).hexdigest()

    @cached_property
    def definition(self) -> str | None:
        """All that decides the tokens of a text, as text; None if the tokenizer lacks it."""
        backend = self.own if self._bare else getattr(self.own, "backend_tokenizer", None)
        if backend is None:
            return None
        more = "" if self._bare else f"{type(self.own).__name__} {self.own.model_max_length}"
        return f"{more}{backend.to_str()}"

    def __call__(self, texts: Sequence[str], longest: int | None) -> Tokens:
        """Tokens of texts, truncated and with special tokens.

        Args:
            texts: n texts.
            longest: most tokens of a text, special ones included; None for the tokenizer's own
                limit, the only one of a bare tokenizer.
        """
        words = self._words
        tokens = None if words is None else words.tokenize(texts)
        if words is None or tokens is None:
            return self.plain(texts, longest)
        before, after = self._around
        limit = self._limit(longest)
        if limit is not None:
            tokens = tokens.cut(max(0, limit - len(before) - len(after)))
        rows = words.naming_added_tokens(texts)
        apart = self.plain([texts[row] for row in rows.tolist()], longest)
        return tokens.surrounded(before, after).replaced(rows, apart)

    def plain(self, texts: Sequence[str], longest: int | None) -> Tokens:
        """The same, text by text."""
        if self._bare or not texts:
            return tokens_of(self.own, texts)
        ids = self.own(
            list(texts),
            truncation=True,
            max_length=longest,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["input_ids"]
        return Tokens.from_lists(ids)

    def _limit(self, longest: int | None) -> int | None:
        if not self._bare:
            return longest or int(self.own.model_max_length)
        truncation = self.own.truncation
        return truncation and int(truncation["max_length"])

    def _special_tokens(self) -> tuple[list[int], list[int]]:
        """Ids that the tokenizer puts before and after a text."""
        one = self.own("a", return_special_tokens_mask=True)
        ids, special = one["input_ids"], one["special_tokens_mask"]
        begin, end = special.index(0), len(special) - special[::-1].index(0)
        return ids[:begin], ids[end:]

    def _cuts_the_end(self) -> bool:
        if not self._bare:
            return bool(self.own.truncation_side == "right")
        return self.own.truncation is None or self.own.truncation["direction"] == "right"

    def _same_as_plain(self) -> bool:
        limits = (None,) if self._bare else (None, 16)
        return all(
            np.array_equal(ours.ids, plain.ids) and np.array_equal(ours.offsets, plain.offsets)
            for ours, plain in ((self(PROBES, at), self.plain(PROBES, at)) for at in limits)
        )
