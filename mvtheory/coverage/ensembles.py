"""Coverage of an ensemble of equal, independent networks."""

import numpy as np

from mvtheory.arguments import NETWORKS, VIEWS
from mvtheory.coverage.share import TWO_VIEWS, coverage_formula
from mvtheory.references import Source

ensemble = coverage_formula(
    name="ensemble",
    summary="Expected coverage of N networks whose outputs are averaged.",
    arguments=(VIEWS, NETWORKS),
    expression=lambda views, networks: 1 - (1 - 1 / views) ** networks,
    # 1 - (1 - x)^N loses all digits for small x.
    stable=lambda views, networks: -np.expm1(networks * np.log1p(-1 / views)),
    source=Source("allenzhu2023", "Theorem 2"),
    status="our extension",
    cases=(TWO_VIEWS,),
    monotone=("views", "networks"),
    notes=(
        "Views are learned independently and with equal probability. At two views Theorem 1 is one "
        "network, Theorem 2 polylog(K) of them; between, it takes views that win equally often "
        "(Assumption 4.1)."
    ),
)
