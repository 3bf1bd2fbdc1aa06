"""Moments and free cumulants from each other, in any kind of number [speicher2006]_."""

from collections.abc import Sequence
from typing import Any


def moments_from_cumulants(cumulants: Sequence[Any]) -> list[Any]:
    """m_1 ... m_n from the free cumulants kappa_1 ... kappa_n.

    With M(z) = 1 + sum m_n z^n, the non-crossing partitions give M(z) = 1 + sum kappa_s (z M)^s:
    m_n = sum_s kappa_s [z^(n-s)] M^s.

    >>> moments_from_cumulants([0, 1, 0, 0, 0, 0])
    [0, 1, 0, 2, 0, 5]
    """
    moments: list[Any] = []
    for n in range(1, len(cumulants) + 1):
        moments.append(_products(cumulants, moments, n) + cumulants[n - 1])
    return moments


def cumulants_from_moments(moments: Sequence[Any]) -> list[Any]:
    """kappa_1 ... kappa_n from m_1 ... m_n.

    >>> cumulants_from_moments([0, 1, 0, 2, 0, 5])
    [0, 1, 0, 0, 0, 0]
    """
    cumulants: list[Any] = []
    for n in range(1, len(moments) + 1):
        cumulants.append(moments[n - 1] - _products(cumulants, moments, n))
    return cumulants


def _products(cumulants: Sequence[Any], moments: Sequence[Any], n: int) -> Any:
    """sum over s < n of kappa_s [z^(n-s)] M^s, from m_1 ... m_(n-1)."""
    series = [1, *moments[: n - 1]]
    power, total = [1] + [0] * (n - 1), 0
    for s in range(1, n):
        # Only z^0 ... z^(n-s) of M^s will be needed.
        power = [
            sum(power[i] * series[k - i] for i in range(k + 1) if power[i] != 0)
            for k in range(n - s + 1)
        ]
        total = total + cumulants[s - 1] * power[n - s]
    return total
