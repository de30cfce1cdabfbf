"""Any bytes in the files of a data source: they are read, or refused."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.concurrency.progress import ignore
from hybench.data.preparation import Source
from hybench.data.sources.atlas import phrasing
from hybench.data.sources.jsonl.source import Jsonl
from hybench.data.sources.miracl.source import Miracl, corpus_files, judgement_files
from hybench.data.sources.ntrex import DOCUMENTS, Ntrex, file_name
from hybench.data.sources.parallel import Parallel
from hybench.data.sources.xquad_r import XquadR
from hybench.data.writer import DatasetWriter
from hybench.importing.trec_reading import read_qrels, read_run
from tests.data.conftest import write_lines, write_xquad
from tests.hostile.fuzz import either, fuzzing, refuse, spoilt, spoilt_json

MakeSource = Callable[[Path], Source]


def _written(source: Source) -> None:
    with TemporaryDirectory() as folder:
        source.describe(ignore)
        writer = DatasetWriter(Path(folder))
        source.write(writer, ignore)
        writer.check()


def _read_with(root: Path, name: str, data: bytes, make: MakeSource) -> None:
    """Read a copy of the folder `root` in which the file `name` holds `data`."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "own"
        shutil.copytree(root, copy)
        (copy / name).write_bytes(data)
        refuse(lambda: _written(make(copy)))


@fuzzing()
@given(spoilt(b"q1 Q0 p1 1 0.5 tag\nq1 Q0 p2 2 0.25 tag\nq2 Q0 p1 1 1e-3 tag\n"))
def test_trec_runs(data: bytes) -> None:
    either(read_run, "run", data)


@fuzzing()
@given(spoilt(b"q1 0 p1 1\nq1 0 p2 0\nq2 0 p1 3\n"))
def test_trec_judgements(data: bytes) -> None:
    either(read_qrels, "qrels", data)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of JSON lines with every table."""
    root = tmp_path_factory.mktemp("own")
    passages = [{"_id": f"p{n}", "title": "T", "text": f"a house {n}"} for n in range(3)]
    write_lines(root / "corpus" / "en.jsonl", *passages)
    queries = [{"_id": f"q{n}", "text": f"which {n}?", "split": "dev"} for n in range(2)]
    write_lines(root / "queries" / "en.jsonl", *queries)
    write_lines(root / "qrels" / "en.tsv", "q0\t0\tp1\t1", "q1\t0\tp2\t0")
    text = {"en": "red", "de": "rot"}
    write_lines(root / "pairs.jsonl", *({"_id": f"{n}", "query": text, "passage": text}
                                        for n in range(2)))  # fmt: skip
    return root


@pytest.mark.parametrize(
    "name", ["corpus/en.jsonl", "queries/en.jsonl", "qrels/en.tsv", "pairs.jsonl"]
)
@fuzzing()
@given(data=st.data())
def test_json_lines(name: str, data: st.DataObject, own: Path) -> None:
    content = data.draw(spoilt((own / name).read_bytes()))
    _read_with(own, name, content, Jsonl)


@pytest.mark.parametrize("name", [*judgement_files("sw", "train"), *corpus_files("sw")])
@fuzzing()
@given(data=st.data())
def test_miracl(name: str, data: st.DataObject, miracl_dir: Path) -> None:
    whole = (miracl_dir / name).read_bytes()
    if name.endswith(".gz") and data.draw(st.booleans()):
        content = gzip.compress(data.draw(spoilt(gzip.decompress(whole))))
    else:
        content = data.draw(spoilt(whole))
    _read_with(miracl_dir, name, content, lambda folder: Miracl(("sw",), folder))


@pytest.fixture(scope="module")
def xquad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("xquad")
    for language in ("de", "en"):
        write_xquad(root, language)
    return root


@fuzzing(0.4)
@given(data=st.data())
def test_xquad_r(data: st.DataObject, xquad: Path) -> None:
    import json

    whole = (xquad / "en.json").read_bytes()
    content = data.draw(spoilt(whole) | spoilt_json(json.loads(whole)))
    _read_with(xquad, "en.json", content, lambda folder: XquadR(folder, split_articles=True))


@pytest.mark.parametrize("name", [DOCUMENTS, file_name("en")])
@fuzzing()
@given(data=st.data())
def test_ntrex(name: str, data: st.DataObject, ntrex: Path) -> None:
    content = data.draw(spoilt((ntrex / name).read_bytes()))
    _read_with(ntrex, name, content, Ntrex)


@pytest.fixture(scope="module")
def ntrex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ntrex")
    write_lines(root / DOCUMENTS, *["a"] * 4, *["b"] * 3)
    for language in ("de", "en"):
        write_lines(root / file_name(language), *(f"{language} {n}" for n in range(7)))
    return root


@fuzzing()
@given(data=st.data())
def test_phrasings(data: st.DataObject) -> None:
    whole = (Path(phrasing.__file__).parent / "phrasings" / "ko.toml").read_bytes()
    content = data.draw(spoilt(whole))
    either(lambda path: phrasing.load_phrasings("ko", path.parent), "ko.toml", content)


@pytest.mark.parametrize(
    "name", ["a.en", "b.tsv", "c.json", "en/train.tsv", "d.en-de.tsv", "e.parquet"]
)
@fuzzing(0.4)
@given(data=st.data())
def test_parallel(name: str, data: st.DataObject, translations: Path) -> None:
    content = data.draw(spoilt((translations / name).read_bytes()))
    _read_with(translations, name, content, lambda folder: Parallel(folder, pairs="next"))


@pytest.fixture(scope="module")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of every form of parallel sentences."""
    root = tmp_path_factory.mktemp("translations")
    for code in ("de", "en"):
        write_lines(root / f"a.{code}", *(f"{code} {n}" for n in range(4)))
        rows = [f'{n}\t"{code} {n}"' for n in range(4)]
        write_lines(root / code / "train.tsv", "index_id\ttext", *rows)
    write_lines(root / "b.tsv", "id\ten\tde", *(f"{n}\ten {n}\tde {n}" for n in range(4)))
    write_lines(root / "c.json", *({"translation": {"en": f"{n}", "de": f"{n}"}} for n in range(4)))
    write_lines(root / "d.en-de.tsv", *(f"en {n}\tde {n}" for n in range(4)))
    pl.DataFrame({"en": ["one", "two"], "de": ["eins", "zwei"]}).write_parquet(root / "e.parquet")
    return root
