"""A pytest plugin: claims about trained networks as tests of somebody's own repository.

    python -m pytest --mvtheory-claims package.claims

adds a test for each claim of the module. Networks are trained once for all of them, in the folder
that `--mvtheory-out` names, where they stay: a test run again trains nothing. A test passes if its
claim comes out as recorded, on networks that were not seen before; the summary says with what
probability one passes that should not.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from validation.records.claim_record import ClaimRecord
    from validation.records.conclusion import Conclusion

PRESETS = ("smoke", "quick", "standard", "full")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mvtheory", "claims about trained networks")
    group.addoption(
        "--mvtheory-claims", action="append", default=[], metavar="MODULE",
        help="Add a test for each claim of this module or package.",
    )  # fmt: skip
    group.addoption(
        "--mvtheory-preset", default="quick", choices=PRESETS, help="Size of their experiments."
    )
    group.addoption("--mvtheory-seed", type=int, default=0, help="Everything random follows.")
    group.addoption(
        "--mvtheory-out", type=Path, default=Path(".mvtheory-claims"), metavar="DIR",
        help="Folder in which networks are trained and kept.",
    )  # fmt: skip


class Trial:
    """The run of all claims that were asked for; it starts with the first test that needs it."""

    def __init__(self, config: pytest.Config, names: list[str]):
        self.names = names
        self.out: Path = config.getoption("--mvtheory-out")
        self.preset: str = config.getoption("--mvtheory-preset")
        self.seed: int = config.getoption("--mvtheory-seed")
        self.results: Conclusion | None = None

    def record(self, name: str) -> "ClaimRecord":
        if self.results is None:
            self.results = self._run()
        return next(own for own in self.results.claims if own.name == name)

    def _run(self) -> "Conclusion":
        from validation.claims import CLAIMS
        from validation.records.conclusion import conclude
        from validation.report.page import write_report
        from validation.running.runner import run
        from validation.testing import rehearse
        from validation.trial.plan import make

        claims = [CLAIMS[name] for name in self.names]
        plan = make(claims, self.preset, self.seed)
        for claim in claims:
            rehearse(claim, self.preset)
        run(self.out, plan, device="auto")
        results = conclude(self.out)
        write_report(self.out, results)
        return results


class ClaimTest(pytest.Item):
    """Whether a claim comes out as recorded."""

    def __init__(self, *, trial: Trial, **given: Any):
        super().__init__(**given)
        self.trial = trial

    def runtest(self) -> None:
        from validation.report.words import VERDICT_WORDS, record_words, seen_words

        own = self.trial.record(self.name)
        if own.verdict is not own.claim.recorded or own.seen:
            said = record_words(own.verdict, own.claim.recorded)
            words = f"{own.outcome}. {VERDICT_WORDS[own.verdict]} {said} {seen_words(own)}"
            pytest.fail(f"{' '.join(words.split())} See {self.trial.out / 'report.html'}.", False)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"claim {self.name}"


TRIAL = pytest.StashKey[Trial]()


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    modules = config.getoption("--mvtheory-claims")
    if not modules:
        return
    if hasattr(config, "workerinput"):
        raise pytest.UsageError("--mvtheory-claims trains in one process: give no -n with it")
    from validation.claims import register

    try:
        names = [name for module in modules for name in register(module)]
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    trial = config.stash[TRIAL] = Trial(config, names)
    items += [ClaimTest.from_parent(session, name=name, trial=trial) for name in names]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    trial = config.stash.get(TRIAL, None)
    if trial is None or trial.results is None:
        return
    from validation.report.words import headline

    results = trial.results
    terminalreporter.section("claims about trained networks")
    terminalreporter.write_line(
        f"At most {100 * results.plan.alpha:.0f} % is the probability that any of the "
        f"{len(results.claims)} claims passes by chance whose number lies outside its range. "
        f"{headline(results)} Plan {results.plan.name[:12]}, report "
        f"{trial.out / 'report.html'}."
    )
    for line in results.deviations:
        terminalreporter.write_line(f"Deviation: {line}")
