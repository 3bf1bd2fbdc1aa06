"""Coverage of one network whose neurons or views run no common race.

Plain gradient descent lets all views and neurons of a class race for one loss; an optimiser that
gives every neuron, or every weight, a pace of its own does not.
"""

import numpy as np

from mvtheory.arguments import NEURONS, VIEWS
from mvtheory.coverage.share import coverage_formula
from mvtheory.references import Source

neurons_apart = coverage_formula(
    name="neurons_apart",
    summary="Expected coverage of one network if every neuron runs a race of its own.",
    arguments=(VIEWS.within(high=1000), NEURONS.within(high=1000)),
    expression=lambda views, neurons: 1 - (1 - (1 - 2 ** (-views)) / views) ** neurons,
    # At one view 1 - 2^-m, whose digits are those of the power.
    stable=lambda views, neurons: (
        -np.expm1(neurons * np.log1p(np.expm1(-np.log(2) * views) / views))
    ),
    source=Source("allenzhu2023", "Appendix D"),
    status="our extension",
    monotone=("views", "neurons"),
    notes=(
        "A neuron learns the view to which it responds most strongly at its start, unless all M "
        "responses are negative. So it is under Adam where every weight takes part in all "
        "features: its steps have one length for every neuron, whatever the gradient, but along "
        "the gradient. In the race of gradient descent the strongest response of the whole class "
        "wins instead, coverage 1/M."
    ),
)

views_apart = coverage_formula(
    name="views_apart",
    summary="Expected coverage of one network if every view grows at a pace of its own.",
    arguments=(NEURONS.within(high=1000),),
    expression=lambda neurons: 1 - 2 ** (-neurons),
    stable=lambda neurons: -np.expm1(-np.log(2) * neurons),
    source=Source("allenzhu2023", "Appendix D"),
    status="our extension",
    monotone=("neurons",),
    notes=(
        "Every view is learned to which one of m neurons responds positively. So it is under Adam "
        "where each feature is one weight of a neuron: steps of weights have one length, and "
        "nothing makes strong responses grow faster than weak ones."
    ),
)
