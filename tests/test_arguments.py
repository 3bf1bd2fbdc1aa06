"""What arguments may be: ends of ranges, tensors, rounding in every precision."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import mvtheory
from mvtheory.coverage import ensemble, ensemble_unequal
from mvtheory.formula import Formula

FORMULAS = [f for f in mvtheory.formulas().values() if isinstance(f, Formula)]
EVERY_ARGUMENT = {a for f in FORMULAS for a in f.arguments}


@pytest.mark.parametrize("argument", sorted(EVERY_ARGUMENT, key=str), ids=lambda a: a.name)
def test_the_ends_that_are_printed_are_allowed_however_they_are_written(argument):
    if argument.vector:
        return
    for end, is_open in ((argument.low, argument.low_open), (argument.high, argument.high_open)):
        decimal = Fraction(str(end))
        written = [end, str(end), decimal, np.float64(end), Fraction(end), f"{decimal}"]
        beyond = decimal * (1 if end == argument.high else -1)
        for value in written:
            if is_open:
                with pytest.raises(ValueError, match=f"{argument.name}="):
                    argument.exact(value)
            else:
                assert abs(argument.exact(value) - decimal) <= abs(decimal) * Fraction(1, 2**52)
                if not isinstance(value, str):
                    assert argument.check(value) == end
        outside = decimal + abs(beyond or 1) * Fraction(1 if end == argument.high else -1, 10**9)
        with pytest.raises(ValueError, match=f"{argument.name}="):
            argument.exact(outside)


def test_decimals_are_numbers_and_exact():
    tenths = [Decimal("0.1"), Decimal("0.2"), Decimal("0.7")]
    exact = ensemble_unequal.exact(probabilities=tenths, networks=3)
    assert exact == 1 - (Fraction(9, 10) ** 3 + Fraction(8, 10) ** 3 + Fraction(3, 10) ** 3) / 3
    assert ensemble_unequal(probabilities=tenths, networks=Decimal(3)) == pytest.approx(
        float(exact)
    )
    for wrong in (Decimal("NaN"), Decimal("Infinity"), Decimal("2.5")):
        for evaluate in (ensemble, ensemble.exact):
            with pytest.raises(ValueError, match="views="):
                evaluate(views=wrong, networks=3)


def test_tensors_are_taken_and_hidden_or_complex_numbers_are_not():
    torch = pytest.importorskip("torch")
    networks = torch.tensor([1, 3, 5])
    assert ensemble(views=torch.tensor(3), networks=networks) == pytest.approx(
        ensemble(views=3, networks=[1, 3, 5])
    )
    chances = torch.tensor([0.1, 0.2, 0.7], requires_grad=True)
    expected = 1 - (0.9**3 + 0.8**3 + 0.3**3) / 3
    for tensor, unit in (
        (chances, 2**-24),
        (chances.double(), 2**-24),
        (chances.bfloat16(), 2**-8),
    ):
        # As doubles they have no slack for what rounding to single precision has left.
        tensor = tensor / tensor.sum() if tensor.dtype == torch.float64 else tensor
        value = ensemble_unequal(probabilities=tensor, networks=3)
        # d C / d pi_l = (1 - pi_l)^2 <= 1, and the sum is divided out.
        assert value == pytest.approx(expected, rel=4 * unit)
        assert float(ensemble_unequal.exact(probabilities=tensor, networks=3)) == pytest.approx(
            value
        )
    assert ensemble.exact(views=torch.tensor(3), networks=np.array(5)) == Fraction(211, 243)
    hidden = np.ma.masked_array([1, 2, 3], [False, True, False])
    cases = [(hidden, "masked array"), ([[1], [1, 2]], "equal length")]
    cases += [(given, "array of numbers") for given in ([1 + 2j, 3], torch.tensor([1j]))]
    for wrong, says in cases:
        with pytest.raises(ValueError, match=f"(?s)networks=.*{says}"):
            ensemble(views=3, networks=wrong)
    masked = np.ma.masked_array([0.5, 0.5], [False, True])
    with pytest.raises(ValueError, match="masked array"):
        ensemble_unequal.exact(probabilities=masked, networks=2)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_probabilities_that_were_divided_by_their_sum_are_taken_in_every_precision(kind):
    rng = np.random.default_rng(5)
    for views in (2, 3, 10, 300):
        for _ in range(20):
            chances = rng.dirichlet(np.ones(views)).astype(kind)
            chances /= chances.sum()
            value = ensemble_unequal(probabilities=chances, networks=3)
            doubles = chances.astype(float) / chances.astype(float).sum()
            assert value == pytest.approx(1 - np.mean((1 - doubles) ** 3), rel=1e-12)
    # What is more than rounding stays refused: a part in a hundred of one probability.
    for wrong in ([0.505, 0.5], [0.5, 0.4]):
        with pytest.raises(ValueError, match="divide them by it"):
            ensemble_unequal(probabilities=np.array(wrong, kind), networks=3)


def test_doubles_are_not_given_the_slack_of_single_precision():
    with pytest.raises(ValueError, match="divide them by it"):
        ensemble_unequal(probabilities=[0.1, 0.2, 0.7 + 1e-8], networks=3)
