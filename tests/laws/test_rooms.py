"""A new law is one new file: nothing asks what type a law is."""

import ast
import importlib
import inspect
import pkgutil

import pytest

from mvtheory import laws
from mvtheory.laws import AbstractLaw

MODULES = [m.name for m in pkgutil.walk_packages(laws.__path__, "mvtheory.laws.") if not m.ispkg]


def named_types(tree):
    """What `isinstance` and `issubclass` are asked for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            yield from (n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name))
        if isinstance(node, ast.MatchClass):
            yield ast.unparse(node.cls)


@pytest.mark.parametrize("name", MODULES)
def test_nothing_asks_for_the_type_of_a_law(name):
    module = importlib.import_module(name)
    asked = [
        getattr(module, word, None) for word in named_types(ast.parse(inspect.getsource(module)))
    ]
    kinds = [kind for kind in asked if isinstance(kind, type) and issubclass(kind, AbstractLaw)]
    # Whether an argument is a law at all may be asked.
    assert set(kinds) <= {AbstractLaw}


def test_the_modules_were_found():
    assert {"mvtheory.laws.semicircle", "mvtheory.laws.free.sums"} <= set(MODULES)
    assert list(named_types(ast.parse("isinstance(x, A | B)"))) == ["A", "B"]
