"""What networks put out, checked: labels, logits and probabilities of N samples in K classes.

Arrays are numpy arrays, memory maps, torch tensors or `mvtheory.rows`. They are never copied whole:
everything walks over them in blocks of rows and adds up in float64.

Masks. A class is masked for a sample if its logit is -inf, or so far below the largest of its row
that its probability is exactly 0 in double precision at the largest temperature in use (`masked`),
which is 1e6 where logits are mixed, since weights act as temperatures do. A class that every output
masks in every row is absent: it counts in no K, and all numbers are those without its column
(`check_outputs`). A class masked in some rows has probability 0 there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.arrays import rounding
from mvtheory.distillation import kinds
from mvtheory.distillation.labels import Labels, check_labels
from mvtheory.rows import LazyRows, Part, stored
from mvtheory.shapes import ArrayLike, Bool, Booleans, Float, Floats, Numbers, Real

TEMPERATURE = Argument("temperature", "T", "temperature of the softmax", 1e-3, 1e6)
BLOCK = 2**19
"""Numbers in a block of rows: 4 MiB in float64, so that its passes stay in the cache."""
SUM_TOLERANCE = 1e-3
"""Rows of probabilities add up to 1 within this, whatever they have been stored as before."""
HUGE = 1e9
"""Above all multiples of probabilities; sums of such numbers may overflow."""
UNDERFLOW = 745.2
"""exp(-745.2) is 0 in double precision: below half of 2^-1074."""


def blocks(rows: int, classes: int) -> Iterator[slice]:
    """Slices of rows that hold BLOCK numbers or one row."""
    step = max(1, BLOCK // classes)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def check_rows(
    name: str,
    value: ArrayLike | LazyRows,
    like: tuple[int, ...] | None = None,
    masks: bool = False,
    largest: float = np.inf,
) -> "Logits":
    """Finite rows, shape (N, K) with K >= 2, of the shape `like` if given; ValueError otherwise.

    With `masks` numbers may be -inf, but not all of a row. The largest of each row lies in
    [-largest, largest].
    """
    array: Logits = stored(value, name)
    if isinstance(array, LazyRows):
        array = array.checked(name)
    if array.dtype.kind not in "fiu":
        floats = (f"give {name}.real if that is meant" if array.dtype.kind == "c" else
                  f"convert it to floats, numpy.asarray({name}, dtype=float)")  # fmt: skip
        raise ValueError(f"{name} of type {array.dtype} is not allowed (real numbers); {floats}")
    if array.ndim != 2 or not array.size or array.shape[1] < 2:
        raise ValueError(f"{name} of shape {array.shape} is not allowed (a row of K >= 2 numbers a "
                         f"sample, shape (N, K)); {_reshaped(array.shape)}")  # fmt: skip
    if like is not None and array.shape != like:
        turned = "transpose it, or " if array.shape == like[::-1] else ""
        raise ValueError(f"{name} of shape {array.shape} is not allowed: the other outputs have "
                         f"shape {like}; {turned}give the same samples and classes")  # fmt: skip
    allowed = "finite numbers, -inf for masked classes" if masks else "finite numbers"
    for rows in blocks(*array.shape):
        block = _comparable(array[rows])
        top = block.max(axis=1)  # NaN if any number is, and -inf if all are
        finite = np.isfinite(top)
        if not masks:
            finite &= np.isfinite(block.min(axis=1))
        if not finite.all():
            row = int(np.argmin(finite))
            what = "masks every class" if masks and top[row] == -np.inf else "is not finite"
            raise ValueError(f"{name}[{rows.start + row}] {what} ({allowed}); remove that sample "
                             "everywhere or mend the network that put it out")  # fmt: skip
        far = int(np.abs(top).argmax())
        if abs(top[far]) > largest:
            raise ValueError(f"{name} holds {top[far]:g}, not allowed (logits from {-largest:g} to "
                             f"{largest:g}); only masked classes may lie lower, down to -inf: "
                             "subtract the largest of each row, or mend a network that has diverged"
                             )  # fmt: skip
    return array


def _reshaped(shape: tuple[int, ...]) -> str:
    """How to come to rows of K >= 2 numbers."""
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        z = "z" if len(shape) == 1 else "z = z[:, 0]"
        return ("of two classes with one logit z a sample give np.stack([np.zeros_like(z), z], "
                f"axis=1), {z}; of one sample give z[None]")  # fmt: skip
    if len(shape) == 3:
        return (f"of {shape[0]} members give their mean, .mean(axis=0), or one of them; of tokens "
                f"give .reshape(-1, {shape[2]}), with labels.reshape(-1)")  # fmt: skip
    if 0 in shape:
        return "give at least one sample"
    return f"give .reshape(-1, {shape[-1] if shape else 'K'}), samples by classes"


def check_logits(
    name: str,
    value: ArrayLike | LazyRows,
    like: tuple[int, ...] | None = None,
    largest: float = np.inf,
) -> "Logits":
    """Logits, shape (N, K), finite or -inf; ValueError if they are probabilities or wrong else.

    The largest of each row lies in [-largest, largest].
    """
    array = check_rows(name, value, like, masks=True, largest=largest)
    kind = _kind(value, array)
    if kind is not None:
        raise ValueError(
            f"{name} holds {kind.looks} where logits are wanted; give {kind.remedy}{kinds.MOVED}"
        )
    return array


def check_probabilities(
    name: str, value: ArrayLike | LazyRows, like: tuple[int, ...] | None = None
) -> "Logits":
    """Rows of probabilities, shape (N, K); ValueError if they are logits or wrong otherwise."""
    array = check_rows(name, value, like)
    seen = _seen(array)
    refused = f"{name} holds rows that are no probabilities (numbers >= 0 of sum 1)"
    if seen is None:
        raise ValueError(f"{refused}, perhaps logits; give softmax rows, or the logits together "
                         "with a temperature")  # fmt: skip
    if np.abs(seen.sums - 1).max() > _tolerance(value, array):
        if seen.sums.min() == 0:
            raise ValueError(f"{refused}: row {int(seen.sums.argmin())} is 0; remove that sample "
                             "everywhere, or give the logits together with a temperature"
                             )  # fmt: skip
        kind = seen.kind(_tolerance(value, array))
        raise ValueError(
            f"{refused} but {'perhaps logits' if kind is None else kind.looks}, of sums from "
            f"{seen.sums.min():.4g} to {seen.sums.max():.4g}; divide each row by its sum, p / "
            "p.sum(axis=1, keepdims=True), or give the logits together with a temperature"
        )
    return array


def _tolerance(value: ArrayLike | LazyRows, array: "Logits") -> float:
    """Of sums of probabilities: what rounding of the type allows in which they are given."""
    return max(SUM_TOLERANCE, rounding(value, terms=array.shape[1]))


def _kind(value: ArrayLike | LazyRows, array: "Logits") -> kinds.Kind | None:
    seen = _seen(array)
    return None if seen is None else seen.kind(_tolerance(value, array))


def _seen(array: "Logits") -> kinds.Rows | None:
    """What tells probabilities from logits; None as soon as a number is below 0 or huge."""
    sums, largest, smallest = np.empty((3, len(array)))
    nonzero, whole = np.empty(len(array), dtype=np.int64), True
    for rows in blocks(*array.shape):
        block = np.asarray(array[rows], dtype=float)
        smallest[rows], largest[rows] = block.min(axis=1), block.max(axis=1)
        if smallest[rows].min() < 0 or largest[rows].max() > HUGE:
            return None
        sums[rows] = block.sum(axis=1)
        nonzero[rows] = np.count_nonzero(block, axis=1)
        whole = whole and np.array_equal(block, np.floor(block))
    return kinds.Rows(
        classes=array.shape[1], sums=sums, largest=largest, smallest=smallest, nonzero=nonzero,
        whole=whole,
    )  # fmt: skip


def masked(
    logits: Real[Numbers, "samples classes"], temperature: float = TEMPERATURE.high
) -> Bool[Booleans, "samples classes"]:
    """Where rows of logits are masked, up to a temperature: see the module.

    >>> masked(np.array([[1.0, 0.5, -1e4, -1e9], [2.0, -np.inf, 0.0, 1.0]]), temperature=8)
    array([[False, False,  True,  True],
           [False,  True, False, False]])
    """
    rows, gap = _comparable(logits), UNDERFLOW * min(temperature, TEMPERATURE.high)
    return np.asarray(rows < rows.max(axis=1, keepdims=True) - np.float64(gap))


Logits = Real[Numbers | LazyRows, "samples classes"]
"""Checked, and perhaps without the classes that are absent."""


def answers_of(logits: Logits) -> Labels:
    """The class of the largest logit of every row, the first of several."""
    return np.concatenate([logits[rows].argmax(axis=1) for rows in blocks(*logits.shape)])


def check_outputs(
    labels: ArrayLike,
    outputs: Mapping[str, ArrayLike | LazyRows],
    temperature: float = 1.0,
    largest: float = np.inf,
) -> tuple[Labels, list[Logits]]:
    """Labels and logits that belong together, without the classes that are absent.

    Parameters
    ----------
    labels : array of int, shape (N,)
    outputs : mapping of str to array, shape (N, K)
        Logits by the names of their arguments. The first gives the shape.
    temperature : float
        The largest in use, up to which a masked class has probability 0.
    largest : float
        As of `check_logits`.

    Raises
    ------
    ValueError
        Also for labels of a class that all outputs mask in every row.
    """
    (name, first), *others = outputs.items()
    arrays = [check_logits(name, first, None, largest)]
    like = arrays[0].shape
    y = check_labels(labels, like[1], like[0])
    arrays += [check_logits(other, value, like, largest) for other, value in others]
    return without_absent(y, dict(zip(outputs, arrays, strict=True)), temperature)


def without_absent(
    labels: Labels, outputs: Mapping[str, Logits], temperature: float
) -> tuple[Labels, list[Real[Numbers | LazyRows, "samples kept"]]]:
    """Checked labels and logits without the classes that all of the logits mask in every row."""
    arrays = list(outputs.values())
    kept = present(arrays, temperature)
    if kept.all():
        return labels, arrays
    # A class with samples is not absent for being unlikely, but if no temperature reaches it.
    asked = ~kept & (np.bincount(labels, minlength=len(kept)) > 0)
    absent = asked & ~present(arrays)
    if absent.any():
        row = int(np.argmax(absent[labels]))
        raise ValueError(
            f"labels[{row}]={labels[row]} is not allowed (a class that {', '.join(outputs)} do not "
            f"mask in every row); drop its samples, keep = labels != {labels[row]}, or give "
            "outputs that do not mask it"
        )
    kept |= asked
    if kept.sum() < 2:  # one class alone is no problem of classes: large logits are no masks here
        kept = present(arrays)
    if kept.sum() < 2:
        raise ValueError(
            f"{', '.join(outputs)} mask all classes but {int(np.argmax(kept))} in every row (at "
            "least 2 classes that some output may answer); give rows of several classes"
        )
    classes = np.flatnonzero(kept)
    return np.searchsorted(classes, labels), [Part(array, classes) for array in arrays]


def present(
    arrays: Sequence[Logits], temperature: float = TEMPERATURE.high
) -> Bool[Booleans, " classes"]:
    """Which classes some output does not mask in some row, up to a temperature; shape (K,)."""
    found = np.zeros(arrays[0].shape[1], dtype=bool)
    for array in arrays:
        for rows in blocks(*array.shape):
            found |= (~masked(array[rows], temperature)).any(axis=0)
            if found.all():
                return found
    return found


def check_answers(
    labels: Labels, networks: Mapping[str, Logits], teachers: Collection[str] = ()
) -> None:
    """ValueError for a label that a network masks by -inf, or that several networks all mask.

    A teacher (`teachers`) may give a label the probability 0.
    """
    names = list(networks)
    for rows in blocks(*networks[names[0]].shape):
        y = labels[rows]
        found = {name: _comparable(networks[name][rows]) for name in names}
        place = np.arange(len(y)), y
        bad = {name: np.isneginf(found[name][place]) for name in names if name not in teachers}
        if len(names) > 1:
            every = [masked(block)[place] for block in found.values()]
            bad[" and ".join(names)] = np.all(every, axis=0)
        for name, hidden in bad.items():
            if hidden.any():
                row = rows.start + int(np.argmax(hidden))
                raise ValueError(
                    f"{name} at [{row}] masks class {labels[row]}, the label (a class that the "
                    "network may answer); drop that sample everywhere, or do not mask its class: "
                    f"for logarithms of probabilities, some of them 0, give {kinds.LOG}"
                )


def softmax(
    logits: Real[Numbers, "samples classes"], temperature: float
) -> Float[Floats, "samples classes"]:
    """Rows softmax(logits / temperature) in float64; temperature 0 puts all on the largest.

    The limit at temperature 0 takes the first of several largest logits, as argmax does. Masked
    classes have probability 0, also at temperatures above those of the range.
    """
    if temperature == 0:
        chosen = np.zeros(logits.shape)
        chosen[np.arange(len(chosen)), logits.argmax(axis=1)] = 1
        return chosen
    rows: Floats = np.asarray(logits, dtype=float)
    with np.errstate(over="ignore"):  # a gap beyond all doubles is one of probability 0
        # The largest first: its quotient by a small temperature would overflow.
        rows = rows - rows.max(axis=1, keepdims=True)
        if temperature > TEMPERATURE.high:
            rows[masked(rows)] = -np.inf
        rows /= temperature
    np.exp(rows, out=rows)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows


def softened(
    logits: Real[Numbers, "samples classes"], temperature: float, weight: float
) -> Float[Floats, "samples classes"]:
    """(1-w) softmax(f) + w softmax(f/T), the dual outputs of logits that were checked."""
    if temperature == 1 or weight == 0:
        return softmax(logits, 1.0)
    return (1 - weight) * softmax(logits, 1.0) + weight * softmax(logits, temperature)


def unmasked(logits: Real[Numbers, "samples classes"]) -> Real[Numbers, "samples classes"]:
    """Rows to be mixed: floats, integers and half floats in single precision, -inf if masked."""
    rows = np.asarray(logits, dtype=np.result_type(logits.dtype, np.float32))
    if (rows.min(axis=1) >= rows.max(axis=1) - UNDERFLOW * TEMPERATURE.high).all():
        return rows
    return np.where(masked(rows), rows.dtype.type(-np.inf), rows)


def _comparable(block: Real[Numbers, "samples classes"]) -> Real[Numbers, "samples classes"]:
    """Half precision has no fast comparison, and no room for the gap of a mask."""
    rows = np.asarray(block)
    return rows.astype(np.float32) if rows.dtype == np.float16 else rows
