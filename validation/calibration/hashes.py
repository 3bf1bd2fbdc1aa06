"""What a calibration depends on, as a hash: a record of other rules or predictions is stale."""

import ast
from functools import cache
from pathlib import Path

import validation
from validation.trial.claim import Expectation
from validation.trial.identity import canonical, sha256
from validation.trial.plan import PlannedClaim

CODE = (
    "trial/evidence", "trial/verdict", "trial/design", "trial/simulation",
    "experiments/lottery/ideal", "calibration/decided", "calibration/studied", "calibration/wrong",
    "calibration/sources",
)  # fmt: skip
"""Modules that decide a verdict, or draw what it is about."""
NUMBERS = ("predicted", "finite_size", "low", "high", "spread", "trials")
"""Of an expectation: all that its verdict follows from."""
DIGITS = 6
"""Of a prediction: other processors differ in the last of them all."""


@cache
def hash_of_code() -> str:
    """Of what the modules do: words in them, and how they are set, do not count."""
    root = Path(validation.__file__).parent
    return sha256(
        "\n".join(_meaning((root / f"{name}.py").read_text(encoding="utf-8")) for name in CODE)
    )


def _meaning(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # Documentation: a statement that is nothing but a text.
            node.body = [own for own in body if not _is_text(own)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def hash_of(planned: PlannedClaim, claims: int) -> str:
    """Of what a claim predicts, how it is planned in a run of so many, and by which rules."""
    said = {
        "code": hash_of_code(),
        "claims": claims,
        "replicates": list(planned.replicates),
        "studies": [
            [[_rounded(e) for e in side] for side in (s.expectations, s.requirements)]
            for s in planned.studies
        ],
    }
    return sha256(canonical(said))[:20]


def _rounded(expectation: Expectation) -> list[float | None]:
    numbers = [getattr(expectation, name) for name in NUMBERS]
    return [n if n is None else float(f"{n:.{DIGITS}g}") + 0.0 for n in numbers]
