"""A report where GitHub shows it: annotations of a job, and the summary of a step."""

import os
from pathlib import Path

from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion
from validation.report.markdown import escaped
from validation.report.rows import telling
from validation.report.words import (
    VERDICT_WORDS,
    claimed,
    headline,
    record_words,
    seen_words,
    with_error,
)


def annotations(results: Conclusion) -> list[str]:
    """A workflow command for each claim that did not come out as recorded, and each deviation."""
    lines = []
    for record in results.claims:
        if record.verdict is not record.claim.recorded or record.seen:
            opposite = record_words(record.verdict, record.claim.recorded)
            kind = "error" if opposite and not record.seen else "warning"
            said = f"{VERDICT_WORDS[record.verdict]} {opposite} {seen_words(record)}"
            lines.append(_command(kind, f"{record.name}: {record.outcome}", said))
    lines += [_command("warning", "Deviation from the plan", line) for line in results.deviations]
    return lines


def _command(kind: str, title: str, text: str) -> str:
    """As a runner reads it: its own signs are written by their numbers."""

    def plain(value: str, more: str = "") -> str:
        for sign in f"%\r\n{more}":
            value = value.replace(sign, f"%{ord(sign):02X}")
        return value

    return f"::{kind} title={plain(title, ':,')}::{plain(' '.join(text.split()))}"


def summary(results: Conclusion) -> str:
    """A table of the verdicts, in Markdown."""
    lines = [
        "| claim | claimed | observed | verdict |",
        "| --- | --- | --- | --- |",
        *(_row(record) for record in results.claims),
        "",
        f"{headline(results)} At most {100 * results.plan.alpha:.0f} % is the chance that any "
        f"HOLDS is false, and likewise any FAILS. Plan `{results.plan.name}`.",
        *(f"- Deviation: {escaped(line)}" for line in results.deviations),
    ]
    return "\n".join(lines) + "\n"


def _row(record: ClaimRecord) -> str:
    cells = ["-", "-"]
    if shown := telling(record):
        found = shown.comparison
        cells = [
            claimed(shown.expectation),
            f"{with_error(found.observed, found.standard_error)} ({escaped(shown.place)})",
        ]
    return f"| `{record.name}` | {' | '.join(cells)} | **{record.outcome}** |"


def tell(results: Conclusion) -> None:
    """Print the annotations, and add to the step's summary, where a runner has asked for them."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(*annotations(results), sep="\n")
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(summary(results))
