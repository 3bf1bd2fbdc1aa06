r"""Strong students of weak teachers: a kernel on their labels, stopped early or regularised.

A teacher with few random features misses what they do not span, mostly in directions of small
eigenvalues; a student that learns these late, or little, leaves it out. Its teacher is a fit
(`fit_ridge` with a sketch, without noise); what students make of it is a filter of the
eigendirections: s/(s + ridge), or 1 - exp(-s time) of gradient descent that is stopped.

Of a target in one direction a teacher that errs by L has 1 - L, so that no filter between 0 and 1
comes closer than L^2. Stopped at the right time a student comes near it: what it learns of the
direction is exponential in the time, what it learns of the others is linear. A ridge takes of the
direction itself, and its power is about 3/2.
"""

import numpy as np

from mvtheory.arguments import DECAY
from mvtheory.features.random_design import LinearModel
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.self_distillation.checks import check_number

ridge_student_exponent = Formula(
    name="ridge_student_exponent",
    summary="Power of a weak teacher's error that a strong student with the best ridge reaches.",
    symbol="p",
    quantity="exponent of the student's error in the teacher's",
    arguments=(DECAY,),
    expression=lambda decay: 2 * (2 * decay + 1) / (3 * decay + 1),
    well_conditioned=True,
    source=Source("medvedev2025"),
    status="our extension",
    monotone=("decay",),
    notes=(
        "Of a target in leading directions, few of them, eigenvalues that fall as j^-alpha below "
        "them, and a teacher that has as many inputs as it likes: it errs by its effective ridge "
        "k, noise of k^(2 + 1/alpha)/s in directions of s > k; the student's ridge r errs by r^2 "
        "and by that noise above r: r^(3 + 1/alpha) = k^(2 + 1/alpha). It is a limit, which is "
        "approached as k^((alpha - 1)/(3 alpha + 1)): `fit_ridge` follows the curve. Random ReLU "
        "features on a sphere have alpha = (d + 2)/(d - 1) and so 6 (d + 1)/(4 d + 5), below 3/2 "
        "and above 1.49 from d = 37. Gradient descent that is stopped in time has the exponent 2, "
        "which no filter of the eigendirections exceeds; the source shows 1.49 as a bound."
    ),
)


def stopped_descent(labels: LinearModel, time: float) -> LinearModel:
    r"""What gradient descent on the labels of a teacher has learned when it is stopped.

    1 - exp(-s time) of each coefficient: gradient flow of half the mean square over all inputs, in
    the features themselves, from 0.

    Parameters
    ----------
    labels : LinearModel
        A teacher, such as `fit_ridge` makes one.
    time : float, > 0
        In units of 1/s.

    Raises
    ------
    ValueError
        If `time` is out of range.

    Notes
    -----
    Source: [medvedev2025]_ for the student; exact of given labels.

    Examples
    --------
    A teacher of 60 random features; a student without a limit of features comes near its square:

    >>> import numpy as np
    >>> from mvtheory.features import fit_ridge
    >>> from mvtheory.laws import MarchenkoPastur
    >>> s = 1 / np.arange(1, 2001) ** 1.5
    >>> target = LinearModel.of(s, [1.0, *np.zeros(1999)])
    >>> teacher = fit_ridge(target, 10**9, 1e-9, sketch=MarchenkoPastur(aspect_ratio=2000 / 60))
    >>> student = stopped_descent(teacher, time=7.0)
    >>> [round(model.risk(target), 6) for model in (teacher, student)]
    [0.006808, 8.7e-05]
    """
    elapsed = check_number("time", time, "of training")
    kept = -np.expm1(-labels.eigenvalues * elapsed)
    return LinearModel.of(labels.eigenvalues, kept * labels.mean, kept**2 * labels.variance)
