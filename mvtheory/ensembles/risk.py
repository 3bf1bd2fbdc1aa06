r"""Squared risks of an average of exchangeable members: linear in 1/N, exactly.

Members with errors e_1, ..., e_N (vectors, such as probabilities less one-hot labels) have
R_N = E |e_1 + ... + e_N|^2 / N^2 = A/N + (1 - 1/N) B with A = E |e_1|^2 and B = E e_1 . e_2, the
same for all members and pairs of them. So A = R_1, B = 2 R_2 - R_1, and

    R_N = -(1 - 2/N) R_1 + 2 (1 - 1/N) R_2.
"""

from mvtheory.arguments import NETWORKS, RISK_OF_ONE, RISK_OF_TWO
from mvtheory.formula import Formula
from mvtheory.references import Source

brier_of_ensemble = Formula(
    name="brier_of_ensemble",
    summary="Brier score of N networks whose probabilities are averaged, from those of 1 and 2.",
    symbol="R_N",
    quantity="Brier score, or another squared risk, in the unit of R_1 and R_2",
    arguments=(RISK_OF_ONE, RISK_OF_TWO, NETWORKS),
    # Of a share 1/N of R_1 and what two different members have in common.
    expression=lambda risk_of_one, risk_of_two, networks: (
        (2 * risk_of_two - risk_of_one) + 2 * (risk_of_one - risk_of_two) / networks
    ),
    arithmetic=True,
    source=Source("du2024", "risk extrapolation"),
    status="exact",
    monotone=("risk_of_one", "risk_of_two", "networks"),
    notes=(
        "Also -(1 - 2/N) R_1 + 2 (1 - 1/N) R_2: exact for every squared risk of an average of "
        "exchangeable networks, of probabilities or of regressions, in expectation over the "
        "networks. Infinitely many networks have 2 R_2 - R_1. Of any two networks R_2 <= R_1, and "
        "R_2 >= R_1/2 unless they err oppositely; nothing here insists on it, so that estimates "
        "may be put in."
    ),
)
