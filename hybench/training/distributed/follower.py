"""A process that takes part in a training that another process started.

It reads a `TrainingRequest` from stdin, a line of JSON. Its stdin stays open: when the starting
process dies for any reason, stdin ends and this process exits. Signals to all processes of a job
(from a scheduler, a closed terminal) are handled by the starting process: all stop after the same
step.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.concurrency.processes import END_SIGNALS, exit_with_parent
from hybench.config.train import TrainConfig
from hybench.runs.run import Run
from hybench.training.distributed.group import ProcessEndedError
from hybench.training.distributed.place import Place, joined
from hybench.training.train import train
from hybench.wording.error_messages import visible, what_and_do

HOST = "127.0.0.1"

FOLLOWED = 3
"""Exit code of a process that exits because another one ended."""


@dataclass(frozen=True)
class TrainingRequest:
    """The work of a process of a training.

    Attributes:
        config: of the training, resolved, as TOML values.
        run: folder of the run.
        data_root: of the prepared sets.
        device: as requested.
        resume: whether it continues from a checkpoint.
        rank: number of the process.
        size: number of processes.
        port: the port where they connect.
    """

    config: dict[str, Any]
    run: str
    data_root: str
    device: str
    resume: bool
    rank: int
    size: int
    port: int


def _main() -> int:
    for number in END_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    line = sys.stdin.readline()
    if not line:
        return FOLLOWED
    request = TrainingRequest(**json.loads(line))
    threading.Thread(target=exit_with_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    from torch.distributed import TCPStore  # type: ignore[attr-defined]

    place = Place(request.rank, request.size, request.rank, request.size)
    try:
        device = place.device(request.device)
        config = TrainConfig.from_toml(request.config, "the training")
        store = TCPStore(HOST, request.port, is_master=False)
        with joined(place, device, store) as group:
            for _ in train(
                config,
                Run(Path(request.run)),
                Path(request.data_root),
                device=device,
                resume=request.resume,
                group=group,
            ):
                pass
    except ProcessEndedError:
        return FOLLOWED
    except Exception as error:  # noqa: BLE001 - whatever it is, the leader tells it
        traceback.print_exc()
        sys.stderr.write("".join(f"{visible(line)}\n" for line in what_and_do(error)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
