"""The lock file holds the versions of constraints.txt, and those hold all that CI installs."""

from __future__ import annotations

import re
import tomllib

from tools.layers import ROOT


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    return {_name(name): version for name, version in pins}


def test_the_lock_has_the_versions_of_the_constraints() -> None:
    lock = tomllib.loads((ROOT / "pylock.toml").read_text(encoding="utf-8"))
    locked = {_name(each["name"]): each["version"] for each in lock["packages"]}
    constraints = _constraints()
    both = locked.keys() & constraints.keys()
    assert len(both) > 100
    assert {name: locked[name] for name in both} == {name: constraints[name] for name in both}
    assert _asked() <= locked.keys(), "make lock"
    for package in lock["packages"]:
        for file in [*package.get("wheels", ()), package.get("sdist", {"hashes": ["none"]})]:
            assert file["hashes"], package["name"]


def _asked() -> set[str]:
    """Names of what the package and its tests ask for themselves."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["docs"], *extras["dev"]]
    return {_name(re.split(r"[\[<>=~! ]", each)[0]) for each in asked} - {"hybench"}


def test_every_dependency_of_ci_is_pinned() -> None:
    assert _asked() <= _constraints().keys()
