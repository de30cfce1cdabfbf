"""Many runs, looked at again and again: what changed is looked at, what is odd is told once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hybench.errors import StateError, UsageError
from hybench.runs.run import LOGS, Run
from hybench.tui import background
from hybench.tui.launch import read_keys
from hybench.tui.model import watched_runs
from hybench.tui.model.comparison_cache import REST, ComparisonCache
from hybench.tui.model.scores import Scores, compare_runs
from hybench.tui.model.watched_runs import BATCH, WatchedRuns
from tests.tui.driving import NOW, write_run, write_steps, write_training
from tests.waiting import HANG


def look(watched: WatchedRuns, now: float = NOW) -> list[str]:
    return [view.name for batch in watched.look(now) for view in batch]


def test_only_runs_that_changed_are_looked_at_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_training(tmp_path, name, 50)
    watched = WatchedRuns([tmp_path])
    assert look(watched) == ["a", "b"]
    assert look(watched) == []
    write_steps(Run(tmp_path / "b"), range(51, 53))
    assert look(watched) == ["b"]
    assert watched.views[tmp_path / "b"].status.step == 52
    with Run(tmp_path / "a").lock():
        write_steps(Run(tmp_path / "a"), range(51, 52))
        assert look(watched) == ["a"]
        assert look(watched) == ["a"]  # at work: its state may change without a line


def test_the_first_runs_come_before_all_are_read(tmp_path: Path) -> None:
    for number in range(BATCH + 1):
        write_run(tmp_path, f"run-{number:02d}")
    batches = list(WatchedRuns([tmp_path]).look(NOW))
    assert [len(batch) for batch in batches] == [BATCH, 1]


def test_what_is_odd_is_told_once(tmp_path: Path) -> None:
    run = write_training(tmp_path, "a", 50)
    with run.events_file.open("a") as file:
        file.write("torn\n")
    watched = WatchedRuns([tmp_path])
    for _ in range(3):
        look(watched)
        while watched.read([run.path], NOW):
            pass
    assert [each.text for each in watched.notices] == ["Lines of its log that are not events: 1."]
    assert watched.views[run.path].badges == ("torn 1",)


def test_the_tests_own_evaluated_runs_have_nothing_wrong(evaluated: Path) -> None:
    watched = WatchedRuns([evaluated])
    look(watched)
    while watched.read(list(watched.views), NOW):
        pass
    assert watched.history(evaluated / "hybrid") is not None
    assert watched.notices == []


def test_a_folder_that_cannot_be_read_is_no_end(tmp_path: Path) -> None:
    run = write_training(tmp_path, "a", 25)
    watched = WatchedRuns([tmp_path, tmp_path / "nowhere"])
    look(watched)
    run.events_file.unlink()
    run.events_file.mkdir()
    look(watched)
    watched.read([run.path], NOW)
    assert any("Is a directory" in each.text for each in watched.notices)


def test_a_resumed_run_is_seen_at_work_again(tmp_path: Path) -> None:
    run = write_training(tmp_path, "a", 50)
    watched = WatchedRuns([tmp_path])
    look(watched)
    assert watched.views[run.path].status.state == "interrupted"
    with run.lock():
        write_steps(run, range(51, 52))
        look(watched)
        assert watched.views[run.path].status.state == "running"
    look(watched)
    assert [each.text for each in watched.notices] == ["It is running.", "It is interrupted."]


def test_the_cache_keeps_answers_and_takes_back_what_cannot_be(evaluated: Path) -> None:
    runs = [evaluated / name for name in ("hybrid", "mono")]
    comparisons = ComparisonCache()
    request = comparisons.next_request([], runs)
    assert request is not None
    assert comparisons.next_request([], runs) is None  # it is being made
    comparisons.keep(request, compare_runs(request))
    comparisons.choose(metric="R@10")
    other = comparisons.next_request([], runs)
    assert other is not None
    comparisons.keep(other, compare_runs(other))
    comparisons.choose(metric="")
    assert comparisons.next_request([], runs) is None
    assert isinstance(comparisons.scores, Scores)
    assert comparisons.scores.comparison.metric == "AP"
    comparisons.choose(metric="none")
    wrong = comparisons.next_request([], runs)
    assert wrong is not None
    with pytest.raises(UsageError):
        compare_runs(wrong)
    comparisons.fail(wrong, "no such metric")
    assert comparisons.choices.metric == ""
    assert comparisons.next_request([], runs) is None
    assert comparisons.next_request([], [evaluated / "nowhere"]) is None
    assert comparisons.scores is None


def test_newer_results_are_compared_after_a_rest_and_choices_at_once(evaluated: Path) -> None:
    runs, now = [evaluated / name for name in ("hybrid", "mono")], [100.0]
    comparisons = ComparisonCache(clock=lambda: now[0])

    def compared(marked: list[Path], every: list[Path]) -> bool:
        request = comparisons.next_request(marked, every)
        if request is not None:
            now[0] += 10.0  # seconds that it takes
            comparisons.keep(request, compare_runs(request))
        return request is not None

    def newer() -> None:
        """Other results of a run."""
        folder = evaluated / "mono" / "results"
        os.utime(folder, ns=(0, folder.stat().st_mtime_ns + 10**9))

    assert compared([], runs[:1])
    assert not compared([], runs)  # another run has come
    now[0] += REST * 10.0 - 1.0
    assert not compared([], runs)
    now[0] += 1.0
    assert compared([], runs)
    newer()
    assert not compared([], runs)
    comparisons.choose(metric="R@10")
    assert compared([], runs)
    newer()
    assert not compared([], runs)
    assert compared(runs[::-1], runs)  # other runs were marked
    newer()
    assert not compared(runs[::-1], runs)
    assert compared(runs[:1], runs)
    assert compared([], runs)
    newer()
    now[0] += 100.0
    assert compared([], runs)


@pytest.mark.process
def test_the_holder_of_a_run_is_found_and_stopped(tmp_path: Path) -> None:
    run = write_training(tmp_path, "a", 25)
    code = (
        "import sys; from pathlib import Path; from hybench.runs.run import Run\n"
        "with Run(Path(sys.argv[1])).lock():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(run.path)], stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert background.stop(run.path) == f"kill -INT {holder.pid}"
    _, said = holder.communicate(timeout=HANG)
    assert b"KeyboardInterrupt" in said
    with pytest.raises(StateError, match="No process on this machine is training a"):
        background.stop(run.path)


def test_a_command_that_is_none_of_ours_is_not_started(tmp_path: Path) -> None:
    for command in ("rm -rf /", "hybench tui", "hybench", "hybench train 'x"):
        with pytest.raises(UsageError):
            background.start(command, tmp_path)
    assert not (tmp_path / LOGS).exists()


@pytest.mark.process
def test_a_started_command_says_what_it_does_in_a_file(tmp_path: Path) -> None:
    log, process = background.start("hybench train --data nothing --data-dir nowhere", tmp_path)
    assert process.wait(timeout=HANG) == 2
    assert "No data set" in log.read_text()


def test_keys_come_from_the_nearest_config(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "hybench.toml").write_text('[tui.keys]\nquit = "x"\n')
    assert read_keys(inner) == {"quit": "x"}
    (tmp_path / "a" / "hybench.toml").write_text("[tui]\nkeys = 3\n")
    with pytest.raises(UsageError, match="is not a table of keys"):
        read_keys(inner)


def test_of_many_quiet_runs_some_are_looked_at_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_runs, "AT_ONCE", 2)
    for name in "abcde":
        write_training(tmp_path, name, 50)
    watched = WatchedRuns([tmp_path])
    assert sum(map(len, watched.look(0.0))) == 5
    before = watched.views
    for name in "abcde":
        write_steps(Run(tmp_path / name), range(51, 53))
    seen = [{view.name for found in watched.look(0.01) for view in found} for _ in range(3)]
    assert [len(each) for each in seen] == [2, 2, 1]
    assert set().union(*seen) == set("abcde")
    assert {view.status.step for view in before.values()} == {50}  # what was shown stays whole
    assert {view.status.step for view in watched.views.values()} == {52}
