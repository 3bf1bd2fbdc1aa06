"""The view that a class will learn, from the weights before training."""

from typing import Any

import numpy as np

from mvtheory.arguments import POWER
from mvtheory.arrays import real
from mvtheory.shapes import ArrayLike, Int


def predict_winner(
    weights: ArrayLike, features: ArrayLike, strengths: ArrayLike, power: float
) -> Int[Any, " *further"]:
    r"""Predict which view each class learns: argmax over l of S_l^(1/(q-2)) Lambda_l(0).

    Early in training the largest response to view l, Lambda_l = max_r [<w_r, v_l>]^+, grows as
    dLambda_l/dt = S_l Lambda_l^(q-1), with S_l = E[z^q] over the multi-view samples. For q > 2
    it diverges at a time proportional to S_l^-1 Lambda_l(0)^-(q-2); the earliest wins.

    Parameters
    ----------
    weights : array, shape (..., neurons, dimension)
        Initial weights of the neurons of a class.
    features : array, shape (..., views, dimension)
        The class's features v_l, orthonormal.
    strengths : array, shape (..., views)
        S_l, positive: the mean q-th power of view l's coefficient.
    power : float, 2 < q <= 16
        q of the smoothed ReLU. At q = 2 growth is exponential, initial ratios persist and no
        view wins.

    Returns
    -------
    int array, shape (...), or int
        Index of the predicted view.

    Raises
    ------
    ValueError
        For a power at or under 2, a strength that is not positive, values not finite, or shapes
        that do not fit.

    Notes
    -----
    Source: Allen-Zhu & Li (2023), Appendix D (heuristic of the paper, as a prediction for each
    network). Hypotheses: small initialisation, orthonormal features, no noise in their span.

    Examples
    --------
    The second view starts weaker but is shown more strongly:

    >>> import numpy as np
    >>> weights = np.array([[0.020, 0.018, 0.3], [-0.5, 0.001, 0.1]])
    >>> int(predict_winner(weights, np.eye(3)[:2], strengths=[6.2, 8.1], power=4))
    1
    """
    w, v, s = real(weights, "weights"), real(features, "features"), real(strengths, "strengths")
    if not np.all(np.asarray(power) > 2):
        raise ValueError(
            f"power={power} is outside the allowed range power > 2: only then does one view win; "
            "use an activation of higher power"
        )
    exponent = POWER.number(power) - 2
    if not np.all(np.isfinite(s) & (s > 0)):
        raise ValueError(
            f"strengths={s.tolist()} must all be finite and > 0: S_l = E[z_l^q]; leave out views "
            "that are never shown"
        )
    if not (np.isfinite(w).all() and np.isfinite(v).all()):
        raise ValueError("weights and features must be finite: remove NaN and infinite entries")
    if w.ndim < 2 or v.ndim < 2 or w.shape[-1] != v.shape[-1] or s.shape[-1:] != v.shape[-2:-1]:
        raise ValueError(
            f"weights of shape {w.shape}, features of shape {v.shape} and strengths of shape "
            f"{s.shape} do not fit; give (..., neurons, dimension), (..., views, dimension) and "
            "(..., views)"
        )
    initial = np.maximum((w @ np.swapaxes(v, -1, -2)).max(axis=-2), 0)
    # By logarithms: near power 2 a power of S_l leaves the doubles. A dead view has -infinity.
    with np.errstate(divide="ignore"):
        return np.argmax(np.log(s) / exponent + np.log(initial), axis=-1)
