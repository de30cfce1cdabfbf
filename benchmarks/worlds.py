"""Simulated worlds with known truth: scores of equally good arms.

Nothing here is hybench's: scores are drawn, and what the package at hand says of them is counted.
Arms share their seeds, as a study's do, and languages share their queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Shape = Literal["normal", "zeros", "rare"]

LANGUAGES, ARMS = 4, 4
"""Arms of a simulated table; the first is the baseline."""

SHARED = 0.5
"""Deviation of a seed's common effect on all arms, relative to its effect on each."""

_DIFFERS = {"zeros": 1.7617, "rare": 2.170}
"""Normal deviates beyond which an arm's query differs from the others': 7.8 and 1.5 per cent of
them, so that of the differences of two arms 85 per cent are 0, or 3 per cent are a whole point."""


@dataclass(frozen=True)
class World:
    """The components of scores, in units of an nDCG-like score.

    Attributes:
        seeds: runs of each arm.
        shift: deviation of what a seed does to all queries of an arm.
        language: of what it does to all queries of one language.
        loud: the arm in which a seed does three times as much, to single queries too; None: all are
            alike.
        rho: correlation between the languages of what an arm does to one source query.
        queries: source queries, which all languages have.
        shape: of what an arm does to single queries: ``normal``; ``zeros`` leaves most alone;
            ``rare`` makes a few all right that were all wrong.
    """

    seeds: int = 1
    shift: float = 0.0
    language: float = 0.0
    loud: int | None = None
    rho: float = 0.0
    queries: int = 119
    shape: Shape = "normal"

    @property
    def chance(self) -> str:
        """The amount of chance in training, in a word."""
        return "none" if not self.shift else "usual" if self.shift < 0.01 else "much"

    @property
    def noisy(self) -> str:
        """Which arm is noisier, in words."""
        return {None: "no arm", 0: "the baseline"}.get(self.loud, "another arm")


def worlds() -> list[World]:
    """All that is simulated."""
    sizes, correlations = (5, 20, 119, 482), (0.0, 0.1, 0.3, 0.6)
    found = [World(rho=rho, queries=size) for rho in correlations for size in sizes]
    found += [
        World(seeds, shift, language, loud, rho, size)
        for seeds in (2, 3, 5)
        for shift, language in ((0.005, 0.007), (0.02, 0.02))
        for loud in (None, 0, 1)
        for rho in correlations
        for size in sizes
    ]
    shapes: tuple[Shape, ...] = ("zeros", "rare")
    found += [
        World(seeds, shift, shift, None, rho, size, shape)
        for shape in shapes
        for seeds, shift in ((1, 0.0), (3, 0.005))
        for rho in (0.0, 0.6)
        for size in sizes
    ]
    return found


def _over_languages(
    random: np.random.Generator, rho: float, languages: int, queries: int
) -> Scores:
    """Standard normal numbers [languages, queries] with correlation rho between languages."""
    shared = random.normal(size=(1, queries))
    own = random.normal(size=(languages, queries))
    return np.asarray(np.sqrt(rho) * shared + np.sqrt(1 - rho) * own)


def _of_queries(
    random: np.random.Generator, world: World, deviation: float, languages: int
) -> Scores:
    """A random effect on single queries, [languages, queries]."""
    drawn = _over_languages(random, world.rho, languages, world.queries)
    if world.shape == "normal":
        return deviation * drawn
    beyond = drawn > _DIFFERS["rare"]
    if world.shape == "rare":
        return beyond.astype(np.float64)
    size = _over_languages(random, world.rho, languages, world.queries)
    return np.asarray(np.where(np.abs(drawn) > _DIFFERS["zeros"], 2 * deviation * size, 0.0))


def simulate(
    world: World, random: np.random.Generator, languages: int = LANGUAGES, arms: int = ARMS
) -> dict[str, list[Scores]]:
    """Scores by language and arm, each [queries, seeds]; all arms are equally good.

    With one seed, what it does is the run's own, and there is none of it.
    """
    base = random.random((languages, world.queries)) * (world.shape == "normal")
    shared = SHARED * world.shift * random.normal(size=world.seeds)
    shared_here = SHARED * world.language * random.normal(size=(languages, world.seeds))
    found: dict[str, list[Scores]] = {f"l{at}": [] for at in range(languages)}
    for arm in range(arms):
        loud = 3.0 if arm == world.loud else 1.0
        own = base + _of_queries(random, world, 0.2, languages)
        seed = shared + loud * world.shift * random.normal(size=world.seeds)
        here = shared_here + loud * world.language * random.normal(size=(languages, world.seeds))
        scores = np.repeat(own[:, :, None], world.seeds, axis=2) + (seed + here)[:, None, :]
        if world.seeds > 1 and world.shape != "rare":
            for run in range(world.seeds):
                scores[:, :, run] += _of_queries(random, world, 0.1 * loud, languages)
        for at, language in enumerate(found):
            found[language].append(scores[at])
    return found


def shifted(
    made: Mapping[str, Sequence[Scores]], by: float, arm: int = 1
) -> dict[str, list[Scores]]:
    """The same with an arm that is better by this much in every query."""
    return {
        language: [scores + by * (at == arm) for at, scores in enumerate(arms)]
        for language, arms in made.items()
    }


@dataclass(frozen=True)
class OnMargin:
    """Two arms in one language whose true difference is the margin of equivalence.

    Attributes:
        seeds: runs of each arm.
        queries: their number.
        shape: of the differences.
    """

    seeds: int
    queries: int
    shape: Shape

    @property
    def margin(self) -> float:
        """The true difference: for rare ones their share, else three standard errors."""
        deviation = {"normal": 0.28, "zeros": 0.16}.get(self.shape, 0.0)
        return 0.03 if self.shape == "rare" else 3 * deviation / np.sqrt(self.queries)

    def simulate(self, random: np.random.Generator) -> dict[str, list[Scores]]:
        """Scores by language and arm."""
        if self.shape == "rare":
            better = (random.random((self.queries, 1)) < self.margin).astype(np.float64)
            runs = np.repeat(better, self.seeds, axis=1)
            return {"l0": [np.zeros_like(runs), runs]}
        world = World(self.seeds, queries=self.queries, shape=self.shape)
        return shifted(simulate(world, random, 1, 2), self.margin)


def on_margin() -> list[OnMargin]:
    """All pairs on the margin that are simulated."""
    shapes: tuple[Shape, ...] = ("normal", "zeros", "rare")
    return [
        OnMargin(seeds, size, shape)
        for shape in shapes
        for seeds in (1, 3)
        for size in (5, 20, 119, 482)
    ]
