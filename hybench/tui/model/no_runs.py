"""What tab 1 says where it has no runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hybench.tui.model.outlook import Paragraphs, left_sentence
from hybench.tui.options import Options

if TYPE_CHECKING:
    from hybench.studies.remaining import Remaining

_BLANK = ("", "")


def why_no_runs(
    options: Options, studies: Sequence[Remaining], missing: str, *, looked: bool
) -> Paragraphs:
    """Why there are none, and what makes some.

    Args:
        options: of the dashboard.
        studies: those of its folders that have no runs yet.
        missing: that folders are not there; empty where all are.
        looked: whether all folders were looked at.
    """
    folders = ", ".join(map(str, options.paths))
    if not looked:
        return [_BLANK, (f"  Looking for runs in {folders}…", "quiet")]
    if options.demo:
        said = "  Preparing the demo's data; the first run shows in a few seconds."
        return [_BLANK, (said, "")]
    if studies and not missing:
        found: Paragraphs = [_BLANK, (f"  No runs in {folders} yet.", "")]
        for each in studies:
            found += [_BLANK, (f"  {each.progress}", "accent"), (f"  {left_sentence(each)}", "")]
        return [*found, _BLANK, ("  Trainings of trials are not shown; cells are.", "quiet")]
    return [
        _BLANK,
        (f"  {missing or f'No runs in {folders}.'}", "warn"),
        _BLANK,
        ("  Train one:      hybench train --data SET", ""),
        ("  Try the demo:   hybench tui --demo", ""),
        _BLANK,
        ("  New runs appear here at once.", "quiet"),
    ]
