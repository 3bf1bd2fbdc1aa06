"""Shapes as types: declared with one vocabulary, checked while examples run, free for users."""

import ast
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from jaxtyping import TypeCheckError, jaxtyped

import mvtheory
from mvtheory import (
    coverage,
    distillation,
    ensembles,
    features,
    measured,
    race,
    self_distillation,
)
from mvtheory.race.largest import panels
from mvtheory.self_distillation import mixing
from mvtheory.shapes import DIMENSIONS
from tests.shape_checks import holds_shape, shapes_alone

KINDS = ("Bool", "Complex", "Float", "Int", "Real", "Shaped")
HOME = Path(mvtheory.__file__).parent
ROOMS = (coverage, distillation, ensembles, features, measured, race, self_distillation)
PACKAGES = tuple(room.__name__.rpartition(".")[2] for room in ROOMS)
PUBLIC = [getattr(room, name) for room in ROOMS for name in room.__all__]
FUNCTIONS = [thing for thing in PUBLIC if inspect.isfunction(thing)]


def declared(path: Path) -> set[str]:
    """The names of lengths in a module's annotations."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", None) in KINDS:
            shape = node.slice.elts[1].value
            found |= set(re.findall(r"[A-Za-z_]+", shape))
    return found


def test_one_vocabulary():
    modules = [path for path in HOME.rglob("*.py") if path.name != "shapes.py"]
    assert set.union(*map(declared, modules)) == set(DIMENSIONS)


def returned(function: Any) -> Any:
    return inspect.unwrap(function).__annotations__["return"]


def bare(hint: Any) -> bool:
    """Whether it hands out arrays without saying of which shape."""
    if hint is Any or hint is np.ndarray or getattr(hint, "__origin__", None) is np.ndarray:
        return True
    return not holds_shape(hint) and any(bare(part) for part in get_args(hint))


@pytest.mark.parametrize(
    "thing", PUBLIC, ids=lambda thing: getattr(thing, "name", "") or thing.__name__
)
def test_what_is_handed_out_has_a_shape(thing):
    if inspect.isfunction(thing):
        assert not bare(returned(thing))
    elif inspect.isclass(thing):
        read = [p.fget for p in vars(thing).values() if isinstance(p, property)]
        assert not any(bare(returned(function)) for function in read)


@pytest.mark.parametrize("thing", FUNCTIONS, ids=lambda function: function.__name__)
def test_examples_call_every_public_function(thing):
    assert f"{thing.__name__}(" in "".join(re.findall(r">>> .*|\.\.\. .*", thing.__doc__))


def test_examples_keep_to_the_shapes_declared():
    """In a process of its own: checks are put in while modules are imported."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, *(str(HOME / package) for package in PACKAGES)],
        env=os.environ | {"SHAPES": "checked"}, cwd=HOME.parent, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:]


@pytest.fixture
def checked():
    """A function as it is with SHAPES=checked."""
    return jaxtyped(typechecker=shapes_alone)


def test_a_wrong_shape_inside_is_caught(monkeypatch, checked):
    """Without the check the column goes on to the caller."""

    def columns(eigenvalues, penalty):
        return tuple(np.full((2, 1), share) for share in (0.7, 0.3))

    monkeypatch.setattr(mixing, "_shrinkage", columns)
    asked = {"eigenvalues": [8.0, 2.0], "penalty": 2.0, "mixings": [1.5]}
    assert mixing.mixed_filter(**asked).shape == (2, 1)
    with pytest.raises(TypeCheckError, match="mixed_filter"):
        checked(mixing.mixed_filter)(**asked)


def test_a_wrong_type_of_numbers_is_caught(checked):
    with pytest.raises(TypeCheckError, match="edges"):
        checked(panels)(np.arange(3))


def test_users_load_no_checker():
    code = "import sys, mvtheory.race, mvtheory.distillation as d; d.h_matrix; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert not {"jaxtyping", "beartype"} & set(loaded.stdout.split())
