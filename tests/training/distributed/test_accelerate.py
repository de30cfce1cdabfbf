"""What `accelerate launch` asks for is what is done, or refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest

from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.training.distributed.accelerate import refuse_other_settings
from hybench.training.distributed.place import Place


def told(*flags: str) -> Mapping[str, str]:
    """The variables that `accelerate launch` gives to a process which it starts alone."""
    launch = pytest.importorskip("accelerate.commands.launch", reason="pip install accelerate")
    from accelerate.utils.launch import prepare_simple_launcher_cmd_env

    parser = launch.launch_command_parser()
    plain = ("--num_processes", "1", "--mixed_precision", "no", "--dynamo_backend", "no")
    arguments = parser.parse_args([*plain, *flags, "script.py"])
    arguments, *_ = launch._validate_launch_command(arguments)
    _, variables = prepare_simple_launcher_cmd_env(arguments)
    return {name: value for name, value in variables.items() if name not in os.environ}


def config(**settings: Any) -> TrainConfig:
    return TrainConfig(data=("xquad-r",), **settings)


def test_a_single_process_that_was_asked_for_is_one() -> None:
    assert Place.from_environment(told()) is None


def test_a_single_process_of_several_that_were_asked_for_is_refused() -> None:
    with pytest.raises(UsageError, match="asked for several processes"):
        Place.from_environment(told("--num_processes", "2"))


@pytest.mark.parametrize("flags", [(), ("--mixed_precision", "bf16")])
def test_settings_that_are_the_configs_pass(flags: tuple[str, ...]) -> None:
    refuse_other_settings(config(precision="bf16"), told(*flags))
    refuse_other_settings(config(precision="bf16"), {})


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (("--mixed_precision", "fp16"), "asks for fp16, and the config for fp32"),
        (("--dynamo_backend", "inductor"), "asks for the compiler inductor"),
    ],
)
def test_other_settings_are_refused(flags: tuple[str, ...], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        refuse_other_settings(config(), told(*flags))


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "4", "gradients of 4 batches"),
        ("ACCELERATE_USE_FSDP", "true", "FSDP"),
        ("ACCELERATE_USE_DEEPSPEED", "true", "DeepSpeed"),
    ],
)
def test_what_hybench_does_not_do_is_refused(variable: str, value: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        refuse_other_settings(config(), {**told(), variable: value})
    refuse_other_settings(
        config(), {**told(), variable: value.replace("4", "1").replace("true", "false")}
    )
