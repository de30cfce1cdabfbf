"""What README and the results say is what the files say that they were read from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.claims import PAGES, TABLES, with_tables

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"\]\(((?:docs/)?results/[\w.-]+\.(?:md|csv))\)")
_ARXIV = re.compile(r"\d{4}\.\d{5}")
_NUMBER = re.compile(r"(?<![\w.])[+−-]?\d*\.\d+(?!\w|\.\d)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_stand_as_their_files_have_them(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert any(f"<!-- {name} -->" in text for name in TABLES)
    assert with_tables(text) == text, "python -m tools.claims writes them anew"


def _claims() -> list[tuple[str, str, Path]]:
    """Paragraphs and list items that name the file they are read from."""
    found: list[tuple[str, str, Path]] = []
    for page in PAGES:
        for block in re.split(r"\n(?:\n|(?=- ))", page.read_text(encoding="utf-8")):
            if block.lstrip().startswith(("|", "<!--")):
                continue
            found += [(page.name, block, page.parent / link) for link in _LINK.findall(block)]
    return found


def test_there_are_claims_to_hold() -> None:
    assert len(_claims()) >= 5
    assert {name for name, _, _ in _claims()} == {page.name for page in PAGES}


@pytest.mark.parametrize(("page", "block", "file"), _claims())
def test_numbers_in_words_stand_in_the_file_they_name(page: str, block: str, file: Path) -> None:
    files = [file.parent / Path(link).name for link in _LINK.findall(block)]
    text = " ".join(each.read_text(encoding="utf-8") for each in files).replace("−", "-")
    known = {float(number) for number in _NUMBER.findall(text)}
    said = _NUMBER.findall(_ARXIV.sub("", _LINK.sub("]()", block)).replace("−", "-"))
    missing = [
        number
        for number in said
        if float(number) not in known
        and (number[0] in "+-" or -float(number) not in known)  # "5.8 behind" has no sign
    ]
    assert not missing, f"{page}: {missing} not in {[each.name for each in files]}: {block}"
