"""numpy, loaded when the first array is made, and the types of arrays.

The list of runs, which is shown first, needs no array, and numpy takes a fifth of the time to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int16]
    Codes = npt.NDArray[np.uint32]
    Places = npt.NDArray[np.int64]
    Array = npt.NDArray[Any]
else:
    Floats = Bools = Ints = Codes = Places = Array = Any

    class _Numpy:
        """Stands for the module; what was asked for once is an attribute of its own."""

        def __getattr__(self, name: str) -> object:
            import numpy

            found = getattr(numpy, name)
            setattr(self, name, found)
            return found

    np = _Numpy()

__all__ = ["Array", "Bools", "Codes", "Floats", "Ints", "Places", "np"]
