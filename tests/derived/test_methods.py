"""Methods against scipy, scikit-learn and the formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes, sqrtm
from sklearn.covariance import ledoit_wolf

from hybench.derived import METHODS, Maps
from hybench.derived.options import Settings
from hybench.derived.statistics import Statistics
from hybench.errors import UsageError

Vectors = NDArray[np.float32]


def unit(rows: int, columns: int, seed: int, offset: float = 0.0) -> Vectors:
    values = np.random.default_rng(seed).normal(size=(rows, columns)) + offset
    normed: Vectors = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    return normed


def statistics(dimension: int = 5, rows: int = 40) -> Statistics:
    """Three languages: of sw a third of the texts is missing, and yo has none of the others'."""
    names = [f"passage:{number:02d}" for number in range(rows)]
    some = [name for at, name in enumerate(names) if at % 3]
    return Statistics(
        {
            "en": unit(rows, dimension, 0),
            "sw": unit(len(some), dimension, 1, 0.5),
            "yo": unit(rows, dimension, 2, -0.4),
        },
        {
            "en": tuple(names),
            "sw": tuple(reversed(some)),
            "yo": tuple(f"passage:y{number}" for number in range(rows)),
        },
    )


def without(given: Statistics, language: str) -> Statistics:
    return Statistics(
        {code: each for code, each in given.encoded.items() if code != language},
        {code: each for code, each in given.sources.items() if code != language},
    )


def computed(name: str, given: Statistics, settings: Settings | None = None) -> Maps:
    return METHODS[name].function(given, settings or Settings(**dict(METHODS[name].defaults)))


def paired(given: Statistics, language: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The vectors of a language and of English, of the texts in both, one by one."""
    english = dict(zip(given.sources["en"], given.encoded["en"], strict=True))
    own = [
        (vector, english[source])
        for source, vector in zip(given.sources[language], given.encoded[language], strict=True)
        if source in english
    ]
    return np.array([one for one, _ in own], float), np.array([two for _, two in own], float)


def test_centred_languages_have_the_mean_zero() -> None:
    given = statistics()
    maps = computed("center", given)
    for language in given.languages:
        mapped = maps.languages[language](given.vectors(language))
        np.testing.assert_allclose(mapped.mean(axis=0), 0, atol=1e-12)
    assert maps.queries


def test_shifted_languages_have_one_mean() -> None:
    given = statistics()
    maps = computed("shift", given)
    means = [np.asarray(each, float).mean(axis=0) for each in given.encoded.values()]
    middle = sum(means) / 3
    for language, mean in zip(given.encoded, means, strict=True):
        np.testing.assert_allclose(maps.languages[language].offset, middle - mean, atol=1e-12)


def test_shift_as_published_is_by_pairs_and_of_passages_alone() -> None:
    given = without(statistics(), "yo")
    maps = computed("shift", given, Settings(toward="en", sides="passages", strength=0.6))
    own, english = paired(given, "sw")
    expected = -0.6 * np.mean([one - two for one, two in zip(own, english, strict=True)], axis=0)
    np.testing.assert_allclose(maps.languages["sw"].offset, expected, atol=1e-12)
    assert not maps.languages["en"].offset.any()
    assert not maps.queries


def test_procrustes_is_scipys() -> None:
    given = without(statistics(), "yo")
    maps = computed("procrustes", given)
    own, english = paired(given, "sw")
    expected, _ = orthogonal_procrustes(own, english)
    np.testing.assert_allclose(maps.languages["sw"](own), own @ expected, atol=1e-12)
    np.testing.assert_allclose(maps.languages["en"](english), english, atol=1e-12)


def test_a_map_that_the_texts_do_not_determine_is_refused() -> None:
    few = without(statistics(dimension=64), "yo")
    with pytest.raises(UsageError, match=r"sw has 26 texts .* 64 dimensions"):
        computed("procrustes", few)


@pytest.mark.parametrize("name", ["procrustes", "shift"])
def test_a_set_that_is_not_parallel_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="yo and en have no text in common"):
        computed(name, statistics(), Settings(toward="en"))
    with pytest.raises(UsageError, match="no texts in it"):
        computed(name, statistics(), Settings(toward="de"))


@pytest.mark.parametrize("shrinkage", [0.0, 0.3, None])
def test_whitened_texts_have_equal_variance(shrinkage: float | None) -> None:
    given = statistics()
    maps = computed("whiten", given, Settings(shrinkage=shrinkage))
    for language in given.languages:
        own = given.vectors(language)
        covariance = np.cov(own.T, bias=True)
        if shrinkage is None:
            covariance = ledoit_wolf(own)[0]
        else:
            covariance = (1 - shrinkage) * covariance
            covariance += shrinkage * np.trace(np.cov(own.T, bias=True)) / 5 * np.eye(5)
        expected = (own - own.mean(axis=0)) @ np.linalg.inv(sqrtm(covariance)).real
        mapped = maps.languages[language](own)
        np.testing.assert_allclose(cosines(mapped), cosines(expected), atol=1e-9)


def test_whitening_of_all_texts_gives_the_cosines_of_principal_components() -> None:
    given = statistics()
    maps = computed("whiten", given, Settings(by="all", shrinkage=0.0))
    own = np.concatenate([given.vectors(language) for language in given.languages])
    centred = own - own.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    assert maps.everywhere is not None
    np.testing.assert_allclose(
        cosines(maps.everywhere(own)), cosines(centred @ directions.T / sizes), atol=1e-9
    )


def test_directions_without_texts_are_left_out() -> None:
    given = statistics(dimension=64)
    maps = computed("whiten", given, Settings(shrinkage=0.0))
    assert maps.said["by"]["en"]["rank"] == 39
    mapped = maps.languages["en"](given.vectors("en"))
    lengths = np.linalg.norm(mapped, axis=1)
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-6)


def cosines(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    normed = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found: NDArray[np.float64] = normed @ normed.T
    return found
