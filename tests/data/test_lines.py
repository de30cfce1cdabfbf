from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.data import lines
from hybench.data.lines import Problems, check_id, parse_object, read_blocks, read_lines, string_of
from hybench.errors import DataError

ANY_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=30)


@ANY_FOLDER
@given(
    content=st.lists(texts, min_size=1),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    bom=st.booleans(),
    packed=st.booleans(),
    block=st.integers(3, 40),
)
def test_lines_come_back_whatever_the_block_size(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: list[str],
    end: str,
    last: bool,
    bom: bool,
    packed: bool,
    block: int,
) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    content[-1] = content[-1] or "x"
    content[0] = content[0].lstrip("\ufeff") or "x"
    raw = (end.join(content) + (end if last else "")).encode("utf-8")
    raw = b"\xef\xbb\xbf" * bom + raw
    path = tmp_path / "lines.tsv"
    path.write_bytes(gzip.compress(raw) if packed else raw)
    assert list(read_lines(path)) == list(enumerate(content, 1))


@ANY_FOLDER
@given(sizes=st.lists(st.integers(0, 60), min_size=1), limit=st.integers(3, 50))
def test_a_line_over_the_limit_is_refused_and_no_other(
    tmp_path: Path, sizes: list[int], limit: int
) -> None:
    path = tmp_path / "lines.tsv"
    path.write_bytes(b"".join(b"x" * size + b"\n" for size in sizes))
    long = [number for number, size in enumerate(sizes, 1) if size > limit]
    if not long:
        assert len(list(read_lines(path, limit))) == len(sizes)
        return
    with pytest.raises(DataError, match=rf"line {long[0]}: longer than {limit} bytes"):
        list(read_lines(path, limit))


def test_blank_lines_and_other_separators_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("a\u2028b\n\n\x0c\x85\n".encode())
    assert list(read_lines(path)) == [(1, "a\u2028b"), (2, ""), (3, "\x0c\x85")]


def test_invalid_utf8_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"fine\nfine\nbad \xff\n")
    with pytest.raises(DataError, match=r"lines\.txt, line 3: byte 5 is not UTF-8"):
        list(read_lines(path))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"lines\.txt is empty"):
        list(read_lines(path))


def test_truncated_gzip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "docs-0.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(list(range(9999))).encode() * 9)[:-500])
    with pytest.raises(DataError, match=r"docs-0\.jsonl\.gz is cut short"):
        list(read_blocks(path))


def test_damaged_gzip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "docs-0.jsonl.gz"
    packed = bytearray(gzip.compress(b"line\n" * 1000))
    packed[-6] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(DataError, match="is damaged"):
        list(read_blocks(path))


def test_a_gzip_name_on_something_else_says_so(tmp_path: Path) -> None:
    path = tmp_path / "docs-0.jsonl.gz"
    path.write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(DataError, match="is not gzip"):
        list(read_lines(path))


def test_an_unreadable_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot read"):
        list(read_lines(tmp_path))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON: .* at character 2"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not JSON: nested too deeply"),
        ("9" * 5000, "not JSON: a number is too long"),
    ],
)
def test_a_line_that_is_no_object_says_why(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_object(text)


def test_repeated_keys_and_nan_are_read() -> None:
    assert parse_object('{"a": NaN, "b": 1, "b": "2"}')["b"] == "2"


@pytest.mark.parametrize(
    ("record", "fault"),
    [({}, "'x' is missing"), ({"x": 3}, "'x' is not a string"), ({"x": "\ud800"}, "surrogate")],
)
def test_a_field_that_cannot_be_stored_says_why(record: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        string_of(record, "x")
    assert string_of({"x": None}, "x", "default") == "default"


@pytest.mark.parametrize(
    "value",
    ["", "a\nb", "a\tb", "a\x00", "\x85", "\u2028", "a\u200f", "a\u200b", "\u202ea"],
)
def test_ids_that_files_cannot_hold_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="'_id'"):
        check_id(value, "_id")


@pytest.mark.parametrize("value", ["../../etc", "a b", "10020#0", "名前"])
def test_other_ids_are_kept(value: str) -> None:
    assert check_id(value, "_id") == value


def test_problems_beyond_the_limit_are_counted() -> None:
    problems = Problems(shown=2)
    problems.raise_any()
    for number in range(5):
        problems.add(Path("f"), number, "bad")
    with pytest.raises(DataError) as raised:
        problems.raise_any()
    assert raised.value.what == "f, line 0: bad.\nf, line 1: bad.\nand 3 more."
