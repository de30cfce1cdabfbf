"""The public names: loaded when asked for, and never hidden by a package of the same name."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import hybench

ROOT = Path(hybench.__file__).parent
VERBS = ("compare", "evaluate", "index", "mine", "plan", "prepare", "search", "study", "train")
MODULES = sorted(
    ".".join(("hybench", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if path.name != "__main__.py"
)


@pytest.mark.process
def test_every_verb_is_callable_after_everything_was_imported() -> None:
    program = "\n".join(
        [
            *(f"import {name}" for name in MODULES),
            f"assert all(callable(getattr(hybench, verb)) for verb in {VERBS!r})",
            *(f"from hybench import {name}" for name in hybench.__all__),
            f"assert all(callable(each) for each in ({', '.join(VERBS)},))",
        ]
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("name", hybench.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(hybench, name)
    assert name in dir(hybench)
    if name != "__version__":
        assert value.__doc__
        assert value.__module__.startswith("hybench.")


def test_completion_offers_the_public_names_alone() -> None:
    assert dir(hybench) == sorted(hybench.__all__)


def test_no_module_bears_the_name_of_a_verb() -> None:
    for verb in VERBS:
        with pytest.raises(ModuleNotFoundError):
            import_module(f"hybench.{verb}")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hybench.nothing
