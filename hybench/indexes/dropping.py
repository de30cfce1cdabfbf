"""Deletes the vectors of a run; what they were and what they took stays."""

from __future__ import annotations

from dataclasses import replace

from hybench.files.atomic import MANIFEST
from hybench.files.documents import write_json
from hybench.indexes.manifest import read_manifest
from hybench.runs.run import Run


def drop_vectors(run: Run) -> None:
    """Delete the vectors, ids and graphs of all indexes of a run, and keep their manifests."""
    for file in run.index("*", "*").parent.parent.glob(f"[!.]*/[!.]*/{MANIFEST}"):
        manifest = read_manifest(file.parent)
        if manifest is None:
            continue
        if not manifest.dropped:
            write_json(file, replace(manifest, dropped=True, files={}).to_json())
        for other in file.parent.iterdir():
            if other != file:
                other.unlink()
