"""Claim: the growth law holds where midpoints are all that is shown. It does not."""

from collections.abc import Callable

from mvtheory.references import Credit, Source
from validation.claims.midpoint_mixup import mixed, observe, remarks
from validation.experiments.methods.setting import (
    MethodSetting,
    check,
    made_coverage,
    made_spread,
    require,
)
from validation.trial.claim import Claim, Expectation, wrong_by

PANEL = "midpoints alone"


def settings(preset: str) -> tuple[MethodSetting, ...]:
    """Eight classes: of fewer some are learned so late that samples are not fitted."""
    classes, samples, networks = {
        "smoke": (3, 12, 4), "quick": (8, 40, 6), "standard": (8, 40, 10), "full": (12, 60, 20),
    }[preset]  # fmt: skip
    return (mixed(classes, samples, networks, "midpoints", 1.0),)


def expect(
    setting: MethodSetting, law: Callable[[MethodSetting], float] = made_coverage
) -> list[Expectation]:
    """Coverage of one network; another law serves the calibration."""
    spread = made_spread(setting, made_coverage(setting))
    place = PANEL, "one network", f"M = 2, K = {setting.data.classes}"
    return [Expectation.around(*place, law(setting), setting.rise(), spread, most=1.0)]


_wrong = wrong_by(expect)


MIDPOINTS_ALONE = Claim(
    name="midpoints-alone",
    place=(3, 13),
    title="Midpoints alone teach losing views by what winners leave of them",
    statement=(
        "Where midpoints of samples, with half of each label, are all that is shown, the growth "
        "law of the claim midpoint-mixup holds as well: races are slow, and few losing views are "
        "learned by the end."
    ),
    sources=(
        Credit(
            "ours, by the growth law ({}); that midpoints alone teach both views: {}",
            Source("allenzhu2023", "Appendix D"), Source("chidambaram2023", "Theorem 4.7"),
        ),
    ),
    formulas=("single_network",),
    assumptions=("those of midpoint-mixup, without plain samples",),
    margin="That of midpoint-mixup: a fifth of the whole rise from 1/M to 1, either way.",
    change=(
        "Midpoints whose samples keep patches of their own, or plain samples besides: there the "
        "law holds (claim midpoint-mixup)."
    ),
    does_not_show=(
        "were it to hold, that midpoints alone teach little in longer training",
        "classes so few that some are late: with three of them midpoints alone were not fitted, "
        "and networks knew less than by the law",
    ),
    panels={PANEL: ("setting (M views, K classes)", "coverage C of one network")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("midpoints alone teach every view", lambda s: 1.0),
        _wrong("half labels tell no classes apart", lambda s: 0.0),
        _wrong(
            "of the two classes of a midpoint it teaches one, so that half is learned",
            lambda s: made_coverage(s) / 2,
        ),
    ),
    refuted=(
        "Networks know far more of the views: the source is right, and the law leaves out why. In "
        "the middle of two samples a patch shows views of two classes, and neurons answer to both "
        "at once. Where no plain samples forbid it a class comes to answer to views of others, "
        "whose patches then open its gate for its own losing view. With patches of their own for "
        "both samples the law holds for midpoints alone too."
    ),
    remarks=remarks,
)  # fmt: skip
