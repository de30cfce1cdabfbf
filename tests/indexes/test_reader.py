from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hybench.indexes.reader import LanguageIndex
from tests.indexes.test_manifest import manifest


def test_only_files_with_the_rows_are_opened(tmp_path: Path) -> None:
    of = manifest([3, 4, 2])
    rows = np.arange(18, dtype=np.float32).reshape(9, 2)
    np.save(tmp_path / of.vector_files[1], rows[3:7])
    index = LanguageIndex(tmp_path, of)
    np.testing.assert_array_equal(np.asarray(index.vectors_between(4, 7)), rows[4:7])
    with pytest.raises(FileNotFoundError):
        index.vectors_between(4, 8)
