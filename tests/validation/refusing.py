"""What is trained at the quick size decides between a claim and the wrong formulas beside it."""

from collections.abc import Sequence

from validation.testing import check_claim, compared
from validation.trial.claim import Claim, Measured, Verdict
from validation.trial.verdict import ALPHA, Case, judge


def check_wrong_formulas_are_refused(claim: Claim, studies: Sequence[Measured]) -> list[str]:
    """The claim keeps its contract, its wrong formulas FAIL, and it does not; its remarks."""
    check_claim(claim)
    for wrong in claim.wrong:
        assert _verdict(claim, studies, wrong.expect) is Verdict.FAILS, wrong.words
    own = _verdict(claim, studies, claim.expect)
    assert own in (Verdict.HOLDS, Verdict.INCONCLUSIVE)
    return list(claim.remarks(compared(claim, studies), studies))


def _verdict(claim, studies, expect):
    case = Case(
        [e for study in studies for e in expect(study.setting)],
        [s for study in studies for s in claim.observe(study)],
        [e for study in studies for e in claim.require(study.setting)],
        [s for study in studies for s in claim.check(study)],
    )
    (decision,) = judge([case], look=1, alpha=ALPHA)
    return decision.verdict
