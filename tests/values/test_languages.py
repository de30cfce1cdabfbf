import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.errors import UsageError
from hybench.values.languages import (
    MIRACL_LANGUAGES,
    RESERVED,
    check_languages,
    is_language,
    read_language,
    stored_codes,
)

FLORES = (
    "arb_Arab", "ben_Beng", "deu_Latn", "eng_Latn", "spa_Latn", "pes_Arab", "fin_Latn",
    "fra_Latn", "hin_Deva", "ind_Latn", "jpn_Jpan", "kor_Hang", "rus_Cyrl", "swh_Latn",
    "tel_Telu", "tha_Thai", "yor_Latn", "zho_Hans",
)  # fmt: skip
ISO_639_3 = (
    "ara", "ben", "deu", "eng", "spa", "fas", "fin", "fra", "hin",
    "ind", "jpn", "kor", "rus", "swa", "tel", "tha", "yor", "zho",
)  # fmt: skip
SAME = (
    ("cmn", "zh"), ("zho_Hant", "zh-Hant"), ("ZH-hant", "zh-Hant"), ("zh-Hans", "zh"),
    ("zh_TW", "zh-TW"), ("en-us", "en-US"), ("por_Latn_BR", "pt-BR"), ("es_419", "es-419"),
    ("ger", "de"), ("iw", "he"), ("nob_Latn", "nb"), ("no", "no"), ("tgl_Latn", "tl"),
    ("tl", "tl"), ("twi_Latn", "tw"), ("aka_Latn", "ak"), ("srp_Cyrl", "sr"),
    ("sr_Latn", "sr-Latn"),
    ("kas_Deva", "ks-Deva"), ("arb_Latn", "ar-Latn"), ("arz_Arab", "arz"), ("dik_Latn", "dik"),
    ("con_Latn", "con-Latn"), ("prs_Arab", "prs"), (" yo ", "yo"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "stored"),
    [*zip(FLORES, MIRACL_LANGUAGES, strict=True), *zip(ISO_639_3, MIRACL_LANGUAGES, strict=True)],
)
def test_codes_of_other_standards_are_the_languages_of_miracl(written: str, stored: str) -> None:
    assert read_language(written) == stored


@pytest.mark.parametrize(("written", "stored"), SAME)
def test_scripts_and_regions_stay_where_they_tell_something(written: str, stored: str) -> None:
    assert read_language(written) == stored


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=3)
TAILS = st.sampled_from(("", "_Latn", "-Hant", "_Arab", "-US", "_Latn_BR", "-419", "-Hang"))


@given(LETTERS, TAILS)
def test_what_is_read_can_be_stored_and_read_again(language: str, tail: str) -> None:
    if language in RESERVED:
        return
    code = read_language(language + tail)
    assert is_language(code)
    assert read_language(code) == code


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_of_pools_and_devices_are_no_codes(name: str) -> None:
    assert not is_language(name)
    for written in (name, name.upper()):
        with pytest.raises(ValueError, match=f"with its script: {name}-[A-Z]"):
            read_language(written)


@pytest.mark.parametrize(
    "text",
    ["", "x", "Documents", "../a", "com1", "lpt9", "en-", "yo_latin", "y\u00f2", "\u017fw",
     "yo\n.", "en-Latn-US-x"],
)  # fmt: skip
def test_other_words_are_no_codes(text: str) -> None:
    assert not is_language(text)
    with pytest.raises(ValueError, match="is not a language code such as yo, zh-Hant or swh_Latn"):
        read_language(text)


@pytest.mark.parametrize("written", ["zh-hant", "zh_Hant", "ZH", "yo ", "yo\n", "zho-Hant "])
def test_only_one_spelling_is_stored(written: str) -> None:
    assert not is_language(written)


def test_options_take_any_code_and_say_what_there_is() -> None:
    known = ("sw", "yo", "zh-Hant")
    assert check_languages(("zho_Hant", "yor", "yo"), known, "-l") == ("yo", "zh-Hant")
    with pytest.raises(UsageError, match="-l: no language en, tlhx here") as error:
        check_languages(("eng", "tlhx", "swh_Latn"), known, "-l")
    assert error.value.do == "Choose from: sw yo zh-Hant."
    assert stored_codes(("yor_Latn", "mean", "swh", "sw")) == ("yo", "mean", "sw", "sw")
