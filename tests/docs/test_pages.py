"""Pages that are made: no public name is missing, and nothing is markup by chance."""

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from making import claims, docstrings, links, markdown, names, project, records, reference
from mvtheory import catalogue
from mvtheory.formula import Formula
from mvtheory.references import bibliography

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ENTRY = re.compile(r"^`+\{py:(?:function|class|data)\} ([\w.]+)", flags=re.MULTILINE)
BLOCK = re.compile(r"^(`{3,}|:{3,})([^\s:`]\S*)", flags=re.MULTILINE)


@cache
def made() -> dict[str, str]:
    """Pages of the reference, by the names of their files."""
    with TemporaryDirectory() as folder:
        reference.make(Path(folder))
        return {path.name: path.read_text(encoding="utf-8") for path in Path(folder).iterdir()}


def packages() -> dict[str, list[str]]:
    """Every package of ours whose __init__ says what it offers to users."""
    found = {}
    for package in ("mvtheory", "validation"):
        for path in sorted((ROOT / package).rglob("__init__.py")):
            name = ".".join(path.parent.relative_to(ROOT).parts)
            if any(
                isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
                for node in ast.parse(path.read_text(encoding="utf-8")).body
            ):
                found[name] = list(import_module(name).__all__)
    return found


def test_every_public_name_is_in_the_reference_once():
    entries = [name for text in made().values() for name in ENTRY.findall(text)]
    assert sorted(entries) == sorted(set(entries)) == sorted(names.public())
    for package, offered in packages().items():
        if package.startswith("mvtheory") or package == "validation":
            rooms = {f"{package}.{name}" for name in offered} & names.ROOMS.keys()
            own = {f"{package}.{name}" for name in offered} - rooms
            assert own <= set(entries), package
    # The catalogue's own list, which `mvtheory list` prints.
    for room in catalogue.ROOMS:
        for entry in catalogue.entries(room):
            assert f"mvtheory.{room}.{entry.name.rpartition('.')[2]}" in entries


@pytest.mark.parametrize("name", [n for n, i in names.public().items() if isinstance(i, Formula)])
def test_a_formula_is_shown_with_equation_ranges_status_and_source(name):
    item = names.public()[name]
    room, own = name.rpartition(".")[::2]
    text = made()[f"{room}.md"].partition(f"{{py:function}} {name}(")[2]
    shown = text.partition("{py:function}")[0]
    assert item.equation() in shown
    assert f"<work-{item.source.key}>" in shown
    assert markdown.escaped(item.status_text) in shown
    for argument in item.arguments:
        assert f"| `{argument.name}` | " in shown
        assert markdown.escaped(argument.range_text) in shown
    assert own in made()["bibliography.md"]


def test_all_works_are_in_the_bibliography():
    text = made()["bibliography.md"]
    assert all(f"(work-{key})=" in text for key in bibliography())


def test_plain_text_stays_plain():
    assert markdown.escaped("1 - (1-1/M)^N <= a*b_c") == r"1 - (1-1/M)\^N \<= a\*b\_c"
    assert [markdown.escaped(text) for text in ("- one", "1. two", "+3")] == [
        r"\- one",
        r"1\. two",
        r"\+3",
    ]
    assert markdown.directive("math", "", "````\n").startswith("`````{math}")


def test_a_docstring_becomes_markdown():
    text = (
        "Share of `ensemble`, see Allen-Zhu &\nLi (2023) and [mobahi2020]_.\n\nx_l^2 here:\n\n"
        "    a = b * c\n\nParameters\n----------\nviews, networks : int, >= 1\n    M and N.\n\n"
        "    - as ``code``\n    - again\n\nExamples\n--------\nFirst:\n\n>>> 1 + 1\n2\n"
    )
    shown = docstrings.markdown(text, "mvtheory.coverage")
    assert "{py:obj}`ensemble <mvtheory.coverage.ensemble>`" in shown
    assert "{ref}`Allen-Zhu & Li (2023) <work-allenzhu2023>`" in shown
    assert "<work-mobahi2020>" in shown
    assert r"x\_l\^2 here:" in shown
    assert "```text\na = b * c\n```" in shown
    assert "`views, networks` — int, \\>= 1\n: M and N.\n  \n  - as `code`\n  - again" in shown
    assert shown.endswith("**Examples**\n\nFirst:\n\n```pycon\n>>> 1 + 1\n2\n```")
    assert docstrings.cited_keys(text) == {"allenzhu2023", "mobahi2020"}


def test_records_findings_and_claims_have_their_pages(tmp_path):
    records.make(ROOT / "benchmarks" / "records", tmp_path / "records")
    index = (tmp_path / "records" / "index.md").read_text(encoding="utf-8")
    for path in (ROOT / "benchmarks" / "records").iterdir():
        assert f"{path.stem}.md" in index
    assert "| loop | batched | 20.53 |" in index
    project.make(ROOT, tmp_path / "project")
    findings = (tmp_path / "project" / "findings.md").read_text(encoding="utf-8")
    for path in (ROOT / "findings").glob("*.sh"):
        assert f"bash findings/{path.name}" in findings
    table = (DOCS / "claims.md").read_text(encoding="utf-8")
    page = (tmp_path / "project" / "claims_figures.md").read_text(encoding="utf-8")
    drawn = {cells[-1] for cells in claims.rows(table)}
    assert len(claims.rows(table)) == page.count("\n## ") == int(table.split()[5])
    assert page.count("](../claims/") + page.count("](../images/") == len(drawn)


def test_what_a_page_shows_is_run_or_says_why_not():
    """Python as doctests, commands by the directive shell; what is left is data."""
    known = {"{shell}", "{toctree}", "{image}", "{grid}", "{grid-item-card}", "toml", "python"}
    ours = [*DOCS.glob("howto/*.md"), *DOCS.glob("explanation/*.md")]
    ours += [DOCS / f"{name}.md" for name in (
        "index", "start", "choose", "limits", "spectral_conventions", "command_line",
    )]  # fmt: skip
    for path in ours:
        text = path.read_text(encoding="utf-8")
        assert {kind for _, kind in BLOCK.findall(text)} <= known, path
        for block in re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
            assert block.startswith(">>> "), path


def test_a_link_to_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html#here">x</a><a href="#me"></a><p id="me">')
    (tmp_path / "b.html").write_text('<p id="here"><img src="no.png"><a href="a.html#gone">')
    assert links.broken(tmp_path) == [
        "b.html: a.html#gone has no such place",
        "b.html: no.png is not there",
    ]
