"""Panel: the phase diagram, how many views are learned over initialisation and single-view data."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mvtheory.arguments import DEVIATION, GATED_POWER, NEURONS, VIEWS, Argument
from mvtheory.explore.controls import Slider
from mvtheory.explore.panel import EVERY, Panel
from mvtheory.explore.panels.coverage import steps
from mvtheory.explore.picture import Axis, Cells, Picture, Plot

if TYPE_CHECKING:
    from mvtheory.race import Setting

SAMPLES, CLASSES, RATE, NOISE = 20, 4, 4.0, 1.7
DEVIATIONS = (0.005, 0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25)
SINGLES = (0, 1, 2, 3, 4, 5)
ALONE = Argument("single_view_samples", "c", f"samples of {SAMPLES} that show a view alone", 0, 1e6,
                 integer=True)  # fmt: skip
STEPS = Argument("steps", "t", f"steps of gradient descent at rate {RATE:g}", 1, 1e6, integer=True)


def setting(
    power: float, deviation: float, single_view_samples: int, views: int, neurons: int, steps: int
) -> "Setting":
    """The training of a point of the diagram."""
    from mvtheory.race import Setting

    return Setting(
        views=views, classes=CLASSES, neurons=neurons, power=power, deviation=deviation,
        samples=SAMPLES, stages=((steps, RATE),), single_view_samples=single_view_samples,
        background_noise=NOISE,
    )  # fmt: skip


def coverage(point: "Setting") -> float:
    """By the integral over the largest initial response x; G is what `late_growth` gives."""
    from mvtheory.race import expected_coverage, late_growth

    return expected_coverage(
        point.views, point.neurons, point.power, point.deviation, late_growth(point)
    )


@lru_cache(maxsize=64)
def diagram(power: float, views: int, neurons: int, steps: int) -> list[list[float]]:
    """Coverage over single-view samples and deviations: the same wherever one stands in it."""
    return [
        [coverage(setting(power, at, alone, views, neurons, steps)) for at in DEVIATIONS]
        for alone in SINGLES
    ]


def picture(
    power: float, deviation: float, single_view_samples: int, views: int, neurons: int, steps: int
) -> Picture:
    here = setting(power, deviation, single_view_samples, views, neurons, steps)
    near = min(DEVIATIONS, key=lambda at: abs(at / deviation - 1))
    return Picture(
        plots=(
            Plot(
                title="Coverage C of one network",
                x=Axis(label="initial deviation sigma (thresholds of the ReLU)"),
                y=Axis(label=f"single-view samples of {SAMPLES}, for each view"),
                cells=Cells(
                    name="coverage C", x=DEVIATIONS, y=SINGLES,
                    values=diagram(power, views, neurons, steps),
                    marked={"here": (near, single_view_samples)},
                ),
            ),
        ),
        numbers={
            "coverage here": coverage(here),
            "one view alone, 1/M": 1 / views,
        },
        note="An integral over initial responses. At the 27 points of the claim phase-diagram it "
        "differs from the training followed step by step (descend) by .03 on average and by .16 at "
        "most, at q = 3 and the smallest deviation.",
    )  # fmt: skip


def panel() -> Panel:
    return Panel(
        name="phase",
        title="Phase diagram",
        words=(
            f"Coverage of one network over initialisation and single-view data, for {CLASSES} "
            f"classes of {SAMPLES} samples: near 1/M for q > 2 and small deviations, near 1 at "
            "q = 2, and rising with the samples that show one view alone."
        ),
        controls=(
            Slider(argument=GATED_POWER, values=steps(2, 6, 16), start=4, coarse=(2, 3, 4)),
            Slider(argument=DEVIATION, values=DEVIATIONS, start=0.06, coarse=(0.02, 0.06, 0.18)),
            Slider(argument=ALONE, values=SINGLES, start=1, coarse=(0, 1, 3)),
            Slider(argument=VIEWS, values=(2, 3, 4), start=2),
            Slider(argument=NEURONS, values=(1, 2, 3, 5, 8, 12, 20), start=5),
            Slider(argument=STEPS, values=(20, 40, 60, 90, 120, 180, 240), start=120,
                   coarse=(40, 120, 240)),
        ),
        picture=picture,
        equations=_equations,
        calls={
            EVERY: "from mvtheory.race import Setting, descend, expected_coverage, late_growth\n"
            f"setting = Setting(views={{views}}, classes={CLASSES}, neurons={{neurons}}, "
            "power={power},\n"
            f"                  deviation={{deviation}}, samples={SAMPLES}, "
            f"stages=(({{steps}}, {RATE:g}),),\n"
            "                  single_view_samples={single_view_samples}, "
            f"background_noise={NOISE})\n"
            "descend(setting).coverage  # follows the training: slower and closer\n"
            "expected_coverage(views={views}, neurons={neurons}, power={power}, "
            "deviation={deviation},\n"
            "                  late_growth=late_growth(setting))"
        },
    )  # fmt: skip


def _equations() -> dict[str, list[Any]]:
    import sympy

    views, q, growth, m, sigma = sympy.symbols("M q G m sigma", positive=True)
    share, mean = sympy.Function("F"), sympy.Function("E")
    x, reach = sympy.symbols("x x_G", positive=True)
    learned = 1 / views + (views - 1) / views * mean(1 - share(reach) / share(x))
    edge = sympy.Eq(reach ** (2 - q), x ** (2 - q) + (q - 2) * growth, evaluate=False)
    largest = sympy.Eq(share(x), sympy.Function("Phi")(x / sigma) ** m, evaluate=False)
    return {EVERY: [sympy.Eq(sympy.Symbol("C"), learned, evaluate=False), edge, largest]}
