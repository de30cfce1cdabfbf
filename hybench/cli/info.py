"""``hybench info``: versions for a bug report, the check of files, and the tokens of a set."""

from __future__ import annotations

import json as json_module
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hybench.cli.options import DataDir, Json, Languages, RunsDir, option, split_list
from hybench.cli.state import console
from hybench.wording.amounts import counted, listed
from hybench.wording.commands import DATA_DIR, RUNS_DIR


def info(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="Mined negatives to describe instead, by name or folder; or, with --encoder, a "
            "set whose languages' tokens are counted.",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        option(help="Run, or a model's directory or hub id, whose tokenizer and lengths are used."),
    ] = None,
    languages: Languages = None,
    check: Annotated[
        list[Path] | None,
        option("--check", help="Check this data set's or run's files instead; repeatable."),
    ] = None,
    json: Json = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Show versions, sets, negatives and a set's tokens; check files.

    hybench info SET --encoder MODEL shows tokens per word, character and byte by language, and how
    many texts are longer than the model takes.
    """
    if encoder is not None:
        _show_tokens(what, encoder, split_list(languages) or (), json, data_dir, runs_dir)
        return
    if what is not None:
        describe_negatives(_named(Path(what)), json=json)
        return
    if check:
        check_files(check)
        return
    import os

    import psutil

    from hybench.runs.environment import versions

    facts = {
        **versions(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
    }
    if json:
        console.output(json_module.dumps(facts, indent=2), None)
    else:
        width = max(map(len, facts))
        console.data("\n".join(f"{name:{width}}  {value}" for name, value in facts.items()))


def _show_tokens(
    data: str | None,
    encoder: str,
    languages: Sequence[str],
    json: bool,
    data_dir: Path,
    runs_dir: Path,
) -> None:
    """Show what a tokenizer makes of a set's languages."""
    import hybench
    from hybench.errors import UsageError

    if data is None:
        raise UsageError(
            "--encoder is given, and no set whose tokens are to be counted.",
            "Name one: hybench info SET --encoder RUN_OR_MODEL.",
        )
    with console.progress() as progress:
        found = hybench.measure_tokens(
            data,
            encoder,
            languages=languages,
            data_dir=data_dir,
            runs_dir=runs_dir,
            progress=progress,
        )
    if json:
        console.output(json_module.dumps(found.to_frame().to_dicts(), indent=2) + "\n", None)
    else:
        console.show(*found.sheets())


def _named(folder: Path) -> Path:
    """The folder itself, or the run or data set of that name in its default folder."""
    usual = (RUNS_DIR / folder, DATA_DIR / folder)
    return folder if folder.exists() else next(filter(Path.is_dir, usual), folder)


def describe_negatives(folder: Path, *, json: bool) -> None:
    """Print what mined negatives are: their set, miner, options, teacher and counts.

    Raises:
        UsageError: the folder has none.
        DataError: its manifest is damaged.
    """
    from hybench.api.mining import negatives_sheet
    from hybench.negatives.folder import Negatives

    info = Negatives.open(folder).info
    if json:
        console.output(json_module.dumps(info.to_json(), indent=2), None)
        return
    facts = {
        "set": f"{info.dataset} (fingerprint {info.fingerprint[:12]})",
        "miner": f"{info.miner} (SHA-256 {info.miner_digest[:12]})",
        "teacher": f"{info.teacher} (SHA-256 {info.teacher_digest[:12]})" if info.teacher else "",
        **{name: value for name, value in info.options.items() if value is not None},
    }
    width = max(map(len, facts))
    console.data("\n".join(f"{name:{width}}  {value}" for name, value in facts.items() if value))
    console.show(negatives_sheet(info))


def check_files(folders: list[Path]) -> None:
    """Compare the files of data sets and runs with their checksums; print those that differ.

    Raises:
        UsageError: a folder is neither a data set nor a run.
        StateError: a file is missing or damaged.
    """
    from hybench.data.dataset import Dataset
    from hybench.data.manifest import MANIFEST as SET
    from hybench.errors import DataError, StateError, UsageError
    from hybench.files.checksums import damaged_files, recorded_digests
    from hybench.files.documents import is_sealed
    from hybench.runs.models import has_changed, model_folder
    from hybench.runs.run import CONFIG, MODEL, Run, manifests

    damaged: dict[Path, None] = {}
    bare: list[Path] = []
    for asked in folders:
        folder = _named(asked)
        found = manifests(folder)
        if not found:
            raise UsageError(
                f"--check {folder} is not a data set, nor a run with files to check.",
                "Name the folder of one: data/SET or runs/RUN.",
            )
        files = 0
        for manifest in found:
            bare += [] if is_sealed(manifest) else [manifest]
            try:
                files += 1 + len(recorded_digests(manifest))
                damaged |= dict.fromkeys(damaged_files(manifest))
                if manifest.name == SET:
                    damaged |= dict.fromkeys(Dataset.open(folder).damaged_files())
            except DataError:
                damaged[manifest] = None
        run = Run(folder)
        if (folder / CONFIG).is_file() and run.kind == MODEL and has_changed(run):
            damaged[model_folder(run)] = None
        console.talk(f"{folder}: {counted(files, 'files')} checked.")
    if bare:
        console.warn(
            f"{counted(len(bare), 'files')} without checksums, from an older build: "
            f"{listed([str(path) for path in bare])}."
        )
    if damaged:
        console.output("\n".join(map(str, damaged)), None)
        raise StateError(
            f"{counted(len(damaged), 'files')} missing or damaged.",
            "Make them again with the command that wrote them, and --force or --resume.",
        )
