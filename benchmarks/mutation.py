"""Mutation of what decides verdicts: each small change of the code must fail a test.

    python benchmarks/mutation.py [MODULE ...] [--record]

Every comparison, boolean operation, condition, sum, product, minimum and number of the modules in
`TESTS` is changed, one at a time, and the module's tests are run on it in a process of their own,
until one fails. A mutant that no test fails on survives: it is killed by a new test, or argued in
`ARGUED`. Outside CI: it takes some ten minutes of one core. With --record the result goes to
benchmarks/records/mutation.md. Exit code 1 if a mutant survives that is not argued.
"""

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import io
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/records/mutation.md"
SECONDS = 240
"""A mutant that runs longer is caught in a loop: it is killed, too."""
TESTS = {
    "validation.trial.verdict": ["verdict"],
    "validation.trial.evidence": ["evidence", "verdict"],
    "validation.trial.design": ["design", "report"],
    "validation.trial.claim": ["claim", "columns"],
    "validation.testing": ["check_claim"],
}
"""Modules, and which tests/validation/test_NAME.py try them: the quick ones first."""
SWAPPED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all",
         "all": "any", "floor": "ceil", "ceil": "floor", "argmin": "argmax", "isfinite": "isnan"}  # fmt: skip
ARGUED: dict[str, str] = {}
"""Mutants that no test can, or need, tell from the code, and why."""


def mutants(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """What is changed, in words that do not depend on line numbers, and the changed module."""
    seen: Counter[str] = Counter()
    for place, (node, within) in enumerate(_nodes(tree)):
        for number, change in enumerate(_changes(node)):
            changed = copy.deepcopy(tree)
            own, _ = list(_nodes(changed))[place]
            before = ast.unparse(own)
            list(_changes(own))[number]()
            del change
            after = ast.unparse(own)
            words = f"{within}: `{_short(before)}` -> `{_short(after)}`"
            seen[words] += 1
            yield words + (f" ({seen[words]})" if seen[words] > 1 else ""), changed


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) < 100 else line[:97] + "..."


def _nodes(tree: ast.AST, within: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Expressions that are computed, after the function or class they are in; no annotations, no
    words."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or isinstance(node, ast.Raise | ast.JoinedStr):
                continue
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            own = within
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                own = f"{within}.{node.name}".strip(".")
            yield node, own
            yield from _nodes(node, own)


def _changes(node: ast.AST) -> Iterator:
    """Ways to change a node, in place."""
    if isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            if type(op) in SWAPPED:
                yield lambda index=index, op=op: node.ops.__setitem__(index, SWAPPED[type(op)]())
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPPED:
        yield lambda: setattr(node, "op", SWAPPED[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield lambda: setattr(
            node, "op", ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
        )
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda: setattr(node, "value", node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda: setattr(node, "value", not node.value)
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield lambda: setattr(node, "id", NAMES[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield lambda: setattr(node, "attr", NAMES[node.attr])
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        for value in (True, False):
            yield lambda value=value: setattr(node, "test", ast.Constant(value))
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield lambda: setattr(node, "ifs", [])


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module as it was changed."""

    def __init__(self, name: str, tree: ast.Module, path: Path) -> None:
        self.name, self.path = name, path
        self.code = compile(ast.fix_missing_locations(tree), str(path), "exec")

    def find_spec(self, name, path, target=None):
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def exec_module(self, module) -> None:
        exec(self.code, module.__dict__)


def survives(name: str, tree: ast.Module, path: Path, tests: list[str]) -> bool:
    """Whether all its tests pass, in a fork of this process: that has loaded what is heavy."""
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        sys.meta_path.insert(0, _Mutated(name, tree, path))
        import pytest

        quiet = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(ROOT)]
        code = 1
        with contextlib.redirect_stdout(io.StringIO()):
            code = int(pytest.main([*quiet, *tests]))
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return status == 0


def preload() -> None:
    """Everything heavy that does not import what is mutated."""
    import numba
    import pandas
    import pyarrow.parquet
    import pytest
    import scipy.stats
    import sklearn
    import statsmodels.stats.multitest
    import statsmodels.stats.weightstats
    import sympy
    import torch

    import mvtheory.catalogue

    torch.set_num_threads(1)
    del numba, pandas, pyarrow, pytest, scipy, sklearn, statsmodels, sympy, mvtheory


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="all if none is named")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    os.chdir(ROOT)
    preload()
    lines, unargued = [], 0
    for name in options.modules or TESTS:
        path = ROOT / (name.replace(".", "/") + ".py")
        tests = [f"tests/validation/test_{test}.py" for test in TESTS[name]]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not survives(name, tree, path, tests):
            raise SystemExit(f"the tests of {name} fail on the module as it is: {tests}")
        started, killed, left = time.monotonic(), 0, []
        for words, changed in mutants(tree):
            if survives(name, changed, path, tests):
                left.append(words)
                reason = ARGUED.get(words, "NOT ARGUED")
                print(f"{name}: {words}: {reason}", flush=True)
            else:
                killed += 1
        print(f"{name}: {killed} killed, {len(left)} left, {time.monotonic() - started:.0f} s")
        unargued += sum(words not in ARGUED for words in left)
        lines += [f"## {name}", "", f"{killed} mutants were killed, {len(left)} survive.", ""]
        lines += [f"- {words}: {ARGUED.get(words, 'not argued')}" for words in left] + [""]
    if options.record:
        RECORD.write_text("\n".join([*HEAD, *lines]).rstrip() + "\n", encoding="utf-8")
    return 1 if unargued else 0


HEAD = (
    "# Mutants of what decides verdicts", "",
    "Made by `python benchmarks/mutation.py --record`: every comparison, boolean operation,",
    "condition, sum, product, minimum and number of these modules was changed, one at a time, and",
    "their tests run on it. Those below fail no test, for the reason that is given.", "",
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
