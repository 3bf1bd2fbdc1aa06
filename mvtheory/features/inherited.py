r"""What a student inherits of a teacher by outputs that name no class: the heads, and the gates.

A teacher learns classes and moves its hidden layer. A student of a start of its own is trained on
the teacher's other outputs, its auxiliary ones, and never on a class; its own class head then reads
what its hidden layer has taken over. In networks that stay near their start this is first order:
with one hidden layer of h neurons the student's class outputs move by the teacher's, times A/h for
A auxiliary outputs (few against h), times a share that the two starts decide. Only what neurons
have in common counts: each head enters by its own cosine, the hidden layer by how often the gates
of the same neuron agree.
"""

import math
from typing import Any

import numpy as np

from mvtheory.arguments import (
    AUXILIARY_CORRELATION,
    CLASS_CORRELATION,
    GATE_SHARE,
    HIDDEN_CORRELATION,
)
from mvtheory.arrays import real
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.self_distillation.checks import check_number
from mvtheory.shapes import ArrayLike


def _share(arcsine: Any, pi: Any, given: dict[str, Any]) -> Any:
    gates = given["gate_share"]
    return (
        given["auxiliary_correlation"]
        * given["class_correlation"]
        * (1 - gates + gates * 2 * arcsine(given["hidden_correlation"]) / pi)
    )


def _expression(**given: Any) -> Any:
    import sympy

    return _share(sympy.asin, sympy.pi, given)


inherited_share = Formula(
    name="inherited_share",
    summary="What a student learns of classes by auxiliary outputs, over that with the same start.",
    symbol="s",
    quantity="share of what a student with the teacher's start learns",
    arguments=(AUXILIARY_CORRELATION, CLASS_CORRELATION, HIDDEN_CORRELATION, GATE_SHARE),
    expression=_expression,
    stable=lambda **given: _share(np.arcsin, math.pi, given),
    source=Source("cloud2025", "Theorem 1"),
    status="our extension",
    defaults=(("gate_share", 0.5),),
    monotone=(
        "auxiliary_correlation", "class_correlation", "hidden_correlation", "gate_share",
    ),
    notes=(
        "Of networks with one hidden layer, normal initial weights and outputs that are taken from "
        "where they started, near the start and in high dimension. With g = 1/2, one small step "
        "of ReLU networks, it is rho_a rho_c (1 - arccos(rho_h)/pi); linear networks, of which "
        "neurons have no gates, have g = 0 and rho_a rho_c exactly in the mean; `gate_share` is "
        "for longer training. Equal heads hand on 1 - g with a hidden layer of another start, "
        "unequal ones nothing: that heads must fit and hidden layers need not is shown by "
        "Brockers et al. (2026). The share of the source is one: there starts are the same."
    ),
)  # fmt: skip


def gate_share(inputs: ArrayLike, time: float) -> float:
    r"""How much of what a ReLU student inherits needs gates like its teacher's, by its training.

    With G = X X' of the student's inputs, K the kernel of its gradients and M = (1 - exp(-K
    time))/K, what its class outputs take over is sum_ij M_ij G_ij as far as all gates are taken
    for their mean, and sum_i M_ii G_ii times (2/pi) arcsin(rho_h) as far as they answer to one
    input: the share is that of the latter at rho_h = 1.

    Parameters
    ----------
    inputs : array, shape (n, dimension)
        X, about orthogonal to each other and to what classes are read from, up to
        1/sqrt(dimension).
    time : float, > 0
        Steps times their size, of gradient descent on half the sum of squares over inputs and
        auxiliary outputs, of sum_r u_r sqrt(2) ReLU(<w_r, x>)/sqrt(h), u and w standard normal,
        both trained.

    Returns
    -------
    float
        g of `inherited_share`, in (0, 1): 1/2 at a short time.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: ours; the kernel from [cho2009]_. For many neurons, and auxiliary outputs few against
    them.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((60, 20)) / np.sqrt(20)
    >>> [round(gate_share(x, time), 2) for time in (1e-3, 1.0, 100.0)]
    [0.5, 0.7, 0.83]
    """
    x, elapsed = real(inputs, "inputs"), check_number("time", time, "steps times their size")
    if x.ndim != 2 or not x.size or not np.isfinite(x).all():
        raise ValueError(
            f"inputs of shape {x.shape} are not allowed: (n, dimension), finite; give a row for "
            "each input"
        )
    gram = x @ x.T
    lengths = np.sqrt(np.diag(gram))
    products = np.outer(lengths, lengths)
    if not lengths.all():
        raise ValueError(
            "inputs has a row of zeros, which is not allowed (rows that neurons answer to); leave "
            "it out"
        )
    cosine = np.clip(gram / products, -1, 1)
    angle = np.arccos(cosine)
    agree = 1 - angle / math.pi
    # Of the output weights, and of the hidden ones.
    kernel = products * (np.sqrt(1 - cosine**2) / math.pi + agree * cosine) + gram * agree
    values, vectors = np.linalg.eigh(kernel)
    learned = (vectors * (-np.expm1(-values * elapsed) / values)) @ vectors.T
    own = float(np.diag(learned) @ np.diag(gram))
    return own / (own + float(np.sum(learned * gram)))
