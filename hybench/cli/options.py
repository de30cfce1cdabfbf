"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from hybench.errors import UsageError
from hybench.values.byte_sizes import byte_size
from hybench.values.options import LANGUAGES_FLAGS, LANGUAGES_HELP
from hybench.wording.text_table import SUFFIXES


def option(*names: str, **settings: Any) -> Any:
    """A `typer.Option` whose environment variable works but does not clutter the help."""
    return typer.Option(*names, show_envvar=False, **settings)


DataDir = Annotated[Path, option("--data-dir", help="Folder of the prepared data sets.")]
RunsDir = Annotated[Path, option("--runs-dir", help="Folder of the runs.")]
DataSet = Annotated[str, option("--data", help="Data set, by name or by its folder.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Run, by name or by its folder.")]
Device = Annotated[str, option("--device", help="auto, cpu, cuda or cuda:N.")]
Processes = Annotated[
    int,
    option(
        "--processes",
        help="Processes that encode texts and share long searches, each with its GPU or its share "
        "of the cores.",
    ),
]
Memory = Annotated[
    str | None,
    option(
        "--memory",
        help="What a search may hold, such as 8GiB; by default half of the machine's. Larger "
        "vectors are read from disk, once for all queries.",
    ),
]
Engine = Annotated[
    Literal["local", "ray"],
    option("--engine", help="Where the work is done; ray: on a Ray cluster."),
]
RayAddress = Annotated[
    str, option("--address", help="Address of the Ray cluster; RAY_ADDRESS by default.")
]
Exchange = Annotated[
    str,
    option(
        "--exchange",
        help="URL of a folder, such as s3://BUCKET/PREFIX, through which the files of a Ray "
        "cluster go whose machines share none.",
    ),
]
ReportTo = Annotated[
    list[str] | None,
    option(
        "--report-to",
        help="Experiment trackers that get what is logged, too: tensorboard, trackio, wandb.",
    ),
]
Precision = Annotated[
    Literal["fp32", "bf16", "fp16"],
    option("--precision", help="Arithmetic of encoding; vectors stay float32 (fp16: GPU only)."),
]
DryRun = Annotated[
    bool, option("--dry-run", help="Show what would be done, and how long it would take.")
]
Force = Annotated[bool, option("--force", help="Run again, and replace existing files.")]
SheetFormat = Literal["table", "json", "md", "csv"]
Format = Annotated[
    SheetFormat | None,
    option("--format", help="Output format; by default that of the ending of -o."),
]
Setting = Literal["mono", "cross", "multi"]
Json = Annotated[bool, option("--json", help="Short for --format json.")]
Output = Annotated[
    Path | None, option("--output", "-o", help="Write to this file instead of stdout.")
]
ComparedRuns = Annotated[
    list[str],
    typer.Argument(
        metavar="RUNS", help="Runs, by name or folder; a folder of runs means all in it."
    ),
]
ResultsData = Annotated[str | None, option("--data", help="Data set; SET@dev for another split.")]
MetricName = Annotated[
    str | None, option("--metric", help="Metric, such as nDCG@10; the set's own by default.")
]
Baseline = Annotated[
    str | None,
    option(
        "--baseline",
        help="Run to measure differences from; the monolingual (X-X) one by default.",
    ),
]
GroupSeeds = Annotated[bool, option("--group-seeds", help="Group runs that differ only by seed.")]
Languages = Annotated[
    list[str] | None,
    option(*LANGUAGES_FLAGS, help=LANGUAGES_HELP),
]


def chosen_format(
    asked: str | None, json: bool, output: Path | None, formats: Sequence[str]
) -> str:
    """The format of a command's report: the one given, else that of the file's name.

    Args:
        asked: ``--format``; None where it was not given.
        json: ``--json``.
        output: ``--output``; None or ``-`` is stdout, whose format is ``table``, as that of a pipe
            or device.
        formats: those that the command knows, ``table`` among them.

    Raises:
        UsageError: the name's ending is none of them.
    """
    if json or asked is not None:
        return "json" if json else str(asked)
    if output is None or str(output) == "-" or (output.exists() and not output.is_file()):
        return "table"
    known = {suffix: shape for suffix, shape in SUFFIXES.items() if shape in formats}
    suffix = output.suffix.lower()
    if suffix not in known:
        ends = f"ends in {suffix}" if suffix else "has no suffix"
        raise UsageError(
            f"--output {output} {ends}: the format is unknown.",
            f"End it with {' '.join(known)}, or add --format: {' '.join(formats)}.",
        )
    return known[suffix]


def memory_of(memory: str | None) -> int | None:
    """The bytes of ``--memory``; None where it was not given.

    Raises:
        UsageError: it is not an amount of memory.
    """
    return None if memory is None else byte_size("--memory", memory)


def split_list(values: list[str] | None) -> tuple[str, ...] | None:
    """Values of a repeatable option that also takes commas; None if it was not given."""
    if not values:
        return None
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
