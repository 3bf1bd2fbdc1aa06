"""Every formula, found by itself: floats agree with 50 digits and with the exact number."""

import inspect
import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mvtheory
from mvtheory.arguments import Argument
from mvtheory.coverage import ensemble, ensemble_unequal, full_coverage, variance
from mvtheory.formula import Formula
from mvtheory.multiprecision import NoConvergence, function_of, guarded
from mvtheory.threshold import Threshold

FORMULAS = [f for f in mvtheory.formulas().values() if isinstance(f, Formula)]
CLOSED = [f for f in FORMULAS if not isinstance(f, Threshold)]
RELATIVE = 1e-14


def name(formula: Formula) -> str:
    return formula.name


def corners(argument: Argument) -> list:
    """Ends of the range, values near them, and ordinary ones between."""
    if argument.vector:
        return [(0.5, 0.3, 0.2), (1.0,), (0.999999, 1e-6), (1e-12, 1 - 1e-12), (0.25,) * 4]
    low, high = argument.low, argument.high
    if argument.integer:
        values = {low, low + 1, low + 2, high, high - 1, 3, 7, 24, 100, 1000, 31623, 1e6, 1e9}
        return sorted(int(v) for v in values if low <= v <= high)
    values = {low, high, 1e-12, 1e-6, 0.1, 0.3, 0.5, 0.7, 0.999, 1 - 1e-15, 1.0, 2.0, 2.5, 1e3}
    return sorted(
        v
        for v in values
        if low <= v <= high
        and not (v == low and argument.low_open)
        and not (v == high and argument.high_open)
    )


def assert_close_to_fifty_digits(formula: Formula, arguments: dict) -> None:
    value = formula(**arguments)
    reference = formula.high_precision(**arguments, digits=50)
    if abs(reference) < 1e-300:  # below the normal doubles
        assert abs(value) <= 1e-300
    else:
        error = abs(mpmath.mpf(value) / reference - 1)
        assert error <= RELATIVE, f"{arguments}: {value!r}, {reference}"


@pytest.mark.parametrize("formula", CLOSED, ids=name)
def test_floats_are_accurate_at_the_corners_of_the_domain(formula):
    points = list(itertools.product(*(corners(a) for a in formula.arguments)))
    chosen = np.random.default_rng(0).permutation(len(points))[:60]
    for index in chosen:
        assert_close_to_fifty_digits(formula, dict(zip(formula.domain, points[index], strict=True)))


def draws(argument: Argument) -> st.SearchStrategy:
    if argument.vector:
        shares = st.lists(st.integers(1, 1000), min_size=1, max_size=6)
        return shares.map(lambda s: tuple(x / sum(s) for x in s))
    if argument.integer:
        exponents = st.floats(0, math.log2(max(argument.high, 1)))
        return exponents.map(lambda e: int(max(argument.low, min(argument.high, 2**e))))
    return st.floats(
        argument.low,
        argument.high,
        exclude_min=argument.low_open,
        exclude_max=argument.high_open,
        allow_subnormal=False,
    )


@pytest.mark.parametrize("formula", [f for f in CLOSED if f.stable is not None], ids=name)
@given(data=st.data())
def test_floats_are_accurate_anywhere_in_the_domain(formula, data):
    arguments = {a.name: data.draw(draws(a), label=a.name) for a in formula.arguments}
    if abs(formula(**arguments)) > 1e-290:
        assert_close_to_fifty_digits(formula, arguments)


SMALL = {
    "views": 4, "networks": 6, "classes": 3, "rounds": 2, "presence": "7/10", "coverage": "3/5",
    "single_view_fraction": "1/25", "confidence": "9/10", "concentration": "5/2", "distinct": 3,
    "probabilities": ["1/2", "3/10", "1/5"], "student_win": 1, "strength": "1/50",
    "drive": "31/5", "power": 4, "elapsed": "3/4", "level": "3/2", "growth": 50, "handicap": "2/3",
    "hard_weight": "1/10", "temperature": "9/2", "beta": "1/5",
    "distillation_weight": "81/4", "soft_weight": "4/5", "temperature_factor": "1/2",
    "student_accuracy": "3/5", "gain": "4/9", "chi": "-11/10", "label_probability": "2/5",
    "common_guesses": "1/3", "risk_of_one": "3/10", "risk_of_two": "1/5",
    "relative_norm": "7/2", "condition": 5, "smaller_eigenvalue": "5/4", "larger_eigenvalue": 3,
    "neurons": 5, "teacher_loss": "5/2", "student_loss": "3", "reducible": "2/3",
    "shares": ["3/5", "2/5"], "depth": 4, "pathways": 3, "rate": "3/5", "square": 40,
    "teacher_exponent": 2, "gap_exponent": 6, "gap_place": "4/3", "gap_width": "1/2",
    "auxiliary_correlation": "3/4", "class_correlation": "2/3", "hidden_correlation": "3/5",
    "gate_share": "2/5", "decay": "3/2",
    "response": "9/2", "samples": 60, "both": "2/5", "hard": 2, "noise": "5/2", "bridges": "3/4",
    "easy_output": 2, "coefficient": "7/4", "distraction": "9/10",
}  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS, ids=name)
def test_exact_number_float_and_digits_agree(formula):
    arguments = {a.name: SMALL[a.name] for a in formula.arguments}
    exact = formula.exact(**arguments)
    floats = {
        k: [float(Fraction(x)) for x in v] if isinstance(v, list) else
        v if isinstance(v, int) else float(Fraction(v))
        for k, v in arguments.items()
    }  # fmt: skip
    assert formula(**floats) == pytest.approx(float(exact), rel=1e-14)
    digits = formula.high_precision(**arguments, digits=50)
    with mpmath.workdps(60):
        assert abs(digits - mpmath.mpf(str(exact.evalf(60)))) <= abs(digits) * mpmath.mpf(10) ** -49


@pytest.mark.parametrize("formula", FORMULAS, ids=name)
def test_every_formula_says_what_it_is_and_where_it_comes_from(formula):
    assert formula.summary.endswith(".")
    assert formula.quantity
    assert str(formula.source)
    assert formula.status in {
        "proved", "proved asymptotically", "exact", "bound", "heuristic of the paper",
        "our extension",
    }  # fmt: skip
    assert formula.latex() in formula.equation() in formula._repr_latex_()
    assert formula.name in repr(formula)
    assert list(formula.domain) == [a.name for a in formula.arguments]


@pytest.mark.parametrize("formula", FORMULAS, ids=name)
def test_every_argument_is_checked(formula):
    good = {a.name: SMALL[a.name] for a in formula.arguments}
    good = {
        k: [float(Fraction(x)) for x in v] if isinstance(v, list) else float(Fraction(v))
        for k, v in good.items()
    }
    formula(**good)
    for argument in formula.arguments:
        bad = ["3", None, 1j, math.nan, argument.low - 1, object(), []]
        bad += [[0.5, 0.6]] if argument.vector else [argument.high * 2 + 1]
        bad += [2.5] if argument.integer else []
        bad += [] if argument.is_flag else [True]
        for value in bad:
            with pytest.raises(ValueError, match=f"{argument.name}=") as caught:
                formula(**(good | {argument.name: value}))
            assert argument.range_text in str(caught.value)
    with pytest.raises(ValueError, match="is missing"):
        formula()
    with pytest.raises(ValueError, match="'colour' is unknown"):
        formula(**good, colour=1)


@pytest.mark.parametrize("formula", FORMULAS, ids=name)
def test_every_formula_documents_itself_in_a_shell(formula):
    text = inspect.getdoc(formula)
    assert formula.summary in text
    assert str(formula.source) in text
    for argument in formula.arguments:
        assert f"{argument.name} : {argument.range_text}" in text
    assert list(inspect.signature(formula).parameters) == list(formula.domain)


def test_calls_broadcast_and_scalars_stay_scalars():
    assert isinstance(ensemble(views=3, networks=5), float)
    table = ensemble(views=np.array([[2], [3]]), networks=[1, 2, 5])
    assert table.shape == (2, 3)
    for i, views in enumerate((2, 3)):
        for j, networks in enumerate((1, 2, 5)):
            assert table[i, j] == ensemble(views=views, networks=networks)
    rows = ensemble_unequal(probabilities=[[0.5, 0.5], [0.9, 0.1]], networks=3)
    assert rows == pytest.approx([0.875, 1 - (0.1**3 + 0.9**3) / 2], rel=1e-14)
    assert variance(views=[3, 4], networks=2, classes=10).shape == (2,)
    assert full_coverage(views=3, networks=[3, 22], classes=2).shape == (2,)


def test_inputs_of_exact_evaluation():
    assert ensemble.exact(views=3, networks=5) == Fraction(211, 243)
    test_error = mvtheory.coverage.test_error
    third = test_error.exact(coverage="1/3", single_view_fraction="0.04", classes=10)
    assert third == Fraction(3, 125)
    binary = test_error.exact(coverage=0.1, single_view_fraction=1, classes=2)
    assert binary == (1 - Fraction(0.1)) / 2  # the float's own value, not 1/10
    for wrong in ("a", "1/0", [1, 2], math.nan, math.inf):
        with pytest.raises(ValueError, match="coverage="):
            test_error.exact(coverage=wrong, single_view_fraction=1, classes=2)
    with pytest.raises(ValueError, match=r"coverage=1.5"):
        test_error.high_precision(coverage="3/2", single_view_fraction=1, classes=2)
    with pytest.raises(ValueError, match="digits=0 is not allowed"):
        ensemble.high_precision(views=3, networks=5, digits=0)


def test_exact_inputs_are_judged_as_given_and_not_as_rounded():
    # Each of these rounds to an allowed double.
    test_error = mvtheory.coverage.test_error
    with pytest.raises(ValueError, match=r"coverage='1.00000000000000000001' is not allowed"):
        test_error.exact(coverage="1.00000000000000000001", single_view_fraction=1, classes=2)
    for wrong in ("3.00000000000000000001", Fraction(10**20 * 3 + 1, 10**20)):
        with pytest.raises(ValueError, match=r"networks=.* round it to a whole number"):
            ensemble.high_precision(views=3, networks=wrong)
    # And this to a forbidden one: 2^-67 is the first power of 1/2 below 10^-20.
    level = 1 - Fraction(1, 10**20)
    assert mvtheory.coverage.networks_for_coverage.exact(views=2, coverage=level) == 67


def test_numbers_beyond_every_double_are_out_of_range():
    for evaluate in (ensemble, ensemble.exact, ensemble.high_precision):
        for huge in (10**400, -(10**400), Fraction(10**400, 3)):
            with pytest.raises(ValueError, match=r"views=.* 1 <= views <= 10\^12"):
                evaluate(views=huge, networks=1)


def test_high_precision_survives_cancellation():
    # 1 - (1 - x)^N at x = 1e-12, N = 3: 3x - 3x^2 + x^3 by hand.
    value = ensemble.high_precision(views=10**12, networks=3, digits=40)
    with mpmath.workdps(60):
        x = mpmath.mpf(10) ** -12
        assert abs(value - (3 * x - 3 * x**2 + x**3)) < mpmath.mpf(10) ** -51


def test_an_exact_zero_is_found_and_a_hopeless_case_is_an_error():
    assert variance.high_precision(views=7, networks=1, classes=3) == 0

    rng = np.random.default_rng(0)
    with pytest.raises(NoConvergence, match="rough: 17 digits were not reached") as caught:
        guarded("rough", lambda mp, x: rng.random(), [Fraction(1)], 17)
    assert 0 < caught.value.residual < 1


def test_what_is_rounded_away_at_first_is_not_taken_for_zero():
    import sympy

    x = sympy.Symbol("x")
    lost = function_of([x], (1 + x) ** 2 - 1 - 2 * x)  # x^2, after cancelling 400 digits
    value = guarded("lost", lost, [Fraction(1, 10**200)], 20)
    assert abs(value * mpmath.mpf(10) ** 400 - 1) < 1e-15
    assert len(mpmath.nstr(ensemble.high_precision(views=3, networks=7, digits=5000), 5000)) > 4990


@pytest.mark.parametrize(
    ("formula", "solve_for", "value", "others", "expected"),
    [
        (ensemble, "networks", 0.95, {"views": 3}, math.log(0.05) / math.log(2 / 3)),
        (ensemble, "views", 0.75, {"networks": 2}, 2.0),
        (ensemble, "networks", 1e-9, {"views": 10**12}, 1000 * (1 + 5e-10)),
        (mvtheory.coverage.self_distilled, "rounds", 0.75, {"views": 2}, 1.0),
        (mvtheory.coverage.test_error, "coverage", 0.009,
         {"single_view_fraction": 0.04, "classes": 10}, 0.75),
        (mvtheory.coverage.shared_bias, "concentration", 7 / 9, {"views": 3, "networks": 5}, 2.0),
        (mvtheory.coverage.accuracy, "presence", 0.73,
         {"classes": 10, "views": 3, "networks": 1}, 0.7),
    ],
)  # fmt: skip
def test_solve_inverts(formula, solve_for, value, others, expected):
    assert formula.solve(solve_for, value=value, **others) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("formula", FORMULAS, ids=name)
def test_arguments_without_names_are_told_their_names(formula):
    numbers = [2] * len(formula.arguments)
    calls = [formula, formula.exact, formula.status_at]
    # The first number for high_precision may be digits.
    calls += [formula.high_precision] if len(numbers) > 1 else []
    for call in calls:
        with pytest.raises(ValueError, match="give arguments by name") as caught:
            call(*numbers)
        assert all(f"{word}=2" in str(caught.value) for word in formula.domain)
    with pytest.raises(ValueError, match=rf"{formula.name}\({formula.arguments[0].name}=7\b"):
        formula(7)


@pytest.mark.parametrize("formula", FORMULAS, ids=name)
def test_symbols_and_slips_are_told_the_word(formula):
    for argument in formula.arguments:
        for slip in (argument.symbol, argument.name + "s", argument.name.upper()):
            if slip not in formula.domain:
                with pytest.raises(ValueError, match=f"did you mean '{argument.name}'"):
                    formula(**{slip: 2})


def test_solve_refuses_what_has_no_answer():
    with pytest.raises(ValueError, match=r"value=0.1 is not reached by ensemble .* run from"):
        ensemble.solve("networks", views=3, value=0.1)
    with pytest.raises(ValueError, match="no real continuation"):
        full_coverage.solve("views", networks=5, classes=1, value=0.5)
    with pytest.raises(ValueError, match="is given, but"):
        ensemble.solve("networks", views=3, networks=4, value=0.5)
    with pytest.raises(ValueError, match="name='colour'"):
        ensemble.solve("colour", views=3, value=0.5)
    with pytest.raises(ValueError, match="value=nan"):
        ensemble.solve("networks", views=3, value=math.nan)
    with pytest.raises(ValueError, match="views=0"):
        ensemble.solve("networks", views=0, value=0.5)
