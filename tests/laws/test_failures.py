"""Points without a value: named in an error, or NaN among values that are as without them."""

from dataclasses import dataclass

import numpy as np
import pytest

from mvtheory.laws import AbstractLaw, Semicircle, on_failure
from mvtheory.multiprecision import NoConvergence

LOW, HIGH = 0.25, 0.75
RESIDUAL = 0.5


@dataclass(frozen=True)
class WithHole(AbstractLaw):
    """A semicircle that fails, and all points beside it, where the real part lies in a hole."""

    law: AbstractLaw = Semicircle(variance=2)  # noqa: RUF009, it is frozen
    lost: bool = False

    @property
    def support(self):
        if self.lost:
            raise NoConvergence("no bands", RESIDUAL, everywhere=True)
        return self.law.support

    def _cauchy(self, z):
        self._fail(z.real)
        return self.law._cauchy(z)

    def _potential(self, z):
        self._fail(z.real)
        return self.law._potential(z)

    def _pdf(self, x):
        self._fail(x)
        return self.law._pdf(x)

    def _fail(self, x):
        if ((x > LOW) & (x < HIGH)).any():
            raise NoConvergence("the hole was met", RESIDUAL)


X = np.linspace(-2, 2, 33).reshape(3, 11)
IN_HOLE = (X > LOW) & (X < HIGH)


@pytest.mark.parametrize("method", ["pdf", "cauchy", "potential", "log_potential"])
@pytest.mark.parametrize("height", [0, 0.3, -0.3])
def test_other_points_have_their_values(method, height):
    points = X if method == "pdf" else X + 1j * height
    law = WithHole()
    if method == "potential" and height == 0:
        pytest.skip("its distribution function integrates over the hole")
    with on_failure("nan") as failed:
        values = getattr(law, method)(points)
    assert values.shape == X.shape
    assert (np.isnan(values) == IN_HOLE).all()
    expected = getattr(law.law, method)(points)
    assert (values[~IN_HOLE] == expected[~IN_HOLE]).all()
    asked = points[IN_HOLE]
    assert failed.points == np.where(asked.imag < 0, asked.conj(), asked).tolist()
    assert failed.residuals == [RESIDUAL] * IN_HOLE.sum()


def test_the_error_names_points():
    with pytest.raises(NoConvergence, match=r"3 of 33 points, 0\.375, 0\.5, 0\.625; .*nan") as info:
        WithHole().pdf(X)
    assert info.value.residual == RESIDUAL
    with pytest.raises(NoConvergence, match=r"8 of 9 points, .* and 5 more"):
        WithHole().pdf([0, *np.linspace(0.3, 0.7, 8)])
    with pytest.raises(NoConvergence, match=r"^the hole was met"):
        WithHole().pdf(0.5)


def test_a_number_and_nothing():
    with on_failure("nan") as failed:
        assert np.isnan(WithHole().pdf(0.5))
        assert np.isnan(WithHole().cauchy(0.5 + 1j))
        assert WithHole().pdf([]).size == 0
    assert failed.points == [0.5, 0.5 + 1j]


def test_blocks_end_and_lie_in_each_other():
    law = WithHole()
    with on_failure("nan") as outer:
        with on_failure("raise"), pytest.raises(NoConvergence):
            law.pdf(0.5)
        with on_failure("nan") as inner:
            law.pdf(0.5)
        law.pdf(0.6)
    assert (outer.points, inner.points) == ([0.6], [0.5])
    with pytest.raises(NoConvergence):
        law.pdf(0.5)


def test_a_law_without_bands_has_no_values():
    with on_failure("nan"), pytest.raises(NoConvergence, match="no bands"):
        WithHole(lost=True).pdf(X)


def test_points_that_fail_only_together():
    law = Semicircle()

    class Crowded(type(law)):
        def _pdf(self, x):
            if x.size > 2:
                raise NoConvergence("too many", RESIDUAL)
            return super()._pdf(x)

    assert (Crowded().pdf(X) == law.pdf(X)).all()


def test_wrong_ways_are_named():
    with pytest.raises(ValueError, match="way='ignore'"), on_failure("ignore"):
        pass
