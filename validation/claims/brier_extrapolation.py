"""Claim: squared errors of one network and of two tell those of any number, exactly."""

from collections.abc import Callable, Sequence

import numpy as np

from mvtheory.ensembles import brier_of_ensemble
from mvtheory.references import Source
from validation.experiments.members.setting import MembersSetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

SIZES = (4, 8, 16)
MARGIN = {"digits": 0.2, "many classes": 0.2, "views": 0.4}
"""Of the gain: the best size goes with its square root and then changes by a tenth, or in a lottery
by a fifth, which is less than one network of up to ten, or five."""

Law = Callable[[float], float]


def exact(networks: float) -> float:
    """R_1 - R_N in units of R_1 - R_2."""
    return 2 - float(brier_of_ensemble(risk_of_one=2, risk_of_two=1, networks=int(networks)))


def expect(setting: MembersSetting, law: Law = exact) -> list[Expectation]:
    """What N networks gain over one, in units of what two gain."""
    rows = []
    for size in SIZES:
        gain = exact(size)
        rows.append(
            Expectation.around(
                setting.problem, "networks that were not asked", size, law(size),
                MARGIN[setting.problem] * gain, gain * setting.gain_spread(),
            )
        )  # fmt: skip
    return rows


def observe(measured: Measured) -> list[Sample]:
    """The law and what is observed beyond it, in units of R_1 - R_2 of all networks.

    R_1 and R_2 of some networks predict ensembles of others; of the same ones the law is an
    identity. The luck of those few, which are better or worse than others by chance, is left out by
    looking at gains: ensembles are held against their own members.
    """
    setting: MembersSetting = measured.setting
    risks = measured.tables["given"].sort_values("replicate")
    unit = (risks["risk_of_one"] - risks["risk_of_two"]).to_numpy()
    made = measured.tables["sizes"].sort_values("replicate")
    samples = []
    for size in SIZES:
        law = exact(size)
        others = made[made["size"] == size]["gain"].to_numpy() / law
        mean = (setting.given * unit + setting.others * others) / setting.networks
        # Where members put out the same there is nothing to tell.
        beyond = np.divide(others - unit, mean, out=np.zeros_like(mean), where=mean > 0)
        samples.append(Sample.of(law * (1 + beyond)))
    return samples


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        made = study.tables["sizes"].groupby("size")["brier"].mean()
        risks = study.tables["given"].mean(numeric_only=True)
        told = [
            float(
                brier_of_ensemble(
                    risk_of_one=risks["risk_of_one"],
                    risk_of_two=risks["risk_of_two"],
                    networks=size,
                )
            )
            for size in SIZES
        ]
        lines.append(
            f"{study.setting.label}: Brier scores "
            + ", ".join(
                f"of {size} networks {made[size]:.4f}, predicted {value:.4f}"
                for size, value in zip(SIZES, told, strict=True)
            )
            + f"; of one {made[1]:.4f}. Observed less predicted gain, in its standard errors: "
            + ", ".join(f"{off:+.1f}" for off in _in_errors(study))
            + "."
        )
    return lines


def _in_errors(study: Measured) -> list[float]:
    found = []
    for size, sample in zip(SIZES, observe(study), strict=True):
        error = sample.deviation / len(sample.values) ** 0.5
        found.append((sample.mean - exact(size)) / error if 0 < error < np.inf else 0.0)
    return found


_wrong = wrong_by(expect)
BRIER_EXTRAPOLATION = Claim(
    name="brier-extrapolation",
    place=(8, 2),
    title="One and two networks tell the Brier score of any number",
    statement=(
        "The Brier score of N networks whose probabilities are averaged is R_N = -(1 - 2/N) R_1 + "
        "2 (1 - 1/N) R_2, with the mean scores R_1 and R_2 of one and of two others that differ "
        "from them in starts and batches alone. So N networks gain 2 (1 - 1/N) times what two "
        "gain: perceptrons whose noise averages out, and patch networks in a lottery."
    ),
    sources=(Source("du2024", "risk extrapolation"),),
    formulas=("brier_of_ensemble",),
    assumptions=(
        "networks of one kind, trained on the same samples (exchangeable)",
        "probabilities are averaged, not logits and not votes",
    ),
    margin=(
        "The law is exact in expectation: what is observed differs from it by chance alone. A "
        "fifth of the gain either way is the error that would change the best size, which goes "
        "with its square root, by a tenth; two fifths, in a lottery where about five networks are "
        "best, by a fifth. Both are less than one network."
    ),
    change="Members of different kinds, or an average of logits or votes.",
    does_not_show=(
        "that accuracy extrapolates so: it does not; the Brier score alone is linear in 1/N",
        "members that are not exchangeable, such as those of different sizes",
        "single predictions: the law is one of means",
    ),
    panels={name: ("networks N", "gain in units of $R_1 - R_2$") for name in MARGIN},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("no further gain beyond two", lambda n: 1.0),
        _wrong("factor 2 missing: 1 - 1/N", lambda n: 1 - 1 / n),
        _wrong("n and N swapped: (1 - 1/2) / (1 - 1/N)", lambda n: 0.5 / (1 - 1 / n)),
        _wrong("a + b/sqrt(N)", lambda n: (1 - n**-0.5) / (1 - 2**-0.5)),
        _wrong("independent errors: 1/N of a sum, N - 1 times", lambda n: n - 1.0),
    ),
    remarks=remarks,
)
