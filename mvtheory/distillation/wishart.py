"""The generalised Wishart law of K H: from the rows of outputs, or from eigenvalues alone."""

from typing import Any

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.arrays import real
from mvtheory.distillation.comparison import checked_eigenvalues
from mvtheory.distillation.matrices import Rows, Side, check_sides
from mvtheory.distillation.outputs import blocks
from mvtheory.laws import GeneralizedWishart
from mvtheory.laws.contract.parameters import ASPECT_RATIO
from mvtheory.laws.contract.spectrum import hull
from mvtheory.shapes import ArrayLike, Float, Floats

SAMPLES = Argument("samples", "N", "samples that H is the mean over", 1, 1e12, integer=True)
UNIFORM = 1e-24
"""Mean square of centred rows, over that of one-hot rows, below which they are rounding."""


def generalized_wishart_of_outputs(
    labels: ArrayLike,
    predictions: ArrayLike,
    temperature: float | None = None,
    label_temperature: float | None = None,
) -> GeneralizedWishart:
    r"""The law of K H from the second moments of its rows; nothing is fitted to eigenvalues.

    In the space orthogonal to all-ones, of dimension K - 1, rows y - 1/K and p - 1/K with Gaussian
    rotation-invariant coordinates give the generalised Wishart law of aspect ratio (K - 1)/N, of
    scale^2 = v_y v_p and scale correlation = c, where
    v_p = (E sum_c p_c^2 - 1/K)/(1 - 1/K), v_y likewise (1 for one-hot labels) and
    c = (E sum_c y_c p_c - 1/K)/(1 - 1/K). For N >> K the spectrum is that of the population's
    confusion matrix, which the law takes as a multiple of the identity.

    Parameters
    ----------
    labels, predictions, temperature, label_temperature
        As in `h_matrix`: labels of shape (N,), or rows; probabilities, or logits with a
        temperature, shape (N, K).

    Raises
    ------
    ValueError
        If the rows are all uniform, so that K H is 0.

    References
    ----------
    [biane1997]_ and [speicher2006]_ for the law; that outputs follow it is a heuristic of the
    source, corrected as in this project: scale and correlation are read off the rows.

    Examples
    --------
    >>> rows = [[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.5, 0.25, 0.25]]
    >>> law = generalized_wishart_of_outputs([0, 1, 2], rows)
    >>> print(f"{law.aspect_ratio:.6f} {law.correlation:.6f} {law.scale:.6f}")
    0.666667 0.666886 0.487340
    """
    return wishart_of_sides(*check_sides(labels, predictions, temperature, label_temperature))


def fit_generalized_wishart(
    eigenvalues: ArrayLike, samples: int, by: str = "moments"
) -> GeneralizedWishart:
    r"""The generalised Wishart law fitted to eigenvalues of K H alone.

    By moments: scale correlation = mean, scale^2 = 2 variance/q - mean^2 with q = (K - 1)/N. By
    edges: the law whose spectrum ends where the eigenvalues do. Eigenvalues too narrow for any
    correlation get the nearest law, of correlation +-1 (by moments with the mean kept).

    Parameters
    ----------
    eigenvalues : array_like, shape (K - 1,)
        From `h_eigenvalues`, at least 2 different ones.
    samples : int
        N >= 1.
    by : "moments" or "edges"
        The extreme eigenvalues lie off the edges by a share of order (K - 1)^(-2/3), moments by
        one of order 1/(K - 1): moments are the better fit to many eigenvalues.

    References
    ----------
    [darkknowledge2021]_, figure 1, for the law; how it is fitted: ours.

    Examples
    --------
    >>> law = GeneralizedWishart(aspect_ratio=0.2, correlation=0.4, scale=0.7)
    >>> eigenvalues = law.ppf((np.arange(200) + 0.5) / 200)
    >>> fit = fit_generalized_wishart(eigenvalues, samples=1000)
    >>> print(f"{fit.correlation:.3f} {fit.scale:.3f}")
    0.400 0.700
    """
    values = checked_eigenvalues(eigenvalues)
    if np.ptp(values) == 0:
        raise ValueError(f"eigenvalues={values[0]:g}, all the same, are not allowed (at least 2 "
                         "different numbers); a law of one point has no scale")  # fmt: skip
    q = values.size / SAMPLES.number(samples)
    if by == "moments":
        mean = float(values.mean())
        scale = np.sqrt(max(2 * float(values.var()) / q - mean**2, mean**2))
        correlation = mean / scale if scale else 0.0
        return GeneralizedWishart(
            aspect_ratio=q, correlation=float(np.clip(correlation, -1, 1)), scale=float(scale)
        )
    if by == "edges":
        return _fit_edges(float(values[0]), float(values[-1]), q)
    raise ValueError(f"by={by!r} is not allowed ('moments' or 'edges'); choose one")


def wishart_of_sides(y: Side, p: Side, shape: tuple[int, int]) -> GeneralizedWishart:
    """The law of checked labels and predictions."""
    return wishart_of_gram(gram_of_rows([y, p], *shape), 0, 1, shape)


def gram_of_rows(sides: list[Side], samples: int, classes: int) -> Float[Floats, "sides sides"]:
    """Mean inner products of centred rows, over those of one-hot rows with themselves."""
    total: Any = 0.0
    for part in blocks(samples, classes):
        read = (
            side[part] if isinstance(side, Rows) else (side[part, None] == np.arange(classes))
            for side in sides
        )
        centred = [(rows - 1 / classes).ravel() for rows in read]
        total = total + np.array([[a @ b for b in centred] for a in centred])
    return np.asarray(total / (samples * (1 - 1 / classes)))


def wishart_of_gram(
    gram: Float[Floats, "sides sides"],
    labels: int,
    predictions: int,
    shape: tuple[int, ...],
    factor: float = 1.0,
) -> GeneralizedWishart:
    """The law of factor K H of two of the rows in the Gram matrix, were they Gaussian."""
    scale = float(np.sqrt(gram[labels, labels] * gram[predictions, predictions]))
    if min(gram[labels, labels], gram[predictions, predictions]) < UNIFORM:
        raise ValueError(
            "labels or predictions are uniform in every row, so K H is 0 and has no law; give a "
            "lower temperature, or outputs that depend on the sample"
        )
    return GeneralizedWishart(
        aspect_ratio=(shape[1] - 1) / shape[0],
        correlation=float(np.clip(gram[labels, predictions] / scale, -1, 1)),
        scale=factor * scale,
    )


def gain_from_edges(low: float, high: float, aspect_ratio: float) -> float:
    r"""g = s rho of the generalised Wishart law whose spectrum runs from `low` to `high`.

    K H of labels and the teacher's soft labels, on the space orthogonal to the vector of ones,
    has that law if both are free: q = (K-1)/N, and g = s rho is its mean. The edges grow with the
    scale s, and (high + low)/(high - low) with the correlation rho, which is solved for.

    Parameters
    ----------
    low, high : float
        Outer edges of the spectrum, its atom at 0 included; of a sampled spectrum the extreme
        eigenvalues.
    aspect_ratio : float
        q in [1e-9, 1e9].

    Raises
    ------
    ValueError
        Also for edges that no correlation in [-1, 1] gives at this aspect ratio.

    References
    ----------
    [darkknowledge2021]_, equation (12), g(a-, a+, .); our extension. Under freeness it is
    `gain_free`; measured gains are 1.4 to 1.9 times as large in our trials.

    Examples
    --------
    >>> from mvtheory.laws import GeneralizedWishart
    >>> low, high = GeneralizedWishart(aspect_ratio=0.1, correlation=0.5, scale=0.8).support[0]
    >>> round(gain_from_edges(low, high, aspect_ratio=0.1), 12)
    0.4
    """
    q = ASPECT_RATIO.number(aspect_ratio)
    ends = real(low, "low"), real(high, "high")
    if not (ends[0].ndim == ends[1].ndim == 0 and -1e150 < ends[0] < ends[1] < 1e150):
        raise ValueError(f"low={low!r}, high={high!r} are not allowed (outer edges of a spectrum: "
                         "-1e150 < low < high < 1e150); give the least and the largest eigenvalue"
                         )  # fmt: skip
    low, high = (float(end) for end in ends)
    most, target = _lopsidedness(q, 1.0), (high + low) / (high - low)
    if abs(target) > most * (1 + 1e-12):
        raise ValueError(
            f"low={low!r}, high={high!r} are not allowed at aspect_ratio={q:g} ((high + low)/"
            f"(high - low) from {-most:.6g} to {most:.6g}, here {target:.6g}): no correlation in "
            "[-1, 1] has them; check that the aspect ratio is (K-1)/N and that the vector of ones "
            "is projected out"
        )
    law = _fit_edges(low, high, q)
    return law.scale * law.correlation


def _lopsidedness(q: float, rho: float) -> float:
    """Middle of the spectrum over half its width; grows with the correlation, free of scale."""
    low, high = hull(GeneralizedWishart(aspect_ratio=q, correlation=rho))
    return (high + low) / (high - low)


def _fit_edges(low: float, high: float, q: float) -> GeneralizedWishart:
    """The law that ends there; of correlation +-1 where no correlation is enough."""
    from scipy import optimize

    most = _lopsidedness(q, 1.0)
    target = float(np.clip((high + low) / (high - low), -most, most))
    rho = float(optimize.brentq(lambda rho: _lopsidedness(q, rho) - target, -1, 1, xtol=1e-15))
    least, largest = hull(GeneralizedWishart(aspect_ratio=q, correlation=rho))
    return GeneralizedWishart(
        aspect_ratio=q, correlation=rho, scale=(high - low) / (largest - least)
    )
