"""Every error message has been met, and its remedy works.

A file `of_NAME.py` holds the remedies of the errors raised in its PLACES. An error raised there
that no remedy meets fails the test: a message that nobody has followed may lead nowhere.
"""

import ast
import importlib
import traceback
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GROUPS = {path.stem: importlib.import_module(path.stem) for path in sorted(HERE.glob("of_*.py"))}
CASES = [
    pytest.param(remedy, id=f"{name}-{index}")
    for name, group in GROUPS.items()
    for index, remedy in enumerate(group.REMEDIES)
]


def files(group) -> list[Path]:
    found = [ROOT / place for place in group.PLACES]
    return [f for p in found for f in (sorted(p.rglob("*.py")) if p.is_dir() else [p])]


def raised_in(path: Path) -> list[range]:
    """Lines of each statement that raises a ValueError, or what a function makes of one."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            called = node.exc.func
            word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if word in ("ValueError", "error") or word.startswith("_"):
                found.append(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def met_by(remedy) -> set[tuple[Path, int]]:
    """The lines through which the error came."""
    try:
        remedy.wrong()
    except ValueError as error:
        chain = [error, error.__cause__, error.__context__]
        frames = [f for e in chain if e is not None for f in traceback.extract_tb(e.__traceback__)]
        return {(Path(frame.filename), frame.lineno or 0) for frame in frames}
    return set()


@pytest.mark.parametrize("remedy", CASES)
def test_the_message_is_given_and_its_remedy_works(remedy) -> None:
    with pytest.raises(ValueError, match=f"(?s){remedy.says}"):
        remedy.wrong()
    remedy.mended()


@pytest.mark.parametrize("name", GROUPS)
def test_no_error_is_without_a_remedy_that_was_tried(name: str) -> None:
    group = GROUPS[name]
    met = {place for remedy in group.REMEDIES for place in met_by(remedy)}
    missing = [
        f"{path.relative_to(ROOT)}:{lines.start}"
        for path in files(group)
        for lines in raised_in(path)
        if not any((path, line) in met for line in lines)
    ]
    assert not missing
