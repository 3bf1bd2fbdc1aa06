"""Mutation of what decides verdicts: each small change of the code must fail a test.

    python benchmarks/mutation.py [MODULE ...] [--record]

Every comparison, boolean operation, condition, sum, product, minimum and number of the modules in
`TESTS` is changed, one at a time, and the module's tests are run on it in a process of their own,
until one fails. A mutant that no test fails on survives: it is killed by a new test, or argued in
`ARGUED`. Outside CI: it takes about an hour of a core. With --record the result goes to
benchmarks/records/mutation.md. Exit code 1 if a mutant survives that is not argued.
"""

import argparse
import ast
import contextlib
import copy
import importlib
import os
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/records/mutation.md"
SECONDS = 240
"""A mutant that runs longer is caught in a loop: it is killed, too."""
SLOW = "looking_again or coverage_is_never or share_of_studies"
"""Tests that simulate by the thousand: run on what the others let pass."""
NO_TESTS = 5
"""Of pytest, if none is chosen."""
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
NAMES = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all",
    "all": "any", "floor": "ceil", "ceil": "floor", "argmin": "argmax", "isfinite": "isnan",
}  # fmt: skip
START = "the search begins one lower or higher; one replicate more never decides what is open"
ARGUED = {
    "_shuffled: `1` -> `2` (2)": "another order does as well",
    "check_claim: `planned.powers[claim.name] >= TARGETS[name]` -> "
    "`planned.powers[claim.name] > TARGETS[name]`": "no power is its target to the last digit",
    "interval: `0` -> `1`": "there are trials where the law is exact; it tells the type checker so",
    "interval: `special.ndtri(tail) if math.isinf(freedom) else special.stdtrit(freedom, tail)` -> "
    "`special.ndtri(tail) if False else special.stdtrit(freedom, tail)`": (
        "Student's law of endless degrees of freedom is the normal one"
    ),
    "sequential: `for case in cases if case is not None` -> `for case in cases`": (
        "at that place every claim has a case; the condition tells the type checker so"
    ),
    "powers: `0` -> `1` (2)": "there are six replicates at least, so never one trial alone",
    "_t_missing: `30.0` -> `31.0`": "beyond either the test misses with a probability below 1e-100",
    "_t_missing: `30.0` -> `31.0` (2)": "as the one before",
    "_t_missing: `1.0` -> `2.0`": "powers below 0 are cut",
    "_t_missing: `spread > 0` -> `spread >= 0`": "without spread the effect is the farthest",
    "_t_missing: `spread > 0` -> `spread >= 0` (2)": "as the one before",
    "_too_few: `1.0` -> `2.0`": "no proportion is above 1, nor any bound beyond it shown",
    "_too_few: `1 - 1e-16` -> `1 + 1e-16`": "only a bound of 1 is cut so, which is never shown",
    "_too_few: `1` -> `2`": "as the one before",
    "replicates_to_decide: `comparison.replicates + 1` -> `comparison.replicates - 1`": START,
    "replicates_to_decide: `comparison.replicates + 1` -> `comparison.replicates - 1` (2)": START,
    "replicates_to_decide: `1` -> `2`": START,
    "replicates_to_decide: `1` -> `2` (2)": START,
    "replicates_to_decide: `power(one_border, most, alpha) < 0.9` -> "
    "`power(one_border, most, alpha) <= 0.9`": "no power is .9 to the last digit",
    "replicates_to_decide: `most > 10 ** 6` -> `most >= 10 ** 6`": "some million is the end",
    "replicates_to_decide: `10` -> `11`": "some million is the end",
    "replicates_to_decide: `6` -> `7`": "some million is the end",
    "replicates_to_decide: `2` -> `3` (2)": "it is doubled or tripled before it is halved",
    "replicates_to_decide: `power(one_border, middle, alpha) < 0.9` -> "
    "`power(one_border, middle, alpha) <= 0.9`": "no power is .9 to the last digit",
    "Sample: `False` -> `True` (2)": "a mean follows from the values, which are compared",
    "Sample: `False` -> `True` (4)": "a deviation follows from the values, which are compared",
    "Sample.__post_init__: `1` -> `2`": "the mean of two equal numbers is theirs to the last digit",
    "Sample.__post_init__: `0` -> `1`": "all values are compared, with the first or the second",
    "Sample.__post_init__: `0` -> `1` (2)": "the first and the second value are equal there",
}
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
        if isinstance(tree, ast.keyword) and tree.arg == "strict":
            continue  # a guard against lists that do not pair, which nothing makes
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
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda: setattr(node, "op", ast.UAdd())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
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


def apply(module: types.ModuleType, tree: ast.Module) -> None:
    """Make the functions of an imported module those of a changed one, where they are.

    Whoever imported one has the changed one then, too. Numbers of the module are looked for by
    their names in all modules that are loaded.
    """
    code = compile(ast.fix_missing_locations(tree), str(module.__file__), "exec")
    changed = types.ModuleType(module.__name__)
    changed.__file__ = module.__file__
    sys.modules[module.__name__] = changed  # dataclasses look themselves up
    try:
        exec(code, changed.__dict__)
    finally:
        sys.modules[module.__name__] = module
    for name, new in vars(changed).items():
        old = vars(module).get(name)
        if isinstance(old, types.FunctionType | type) and old.__module__ == module.__name__:
            _transplant(old, new)
        elif isinstance(new, int | float | str | tuple | dict) and new != old:
            for other in list(sys.modules.values()):
                if getattr(other, "__name__", "").startswith(("validation", "test_")) and (
                    vars(other).get(name) == old and name in vars(other)
                ):
                    setattr(other, name, new)


def _transplant(old: object, new: object) -> None:
    if isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType):
        if hasattr(old, "__wrapped__"):
            _transplant(old.__wrapped__, new.__wrapped__)
            return
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__
    elif isinstance(old, property) and isinstance(new, property):
        _transplant(old.fget, new.fget)
    elif isinstance(old, classmethod | staticmethod):
        _transplant(old.__func__, new.__func__)
    elif isinstance(old, type) and isinstance(new, type):
        for name, own in vars(old).items():
            if name in vars(new) and (not name.startswith("__") or name == "__post_init__"):
                _transplant(own, vars(new)[name])


def survives(module: types.ModuleType, tree: ast.Module, tests: list[str]) -> bool:
    """Whether all tests pass on the changed module, in a fork of this process.

    What can be imported is, so that a mutant costs no more than its tests.
    """
    child = os.fork()
    if not child:
        code = 1
        signal.alarm(SECONDS)
        # Whatever is raised before a test is run is a failure as well.
        with contextlib.suppress(BaseException):
            apply(module, tree)
            code = run(["-k", f"not ({SLOW})", *tests]) or run(["-k", SLOW, *tests])
        os._exit(0 if code in (0, NO_TESTS) else code)
    _, status = os.waitpid(child, 0)
    return status == 0


def run(tests: list[str]) -> int:
    """Run the tests until one fails; 0 if none does."""
    ignored = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    quiet = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *ignored]
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    with open(os.devnull, "w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
        code = int(pytest.main([*quiet, *tests]))
    for stream, own in enumerate(kept, start=1):
        os.dup2(own, stream)
        os.close(own)
    return code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="all if none is named")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    os.chdir(ROOT)
    lines, unargued = [], 0
    for name in options.modules or TESTS:
        path = ROOT / (name.replace(".", "/") + ".py")
        tests = [f"tests/validation/test_{test}.py" for test in TESTS[name]]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = importlib.import_module(name)
        # Imports everything, and shows that the tests pass on the module as it is.
        if run(tests):
            raise SystemExit(f"the tests of {name} fail on the module as it is: {tests}")
        started, killed, left = time.monotonic(), 0, []
        for words, changed in mutants(tree):
            if survives(module, changed, tests):
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
