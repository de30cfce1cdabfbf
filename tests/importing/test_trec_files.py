"""Which search each of several TREC files is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import DataError, UsageError
from hybench.importing.trec_files import TrecFile, find_files, plan_of_qrels, plan_of_set
from tests.evaluation.tiny import tiny_dataset


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("")


def searches(found: tuple[TrecFile, ...]) -> list[str]:
    return [str(file.search) for file in found]


def test_one_file(tmp_path: Path) -> None:
    touch(tmp_path, "a.run")
    [file] = find_files(f"{tmp_path}/a.run", f"{tmp_path}/a.qrels", "mono", ("yo",))
    assert str(file.search) == "mono yo in yo"
    assert file.judgements == tmp_path / "a.qrels"
    [file] = find_files(f"{tmp_path}/a.run", None, "multi", ("yo",))
    assert str(file.search) == "multi yo in all"
    with pytest.raises(UsageError, match="no judgements"):
        _ = file.judgements


def test_names_say_the_language(tmp_path: Path) -> None:
    touch(tmp_path, "a.yo.run", "a.sw.run", "a.run", "a.readme.run", "b.yo.run", "a.yo.run.txt")
    found = find_files(f"{tmp_path}/a.{{lang}}.run", "{lang}/q", "mono", None)
    assert searches(found) == ["mono sw in sw", "mono yo in yo"]
    assert [str(file.qrels) for file in found] == ["sw/q", "yo/q"]
    assert searches(find_files(f"{tmp_path}/a.{{lang}}.run", None, "mono", ("yo",))) == [
        "mono yo in yo"
    ]


def test_names_say_everything(tmp_path: Path) -> None:
    touch(tmp_path, *(f"t.{name}.run" for name in ("multi.sw-all", "cross.sw-yo", "mono.sw-sw")))
    touch(tmp_path, "t.other.sw-yo.run", "t.cross.sw-yo.qrels")
    found = find_files(f"{tmp_path}/t.{{setting}}.{{lang}}-{{corpus}}.run", None, "mono", None)
    assert searches(found) == ["mono sw in sw", "cross sw in yo", "multi sw in all"]
    [own] = find_files(f"{tmp_path}/t.mono.{{lang}}-{{lang}}.run", None, "mono", None)
    assert str(own.search) == "mono sw in sw"
    with pytest.raises(UsageError, match="There is no run file"):
        find_files(f"{tmp_path}/t.cross.{{lang}}-{{lang}}.run", None, "mono", None)


def test_names_hold_codes_of_any_kind(tmp_path: Path) -> None:
    names = (
        *("mono.zh-Hant-zh-Hant", "mono.yor-yo", "cross.sw-zh-Hant", "cross.zho_Hant-swh_Latn"),
        *("cross.pt-BR-es-419", "multi.en-all", "multi.zh-Hant-all"),
    )
    touch(tmp_path, *(f"t.{name}.run" for name in names))
    found = find_files(f"{tmp_path}/t.{{setting}}.{{lang}}-{{corpus}}.run", None, "mono", None)
    assert searches(found) == [
        *("mono yo in yo", "mono zh-Hant in zh-Hant", "cross pt-BR in es-419"),
        *("cross sw in zh-Hant", "cross zh-Hant in sw", "multi en in all", "multi zh-Hant in all"),
    ]


def test_languages_are_asked_for_by_any_code(tmp_path: Path) -> None:
    touch(tmp_path, "a.swh_Latn.run", "a.yo.run")
    [file] = find_files(f"{tmp_path}/a.{{lang}}.run", None, "mono", ("swa",))
    assert (str(file.search), file.run.name) == ("mono sw in sw", "a.swh_Latn.run")
    [file] = find_files(f"{tmp_path}/a.yo.run", None, "mono", ("yor_Latn",))
    assert str(file.search) == "mono yo in yo"
    touch(tmp_path, "a.sw.run")
    with pytest.raises(UsageError, match="several files are of one search"):
        find_files(f"{tmp_path}/a.{{lang}}.run", None, "mono", None)


def test_judgements_are_named_as_the_run_is_or_by_the_stored_code(tmp_path: Path) -> None:
    touch(tmp_path, "a.swh_Latn.run", "a.yor.run", "q.swh_Latn", "q.sw", "q.yo")
    found = find_files(f"{tmp_path}/a.{{lang}}.run", f"{tmp_path}/q.{{lang}}", "mono", None)
    assert [str(file.qrels) for file in found] == [f"{tmp_path}/q.swh_Latn", f"{tmp_path}/q.yo"]


def test_a_name_that_is_no_language_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "a.yo.run")
    for name in ("con", "all"):
        touch(tmp_path, f"a.{name}.run")
        says = f"{name}' is a language code, but also a reserved name"
        with pytest.raises(UsageError, match=rf"a\.{name}\.run: '{says}"):
            find_files(f"{tmp_path}/a.{{lang}}.run", None, "mono", None)
        with pytest.raises(UsageError, match=f"--languages: '{says}"):
            find_files(f"{tmp_path}/a.yo.run", None, "mono", (name,))
        (tmp_path / f"a.{name}.run").unlink()
    with pytest.raises(UsageError, match=r"--languages: '\.\./x' is not a language code"):
        find_files(f"{tmp_path}/a.yo.run", None, "mono", ("../x",))


def test_ids_of_a_pool_may_name_languages_by_any_code(tmp_path: Path) -> None:
    file = plan_file(tmp_path, "multi", "q1 0 yor_Latn/a 1\nq1 0 zho_Hant/b 1\nq1 0 other/c 1\n")
    assert plan_of_qrels([file]).judged["passage_lang"].to_list() == ["yo", "zh-Hant", "other"]
    with pytest.raises(DataError, match="passages in yo are also named yor"):
        plan_of_qrels([plan_file(tmp_path, "multi", "q1 0 yor/a 1\nq1 0 yo/a 1\n")])


@pytest.mark.parametrize(
    ("name", "setting", "languages", "says"),
    [
        ("a.run", "mono", None, "--languages: which language are the queries of"),
        ("a.run", "mono", ("yo", "sw"), "--languages: which language are the queries of"),
        ("a.run", "one", ("yo",), "Choose one of: mono cross multi."),
        ("nosuch", "mono", ("yo",), "There is no run file"),
        ("b.{lang}", "mono", ("yo", "te"), "no run file {folder}/b.{{lang}} of te"),
        ("b.{lang}", "cross", None, "which language are the passages in?"),
        ("{lang}/a.run", "mono", None, "a folder's name has a placeholder"),
        ("c.{lang}-{corpus}", "mono", None, "mono does not search sw for queries in yo"),
        ("c.{lang}-{corpus}", "multi", None, "multi does not search sw"),
        ("b.{corpus}", "cross", ("yo",), "cross does not search yo"),
    ],
)
def test_a_search_that_is_not_known(
    name: str, setting: str, languages: tuple[str, ...] | None, says: str, tmp_path: Path
) -> None:
    touch(tmp_path, "a.run", "b.yo", "c.yo-sw")
    with pytest.raises(UsageError) as error:
        find_files(f"{tmp_path}/{name}", None, setting, languages)
    assert says.format(folder=tmp_path) in str(error.value)


def test_judgements_of_several_languages_in_one_file(tmp_path: Path) -> None:
    """Each language's queries would be missing from the others' runs."""
    touch(tmp_path, "b.yo", "b.sw")
    with pytest.raises(UsageError, match="is one file for 2 runs"):
        find_files(f"{tmp_path}/b.{{lang}}", "all.qrels", "mono", None)


def plan_file(tmp_path: Path, setting: str, qrels: str) -> TrecFile:
    touch(tmp_path, "a.sw-yo")
    (tmp_path / "q.sw-yo").write_text(qrels)
    pattern = "a.{lang}-{corpus}" if setting == "cross" else "a.{lang}-yo"
    return find_files(f"{tmp_path}/{pattern}", f"{tmp_path}/q.sw-yo", setting, None)[0]


def test_a_plan_of_judgements_alone(tmp_path: Path) -> None:
    file = plan_file(tmp_path, "multi", "q2 0 yo/a/b 1\nq1 0 en/c 0\nq2 0 en/c 2\n")
    plan = plan_of_qrels([file])
    assert plan.queries["query_id"].to_list() == ["q2", "q1"]
    assert plan.judged.select("query", "passage_lang", "passage_id", "relevance").rows() == [
        (0, "yo", "a/b", 1),
        (0, "en", "c", 2),
        (1, "en", "c", 0),
    ]


def test_judgements_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="passage 'c' has no language"):
        plan_of_qrels([plan_file(tmp_path, "multi", "q1 0 c 1\n")])
    with pytest.raises(DataError, match="has no judgements"):
        plan_of_qrels([plan_file(tmp_path, "multi", "\n")])


def test_a_plan_of_a_set(tmp_path: Path) -> None:
    dataset = tiny_dataset(tmp_path)
    rows = "".join(f"{place}#0 0 {place}#0 1\n" for place in range(5))
    plan = plan_of_set(dataset, "test", [plan_file(tmp_path, "cross", rows)])
    assert plan.total == 5
    assert [str(search) for search in plan.searches] == ["cross sw in yo"]
    for changed in (rows + "5#0 0 x1 1\n", rows.replace("4#0 1", "4#0 2"), rows[:-1] + "2"):
        file = plan_file(tmp_path, "cross", changed)
        with pytest.raises(DataError, match=r"differs in \d judgements? from tiny \(test\)"):
            plan_of_set(dataset, "test", [file])
    touch(tmp_path, "z.sw-fr")
    [file] = find_files(f"{tmp_path}/z.{{lang}}-{{corpus}}", None, "cross", None)
    with pytest.raises(UsageError, match="tiny has no passages in fr"):
        plan_of_set(dataset, "test", [file])
