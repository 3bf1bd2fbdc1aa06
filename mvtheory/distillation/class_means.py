"""Are classes alike? Means of outputs by label, against what samples of one class differ by."""

from dataclasses import dataclass

import numpy as np

from mvtheory.distillation.hypothesis import Diagnostic, judged
from mvtheory.distillation.labels import Labels
from mvtheory.distillation.matrices import add_by_class
from mvtheory.distillation.outputs import Logits, blocks, softmax
from mvtheory.shapes import Float, Floats, Int, Integers

PerSample = Float[Floats, " samples"]
DRAWS = 6
"""Class means drawn under the hypothesis for their participation number."""
GROUPED = 2**27
"""Numbers in the mean P by label, of classes of 2 samples or more: 1 GiB, and as many again."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One network's rows P at one temperature: numbers of each sample, and means by label.

    `largest` and `label` are P at the largest and at the label, `elsewhere` P at given answers,
    `second` to `fourth` are sums over classes of powers of P - 1/K, `plain` and `overlap` those of
    P_1^2 and of P P_1 if T is not 1, each of shape (N,); `means`, shape (G, K), are those of the
    rows of the G labels of 2 samples or more, None if there are more than GROUPED numbers.
    """

    name: str
    classes: int
    temperature: float
    labels: Labels
    largest: PerSample
    label: PerSample
    elsewhere: PerSample
    second: PerSample
    third: PerSample
    fourth: PerSample
    plain: PerSample
    overlap: PerSample
    chosen: Labels
    means: Float[Floats, "groups classes"] | None


def grouped(
    labels: Labels, classes: int
) -> tuple[Int[Integers, " groups"], Int[Integers, " groups"]]:
    """Classes of 2 samples or more, and how many they have."""
    counts = np.bincount(labels, minlength=classes)
    kept = np.flatnonzero(counts >= 2)
    return kept, counts[kept]


def measure(
    name: str, logits: Logits, labels: Labels, t: float, answers: Labels | None = None
) -> Measured:
    """One pass over the logits, in blocks of rows."""
    samples, classes = logits.shape
    largest, label, elsewhere, second, third, fourth, plain, overlap = np.zeros((8, samples))
    chosen, (kept, counts) = np.zeros(samples, dtype=np.int64), grouped(labels, classes)
    means = np.zeros((len(kept), classes)) if len(kept) * classes <= GROUPED else None
    for part in blocks(samples, classes):
        block, wanted = logits[part], labels[part]
        p = softmax(block, t)
        row = np.arange(len(p))
        chosen[part] = block.argmax(axis=1)
        largest[part], label[part] = p[row, chosen[part]], p[row, wanted]
        if answers is not None:
            elsewhere[part] = p[row, answers[part]]
        if means is not None:
            among = np.isin(wanted, kept)
            add_by_class(means, np.searchsorted(kept, wanted[among]), p[among])
        if t != 1:
            cold = softmax(block, 1.0)
            plain[part] = np.einsum("ij,ij->i", cold, cold)
            overlap[part] = np.einsum("ij,ij->i", p, cold)
        p -= 1 / classes
        square = p * p
        second[part] = square.sum(axis=1)
        third[part] = np.einsum("ij,ij->i", square, p)
        fourth[part] = np.einsum("ij,ij->i", square, square)
    if means is not None:
        means /= counts[:, None]
    return Measured(
        name=name, classes=classes, temperature=t, labels=labels, largest=largest, label=label,
        elsewhere=elsewhere, second=second, third=third, fourth=fourth, plain=plain,
        overlap=overlap, chosen=chosen, means=means,
    )  # fmt: skip


def frequencies(labels: Labels, classes: int) -> Diagnostic:
    """The index of dispersion of the class counts; balanced labels have less than random ones."""
    mean = labels.size / classes
    counts = np.bincount(labels, minlength=classes)
    ratio = float(((counts - mean) ** 2).sum() / mean / (classes - 1))
    beyond = np.sqrt(max(ratio - 1, 0) / mean)
    return judged(
        "class frequencies",
        "labels are balanced, or drawn at random from equal classes",
        ratio,
        1.0,
        np.sqrt(2 * (1 - 1 / labels.size) / (classes - 1)),
        f"variance {ratio:.3g} times that of random labels, frequencies differ by "
        f"{100 * beyond:.2g}% beyond it",
        beyond,
        at_most=True,
    )


def spread(name: str, x: PerSample, labels: Labels, classes: int) -> list[Diagnostic]:
    """Variance of the class means of x over that of samples, an F ratio; nothing without spread.

    Under the hypothesis its expectation is 1; its variance 2/(groups - 1) + 2/(N - groups) has a
    share of the excess kurtosis of x as well.
    """
    n, means, residual = _groups(x, labels, classes)
    if len(n) < 2 or not (within := _variance(residual, n)) > 1e-20:
        return []
    mean = float(n @ means / n.sum())
    between = float(n @ (means - mean) ** 2 / (len(n) - 1))
    excess = float((residual**4).mean() / (residual**2).mean() ** 2) - 3
    variance = max(2 + excess * float(np.mean(1 / n)), 0) / (len(n) - 1) + 2 / (n.sum() - len(n))
    beyond = np.sqrt(max(between - within, 0) * float(np.mean(1 / n)))
    return [
        judged(
            name,
            "classes are alike: their means differ as samples of one class do",
            between / within,
            1.0,
            np.sqrt(variance),
            f"variance {between / within:.3g} times that of sampling, mean {mean:.3g}, classes "
            f"differ by {beyond:.2g} beyond it",
            beyond / mean if mean else 1.0,
            at_most=True,
        )
    ]


def entries(output: Measured, at: str) -> list[Diagnostic]:
    """The mean P by label: its entries on the diagonal, off it, and its participation number."""
    k, y = output.classes, output.labels
    found = spread(f"{output.name}'s P(label) by class{at}", output.label, y, k)
    n, own, residual = _groups(output.label, y, k)
    if not found or k < 3 or output.means is None:
        return found
    kept, means = grouped(y, k)[0], output.means
    pairs, level = len(n) * (k - 1), float(n @ (1 - own) / n.sum()) / (k - 1)
    # Sums over the classes off the label, of the powers of P and of its means.
    p2 = output.second + 1 / k - output.label**2
    p4 = output.fourth + 4 * output.third / k + 6 * output.second / k**2 + k**-3 - output.label**4
    squares = np.einsum("ij,ij->i", means, means) - own**2
    s2, s4 = (np.bincount(y, weights=p, minlength=k)[kept] for p in (p2, p4))
    of_one, of_sum = float(np.sum((s2 - n * squares) / (n - 1))) / pairs, _variance(residual, n)
    if of_one * k <= 1e-13:  # rows that are one-hot at the label, up to rounding
        return found
    between = n * (squares - 2 * level * (1 - own) + (k - 1) * level**2)
    ratio = float(between.sum()) / pairs / of_one
    # Entries of a row share its confidence: the covariance that the variance of their sum shows.
    shared = (of_sum / (k - 1) - of_one) / (k - 2)
    variance = 2 + 2 / (n.mean() - 1) + max(float((s4 / n**2).sum()), 0) / pairs / of_one**2
    variance += 2 * (k - 2) * (shared / of_one) ** 2
    beyond = np.sqrt(max(ratio - 1, 0) * of_one * float(np.mean(1 / n)))
    found.append(
        judged(
            f"{output.name}'s wrong classes{at}",
            "mistakes are spread evenly: entries of E[Y P^T] off the diagonal are equal, (7), (8)",
            ratio,
            1.0,
            np.sqrt(variance / pairs),
            f"variance {ratio:.3g} times that of sampling, mean {level:.3g}, entries differ by "
            f"{beyond:.2g} beyond it",
            beyond / level,
            at_most=True,
        )
    )
    return [*found, _participation(output.name, at, means, kept, n, of_one, of_sum)]


def _participation(
    name: str,
    at: str,
    means: Float[Floats, "groups classes"],
    kept: Int[Integers, " groups"],
    n: Int[Integers, " groups"],
    of_one: float,
    of_sum: float,
) -> Diagnostic:
    """(sum s^2)^2/sum s^4 of the singular values s of the centred mean P by label.

    What a multiple of the identity would give is drawn with Gaussian sampling errors of the
    measured size, on the label and off it.
    """
    generator, (groups, k) = np.random.default_rng(0), means.shape
    place = np.arange(groups), kept
    diagonal = float(n @ means[place] / n.sum())
    drawn = []
    for _ in range(DRAWS):
        noise = generator.standard_normal(means.shape)
        noise *= np.sqrt(of_one / n)[:, None]
        noise[place] = 0
        own = diagonal + np.sqrt(of_sum / n) * generator.standard_normal(groups)
        noise += ((1 - own - noise.sum(axis=1)) / (k - 1))[:, None]
        noise[place] = own
        drawn.append(_number(noise))
        del noise  # before the next is drawn
    return judged(
        f"{name}'s participation number{at}",
        "the mean P by label has no structure but the label: all its singular values are equal",
        _number(means),
        float(np.mean(drawn)),
        float(np.std(drawn, ddof=1)) * np.sqrt(1 + 1 / DRAWS),
    )


def _number(means: Float[Floats, "groups classes"]) -> float:
    centred = means - 1 / means.shape[1]
    gram = centred @ centred.T
    return float(gram.trace() ** 2 / np.vdot(gram, gram))


def _groups(
    x: PerSample, labels: Labels, classes: int
) -> tuple[Int[Integers, " groups"], Float[Floats, " groups"], Float[Floats, " members"]]:
    """Sizes and means of the classes of at least 2 samples, and what their samples differ by."""
    counts = np.bincount(labels, minlength=classes)
    means = np.bincount(labels, weights=x, minlength=classes) / np.maximum(counts, 1)
    kept = counts >= 2
    return counts[kept], means[kept], (x - means[labels])[kept[labels]]


def _variance(residual: Float[Floats, " members"], n: Int[Integers, " groups"]) -> float:
    """Pooled over the classes."""
    return float(residual @ residual) / int(n.sum() - len(n))
