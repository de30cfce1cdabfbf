"""What `accelerate launch` tells the processes that it starts, held against what they will do.

It speaks through variables (`accelerate.utils.launch`). Several processes are those of torchrun,
which `place` reads; on a machine without GPUs it starts a single one, however many were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from hybench.config.train import TrainConfig
from hybench.encoders.precision import PRECISIONS
from hybench.errors import UsageError

_PRECISION = "ACCELERATE_MIXED_PRECISION"
"""Set for every process that `accelerate launch` starts."""

_DIVISIONS = {
    "ACCELERATE_USE_DEEPSPEED": "DeepSpeed",
    "ACCELERATE_USE_FSDP": "FSDP",
    "ACCELERATE_USE_MEGATRON_LM": "Megatron-LM",
    "ACCELERATE_USE_TP": "tensor parallelism",
}
"""Ways to divide a model among processes, which hybench does not do."""

_OFF = ("", "0", "false", "no")


def refuse_single(variables: Mapping[str, str]) -> None:
    """Refuse to be the one process of a training that was to have several.

    Args:
        variables: of the environment, without torchrun's.

    Raises:
        UsageError: `accelerate launch` was asked for several processes and started this one alone.
    """
    if _PRECISION in variables and "MASTER_ADDR" in variables:
        raise UsageError(
            "accelerate launch was asked for several processes, and started this one alone.",
            "It does so where it uses no GPU. Use hybench train --processes N, or torchrun.",
        )


def refuse_other_settings(config: TrainConfig, variables: Mapping[str, str]) -> None:
    """Refuse settings of `accelerate launch` that are not those of the config.

    Args:
        config: of the training.
        variables: of the environment.

    Raises:
        UsageError: they differ: nothing is done differently from what was asked for, unsaid.
    """
    if _PRECISION not in variables:
        return
    asked = variables[_PRECISION]
    if asked not in ("no", config.precision):
        raise UsageError(
            f"accelerate launch asks for {asked}, and the config for {config.precision}.",
            f"Choose hybench's --precision ({', '.join(PRECISIONS)}), and omit accelerate's "
            "--mixed_precision.",
        )
    compiler = variables.get("ACCELERATE_DYNAMO_BACKEND", "NO").lower()
    if compiler != "no" and not config.compile:
        raise UsageError(
            f"accelerate launch asks for the compiler {compiler}, and the config for none.",
            "Use hybench's --compile, or omit accelerate's --dynamo_backend.",
        )
    steps = variables.get("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "1")
    if steps != "1":
        raise UsageError(
            f"accelerate launch asks to accumulate the gradients of {steps} batches.",
            "A batch's negatives are all of its passages: use hybench's --batch-size with "
            "--chunk-size, and omit accelerate's --gradient_accumulation_steps.",
        )
    for name, what in _DIVISIONS.items():
        if variables.get(name, "").lower() not in _OFF:
            raise UsageError(
                f"accelerate launch asks for {what}, which hybench does not do.",
                "Choose several GPUs without it: each has the whole model.",
            )
