from __future__ import annotations

import json
from pathlib import Path

import pytest

from hybench.data.lareqa.reading import read_language
from hybench.data.sources.xquad_r import XQUAD_R
from hybench.errors import DataError
from tests.data.conftest import write_xquad


def test_the_relevant_slice_holds_the_first_character_of_the_answer(tmp_path: Path) -> None:
    sentences, questions = read_language(write_xquad(tmp_path, "en"), "en", XQUAD_R)
    places = {sentence.passage_id: sentence for sentence in sentences}
    for own in questions:
        article, _, count = own.question_id[1:].split("-")
        pool = sum(place.startswith(f"{article}.") for place in places)
        assert own.passage_id == f"{article}.00.{int(count) % pool:03}"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"data": [{}]}', b"\xff", b'{"data": [{"title": "t", "paragraphs": 3}]}'],
)
def test_what_is_no_xquad_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "en.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"en\.json is not an XQuAD-R file"):
        read_language(path, "en", XQUAD_R)


def test_an_answer_outside_all_sentences_is_refused(tmp_path: Path) -> None:
    path = write_xquad(tmp_path, "en")
    content = json.loads(path.read_text())
    content["data"][0]["paragraphs"][0]["qas"][0]["answers"][0]["answer_start"] = 10**6
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="question q00-0-0: 0 sentences contain its answer"):
        read_language(path, "en", XQUAD_R)
