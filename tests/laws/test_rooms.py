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
    """What `isinstance`, `issubclass` and comparisons with `type(...)` ask for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            yield from names(node.args[1])
        if isinstance(node, ast.Compare) and "type(" in ast.unparse(node):
            yield from names(node)
        if isinstance(node, ast.MatchClass):
            yield from names(node.cls)


def names(tree):
    """Names and dotted names in an expression, dotted ones by their last part too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        if isinstance(node, ast.Attribute):
            yield node.attr


@pytest.mark.parametrize("name", MODULES)
def test_nothing_asks_for_the_type_of_a_law(name):
    module = importlib.import_module(name)
    asked = [
        getattr(module, word, getattr(laws, word, None))
        for word in named_types(ast.parse(inspect.getsource(module)))
    ]
    kinds = [kind for kind in asked if isinstance(kind, type) and issubclass(kind, AbstractLaw)]
    # Whether an argument is a law at all may be asked.
    assert set(kinds) <= {AbstractLaw}


def test_the_modules_were_found():
    assert {"mvtheory.laws.semicircle", "mvtheory.laws.free.sums"} <= set(MODULES)
    assert list(named_types(ast.parse("isinstance(x, A | B)"))) == ["A", "B"]
    assert "Law" in named_types(ast.parse("isinstance(x, module.Law)"))
    assert "Law" in named_types(ast.parse("type(x) is Law"))
