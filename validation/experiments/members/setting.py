"""The members experiment: a few networks predict ensembles of others, which differ by chance alone.

A `MembersSetting` holds every number of the experiment. The claims about it share the trained
networks.
"""

from dataclasses import dataclass, replace

from validation.data import MultiViewData
from validation.experiments.description import Described
from validation.experiments.lottery.setting import LotterySetting
from validation.training.schedule import Schedule
from validation.trial.claim import Expectation, Measured, Sample

GIVEN = 3
"""Members from whose outputs the advisor predicts an ensemble."""
LARGEST = 16
"""Networks of the largest ensemble observed."""
FORESEEN = {"digits": (0.935, 0.941, 0.0028, 0.3), "many classes": (0.945, 0.965, 0.0036, 0.2)}
"""Of perceptrons, about: accuracy of one and of infinitely many; the deviation of a prediction from
three on 1,000 samples; and that of a member's squared distance from the mean of all, relative to
it. For the power analysis and wrong formulas alone."""


@dataclass(frozen=True)
class MembersSetting(Described):
    """A replicate is a draw of the data, and networks that differ in starts and batches alone.

    The first `given` of them predict: from their Brier scores, and by the advisor, who sees the
    first `groups` times 3, 3 at a time, and is told that a member costs the accuracy `price`.
    Ensembles are made of the `others`. Problems: scikit-learn's "digits", "many classes" (clusters
    of deviation `noise` in `dimension` dimensions), both with perceptrons, and "views", a lottery
    of patch networks on multi-view data, where the share `single` of the test samples shows one
    view only.
    """

    experiment = "members"
    trainer = "validation.experiments.members.training"

    problem: str
    classes: int
    training_samples: int
    test_samples: int
    steps: int
    given: int
    others: int
    groups: int
    price: float
    hidden: int = 0
    rate: float = 0.006
    batch: int = 50
    dimension: int = 64
    noise: float = 0.6
    views: int = 0
    single: float = 0.5

    @property
    def label(self) -> str:
        return f"members, {self.problem}, K = {self.classes}"

    @property
    def networks(self) -> int:
        return self.given + self.others

    @property
    def work(self) -> float:
        """Multiplications in the products of the training."""
        if self.problem == "views":
            return self.lottery.work
        return super().work * self.batch * self.hidden * (self.classes + self.dimension)

    def shortened(self, steps: int) -> "MembersSetting":
        return replace(self, steps=steps)

    @property
    def lottery(self) -> LotterySetting:
        """The patch networks of "views"."""
        samples = self.training_samples // self.classes
        return LotterySetting(
            data=MultiViewData(
                classes=self.classes,
                views=self.views,
                dimension=self.dimension,
                distractors=1,
                # One single-view training sample for each (class, view).
                single_view_fraction=self.views / samples,
            ),
            training_samples=self.training_samples,
            networks=self.networks,
            schedule=Schedule(self.steps, 4.0, self.steps // 2, 12.0, late_momentum=0.5),
        )

    def foreseen(self, networks: float) -> float:
        """Accuracy of so many, about: linear in 1/N, or 1 less what a lottery leaves unknown."""
        if self.problem == "views":
            unknown = (1 - 1 / self.views) ** networks
            return 1 - self.single * (1 - 1 / self.classes) * unknown
        alone, limit, *_ = FORESEEN[self.problem]
        return limit - (limit - alone) / networks

    def spread(self) -> float:
        """Deviation that a predicted accuracy of 16 is expected to have in one replicate.

        Of a lottery: an ensemble misses a view that at most one of its networks knows, as the
        others' memory outvotes it. There are K M of them.
        """
        if self.problem == "views":
            # Not at the top: to list claims is to be quick.
            from scipy import special

            missed = float(special.bdtr(1, LARGEST, 1 / self.views))
            return float(self.single * (missed / (self.classes * self.views)) ** 0.5)
        of_one = FORESEEN[self.problem][2]
        return float(of_one * (1000 / self.test_samples / self.groups) ** 0.5)

    def gain_spread(self) -> float:
        """Relative deviation of an ensemble's gain in squared error from that of others.

        It follows the variance of the members. Of a lottery of two views that is K sample variances
        of coins, and if every odds of a coin is as likely as any other, one from n of them has the
        relative variance 6 (n + 1) / (5 n (n - 1)): 1/6 are expected of p (1 - p), 1/30 of its
        square, 1/15 of the fourth moment.
        """
        if self.problem == "views":
            coins = sum(1.2 * (n + 1) / (n * (n - 1)) for n in (self.given, self.others))
            return float((coins / self.classes) ** 0.5)
        scatter = FORESEEN[self.problem][3]
        return float(scatter * (1 / self.given + 1 / self.others) ** 0.5)


def settings(preset: str) -> tuple[MembersSetting, ...]:
    """Settings of a preset: classes and samples grow with it; smoke is for tests."""
    groups, tests, steps, classes, views = {
        "smoke": (1, 200, 60, 6, 3),
        "quick": (2, 1000, 300, 20, 10),
        "standard": (3, 2000, 600, 30, 12),
        "full": (4, 4000, 1000, 60, 20),
    }[preset]
    small = preset == "smoke"
    # Of a lottery some three promise so much that their advice loses most of what can be had.
    threes = 2 if preset in ("smoke", "quick") else 8
    return (
        MembersSetting(
            problem="digits", classes=10, training_samples=300, test_samples=min(tests, 1400),
            steps=60 if small else 200, given=6 if small else 18, others=18 if small else 36,
            groups=groups, price=0.002, hidden=24,
        ),
        MembersSetting(
            problem="many classes", classes=classes, training_samples=30 * classes,
            test_samples=tests, steps=steps, given=6 if small else 12, others=24, groups=groups,
            price=0.002, hidden=48, dimension=30,
        ),
        MembersSetting(
            problem="views", classes=views, training_samples=20 * views, test_samples=tests,
            steps=60 if small else 120, given=3 * threes, others=18, groups=threes, price=0.01,
            dimension=14 * views, views=2,
        ),
    )  # fmt: skip


def require(setting: MembersSetting) -> list[Expectation]:
    """Networks must have learned something before anything is said of ensembles of them."""
    alone = setting.foreseen(1)
    panel = "accuracy of a member"
    return [Expectation(panel, "one network", setting.label, alone, 0.5, None, 0.05)]


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("members", "accuracy"))]
