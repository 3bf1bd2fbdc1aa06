"""Shapes that functions declare, checked while tests run with SHAPES=checked in the environment.

Only shapes are: a wrong number, or an array-like of the wrong shape, is refused by the function it
is given to, with a remedy, and the tests ask for that.
"""

import inspect
from collections.abc import Callable
from typing import Any, get_args

from beartype import beartype
from jaxtyping import AbstractArray, install_import_hook

CHECKED = (
    "mvtheory.arrays",
    "mvtheory.coverage",
    "mvtheory.distillation",
    "mvtheory.ensembles",
    "mvtheory.features",
    "mvtheory.inverse",
    "mvtheory.race",
    "mvtheory.self_distillation",
)


def install() -> None:
    """Check these packages from here on, if none of their modules has been imported yet."""
    install_import_hook(CHECKED, "tests.shape_checks.shapes_alone")


def shapes_alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its annotations checked that hold a shape."""
    hints = function.__annotations__
    for name in [name for name, hint in hints.items() if not holds_shape(hint)]:
        hints[name] = Any
    return beartype(function) if set(hints.values()) - {Any} else function


def holds_shape(hint: Any) -> bool:
    """Whether a shape is in it."""
    if inspect.isclass(hint) and issubclass(hint, AbstractArray):
        return True
    return any(holds_shape(part) for part in get_args(hint))
