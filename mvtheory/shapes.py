"""Shapes as types: `Float[Floats, "samples classes"]` are doubles, a row of classes for a sample.

A name stands for one length throughout a call, in what goes in and in what comes out; `*further`
stands for any number of axes, `3` for that many. What people give is `ArrayLike`, with its shape in
the docstring: numpy arrays, memory maps, tensors and lists are read by `mvtheory.arrays`.

A static checker sees the type of the numbers alone. Shapes are checked at run time where jaxtyping
has been loaded before this module, as in our tests (`conftest.py`). Nobody else pays for it: it
takes longer to load than numpy.
"""

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING or "jaxtyping" not in sys.modules:  # read as jaxtyping has static checkers read it
    from typing import Annotated as Bool
    from typing import Annotated as Complex
    from typing import Annotated as Float
    from typing import Annotated as Int
    from typing import Annotated as Real
    from typing import Annotated as Shaped
else:
    from jaxtyping import Bool, Complex, Float, Int, Real, Shaped

__all__ = ["DIMENSIONS", "ArrayLike", "Bool", "Booleans", "Complex", "Complexes", "Float", "Floats",
           "Int", "Integers", "Numbers", "Real", "Shaped"]  # fmt: skip

# numpy's own NDArray is an alias from 2.5 on, in which jaxtyping finds no class.
Booleans = np.ndarray[tuple[Any, ...], np.dtype[np.bool_]]
Integers = np.ndarray[tuple[Any, ...], np.dtype[np.int64]]
Floats = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]
Complexes = np.ndarray[tuple[Any, ...], np.dtype[np.complex128]]
Numbers = np.ndarray[tuple[Any, ...], np.dtype[Any]]
"""Of the type in which they were given."""

DIMENSIONS: dict[str, str] = {
    "samples": "N, that networks answer to",
    "classes": "K, that networks tell apart",
    "rows": "samples that are looked at, some of all",
    "chosen": "samples picked by their indices",
    "trained": "samples that students were trained on",
    "tested": "samples that they were not trained on",
    "kept": "classes that are not absent, or of a sample those that matter",
    "members": "samples of the groups",
    "groups": "classes of 2 samples or more",
    "eigenvalues": "of a symmetric matrix, n or K - 1 of them, and what goes along with each",
    "rank": "rows whose products make up a matrix",
    "sides": "sorts of rows, labels and outputs",
    "mixtures": "of students, one for each setting of a grid",
    "anchors": "distilled students that were trained",
    "networks": "n members of an ensemble",
    "columns": "of a tally, what is added up of each sample",
    "sizes": "numbers of networks that are asked about",
    "simulated": "numbers of networks whose ensembles are simulated",
    "ensembles": "made of members",
    "students": "whose answers are measured",
    "measures": "numbers that judge answers",
    "bins": "of confidence",
    "present": "classes that have samples",
    "numbers": "of logits, one after the other",
    "scores": "accuracy, log loss, Brier score and calibration error",
    "outcomes": "0 to n, members that put a sample right",
    "temperatures": "of a grid of settings",
    "hard_weights": "of a grid of settings",
    "views": "M of each class",
    "neurons": "m of each class",
    "draws": "classes whose training is followed; of outputs",
    "times": "moments of a training",
    "points": "of a lattice or a figure; coefficients that stand for the multi-view samples",
    "alive": "responses to noise that are above 0",
    "edges": "where panels of a quadrature meet",
    "nodes": "of a quadrature",
    "starts": "common parts of the initial weights",
    "shuffles": "assignments of responses to views",
    "responses": "of neurons to views, from the largest down",
    "counts": "how many views a class is known by, one after the other",
    "rounds": "of self-distillation",
    "steps": "of mixing, one student after the other",
    "inputs": "that a kernel regression is trained at",
    "others": "inputs that it is asked at",
    "patches": "of an input, on which features are summed",
    "dimension": "of a patch",
    "variables": "of data, n of them",
    "counted": "outliers above a bulk",
    "candidates": "eigenvalues that are tested for being outliers",
    "atoms": "variances of a population",
    "further": "axes of any number and length",
}
"""One word for one length, and what is counted."""
