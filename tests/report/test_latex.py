"""LaTeX: what is escaped, what the table says, and that it compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.comparison.gather import CompareOptions
from hybench.comparison.model import Comparison
from hybench.comparison.table import compare
from hybench.report.latex import escape, latex_report
from hybench.values.languages import MIRACL_LANGUAGES
from tests.report.conftest import ARMS, MakeArms
from tests.waiting import HANG

NASTY = (
    r"x&y_%$#{~^\<b>|--`\"'",
    "hybrid+kl_s0-é中文𝔸",
    r"\input{/etc/passwd}",
    "a long name of an arm with seed",
    "cross",
    "distill-kl-s0",
)


PAPER = r"""\documentclass{{article}}
\usepackage{{booktabs}}
\usepackage[margin=2.5cm]{{geometry}}
\begin{{document}}
{}\end{{document}}
"""


def _compare(
    make_arms: MakeArms, names: Sequence[str], languages: Sequence[str] = ("de", "sw", "yo")
) -> list[Comparison]:
    runs = make_arms([name.replace("/", ":") for name in names], languages)
    return list(compare(runs, CompareOptions(draws=1000)))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("hybrid", ["hybrid"]),
        ("monolingually", ["monolingually"]),
        ("mono-share0.01", ["mono", "-share0.01"]),
        ("distill-kl-share0.25", ["distill-kl", "-share0.25"]),
    ],
)
def test_heads_are_broken_between_words(name: str, lines: list[str], make_arms: MakeArms) -> None:
    (table, *_) = _compare(make_arms, ["base", name])
    head = next(line for line in latex_report([table]).splitlines() if " & base & " in line)
    assert (r"\\".join(lines)) in head


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("hybrid", "hybrid"),
        ("50 % & _#$", r"50 \% \& \_\#\$"),
        (r"\x{y}", r"\textbackslash{}x\{y\}"),
        ("~^<>|", r"\textasciitilde{}\textasciicircum{}\textless{}\textgreater{}\textbar{}"),
        ("a--b", "a-{}-b"),
        ("p ?`", "p ?{}`{}"),
        ("α=.5 − 1", r"$\alpha$=.5 $-$ 1"),
        ("é ß", "é ß"),
        ("中\n", "[U+4E2D] "),
    ],
)
def test_escape(text: str, latex: str) -> None:
    assert escape(text) == latex


@given(st.text())
def test_escaped_text_is_plain(text: str) -> None:
    left = re.sub(r"\\[a-z]+\{\}|\\[&%$#_{}]|\$(\\[a-zA-Z]+|-)\$|\{\}|~", "", escape(text))
    assert not re.search(r"[\\&%$#_{}^~<>|\"]", left)
    assert all(character == " " or character.isprintable() for character in left)


def test_the_table(make_arms: MakeArms) -> None:
    (mono, *_) = _compare(make_arms, ("mono", "hybrid", "distill"))
    text = latex_report([mono])
    assert text.startswith("% Needs \\usepackage{booktabs}.\n\\begin{table}\n")
    body = re.search(r"\\midrule\n(.*?)\\bottomrule", text, re.DOTALL)
    assert body is not None
    lines = body[1].splitlines()
    assert [line.split(" & ")[0].strip() for line in lines[:3]] == ["de", "sw", "yo"]
    assert lines[3].strip() == r"\midrule"
    assert lines[4].split(" & ")[0].strip() == "AVG"
    for row, line in zip(mono.rows, (*lines[:3], lines[4]), strict=False):
        for cell, shown in zip(row.cells, line.split(" & ")[2:], strict=False):
            assert cell is not None
            assert (rf"\textbf{{{cell.value * 100:.1f}}}" in shown) == cell.best
            difference = cell.difference
            significant = difference is not None and difference.significant
            assert ("\\bigtriangle" in shown) == significant
            if difference is not None and significant:
                assert ("\\bigtriangleup" in shown) == (difference.value > 0)


def test_some_marks_are_there(make_arms: MakeArms) -> None:
    text = latex_report(_compare(make_arms, ("mono", "hybrid", "distill")))
    table = re.sub(r"\\caption\{.*\}", "", text)
    assert r"\rlap{$^{\bigtriangleup}$}" in table
    assert r"\rlap{$^{\bigtriangledown}$}" in table


def test_the_caption_says_how(make_arms: MakeArms) -> None:
    (mono, *_) = _compare(make_arms, ("mono", "hybrid", "distill"))
    caption = re.search(r"\\caption\{(.*)\}", latex_report([mono]))
    assert caption is not None
    for said in (
        "atlas (test), mono: nDCG@10 $\\times$100; n: queries.",
        "1 seed of each trained arm.",
        "better or worse than mono (paired randomisation test over queries, two-sided, 1,000 draws",
        f"Holm's correction over the {mono.tests} tests of this table, $\\alpha$ = 0.05).",
        "Smaller differences than $\\delta$ = 1 point do not matter.",
    ):
        assert said in caption[1]


def test_notes_stand_below(make_arms: MakeArms) -> None:
    (mono, *_) = _compare(make_arms, ("mono", "hybrid"))
    noted = replace(mono, notes=("100 % of base's queries: trained on.", "5 † published."))
    below = latex_report([noted]).rpartition(r"\end{tabular}")[2]
    assert r"100 \% of base's queries: trained on.\par" in below
    assert r"5 $\dagger$ published.\par" in below
    assert below.index("minipage") < below.index("published") < below.index(r"\end{table}")
    assert "minipage" not in latex_report([replace(mono, notes=())])


def test_lists_of_languages_stand_in_a_note(make_arms: MakeArms) -> None:
    (mono, *_) = _compare(make_arms, ("mono", "cross", "hybrid", "distill"))
    text = latex_report([mono])
    [caption] = re.findall(r"\\caption\{(.*)\}", text)
    below = text.rpartition(r"\end{tabular}")[2]
    assert "detectable, by row: difference found with 80 \\% power, the largest of the" in caption
    assert not re.search(r"\b(de|sw|yo)\b", caption)
    assert re.search(r"The largest detectable difference is that of \S+ on .*; \S+ on ", below)
    owners = {label for label in ("cross", "hybrid", "distill") if f"{label} on " in below}
    assert len(owners) > 1


def test_a_lone_run_has_no_test(make_arms: MakeArms) -> None:
    text = latex_report(_compare(make_arms, ("mono",)))
    assert "Holm" not in text
    assert r"\textbf" not in text


@pytest.mark.tex
@pytest.mark.parametrize(("names", "fits"), [(ARMS, True), (NASTY, False)])
def test_it_compiles_and_fits(
    names: tuple[str, ...], fits: bool, make_arms: MakeArms, tmp_path: Path
) -> None:
    engine = shutil.which("pdflatex")
    if engine is None:
        pytest.skip("no pdflatex: apt-get install texlive-latex-recommended")
    tables = latex_report(_compare(make_arms, names, MIRACL_LANGUAGES))
    (tmp_path / "paper.tex").write_text(PAPER.format(tables), encoding="utf-8")
    done = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert (tmp_path / "paper.pdf").is_file()
    assert not fits or "Overfull" not in done.stdout
