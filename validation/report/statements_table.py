"""The sources' statements as a table: where each is computed, which claims try it."""

from collections.abc import Mapping

from validation.claims import CLAIMS, chapter_of
from validation.report.markdown import escaped, table
from validation.statements import STATEMENTS, Statement
from validation.trial.claim import Verdict

COLUMNS = ("source", "statement", "computed by", "claim", "verdict", "figure")
BREAK = "<br>"
"""Between lines of a cell."""
HEAD = """## The sources line by line

{statements} statements, of which {tried} are tried by claims. Claims about images are tried here on drawn
figures, where they need no files, and on [the page of images](images.md) on files, from committed records. Where no claim tries
a statement, or not all of it, the verdict says why.
"""  # noqa: E501


def statements_table(verdicts: Mapping[str, Verdict], figures: str) -> str:
    """The table with its heading; `verdicts` are those of the claims of runs, by name."""
    head = HEAD.format(
        statements=len(STATEMENTS), tried=sum(bool(own.claims) for own in STATEMENTS)
    )
    return head + "\n" + table(COLUMNS, (row(own, verdicts, figures) for own in STATEMENTS))


def row(statement: Statement, verdicts: Mapping[str, Verdict], figures: str) -> list[str]:
    """The cells of a statement, in the order of `COLUMNS`; a line for each claim."""
    said = [words(name, verdicts) for name in statement.claims]
    if statement.untested:
        which = "what is not: " if said else "not testable here: "
        said.append(which + escaped(statement.untested))
    return [
        escaped(str(statement.source)),
        escaped(statement.text),
        BREAK.join(f"`{name}`" for name in statement.computed) or "-",
        BREAK.join(f"`{name}`" for name in statement.claims) or "-",
        BREAK.join(said),
        BREAK.join(
            f"[figure]({place(name, verdicts, figures)})"
            for name in statement.claims
            if name in verdicts or of_images(name)
        )
        or "-",
    ]


def words(name: str, verdicts: Mapping[str, Verdict]) -> str:
    """The verdict of a claim in these runs, and where it has been tried on files of images."""
    said = [f"**{verdicts[name]}**"] if name in verdicts else []
    if of_images(name):
        said.append("[on files](images.md)")
    elif name not in verdicts:
        said.append("not tried by these runs")
    if CLAIMS[name].refuted:
        said.append("recorded as refuted")
    return ", ".join(said)


def place(name: str, verdicts: Mapping[str, Verdict], figures: str) -> str:
    """The file of a claim's figure: of the runs, or of the records of images."""
    recorded = of_images(name) and name not in verdicts
    return f"{'images' if recorded else figures}/{name}.svg"


def of_images(name: str) -> bool:
    return chapter_of(CLAIMS[name]) == "images"
