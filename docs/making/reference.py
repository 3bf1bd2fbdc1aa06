"""The reference: every public name, from its declaration and its docstring."""

import inspect
import re
from collections.abc import Iterable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from making import fields
from making.bibliography import bibliography_page
from making.docstrings import cited_keys, credited, markdown, prose, summary
from making.markdown import directive, escaped, page, table, toctree
from making.names import OTHERS, ROOMS, offered, public
from making.written import write
from mvtheory.catalogue import signature
from mvtheory.formula import Formula, typeset
from mvtheory.references import bibliography
from mvtheory.theorems import Theorem

INTRODUCTION = """\
Every public name, made from its declaration and its docstring when these pages are built. The
examples are run by the tests. Equations are those that are evaluated: symbols are in the table of
arguments below each, and its *status* says whether it is proved, heuristic or ours, and where.
`mvtheory show NAME` prints the same in a terminal.
"""


def make(folder: Path) -> None:
    """Write the pages of the reference into a folder."""
    pages = {f"{room}.md": _room(room, title) for room, title in ROOMS.items()}
    pages["extending.md"] = _extending()
    pages["bibliography.md"] = bibliography_page(_sources())
    rows = [
        (f"[{escaped(title)}]({room}.md)", _room_summary(room), str(len(offered(room))))
        for room, title in ROOMS.items()
    ]
    names = [*ROOMS, "extending", "bibliography"]
    rows.append(
        (
            "[for your own package](extending.md)",
            "What a formula, a law or a claim of your own is made of and tested by.",
            str(sum(len(names) for names in OTHERS.values())),
        )
    )
    pages["index.md"] = page(
        "Reference", INTRODUCTION, table(("module", "what is in it", "names"), rows),
        "The works that all of it is from: [bibliography](bibliography.md). The commands: "
        "[command line](../command_line.md).", toctree(names),
    )  # fmt: skip
    write(folder, pages)


def _room_summary(room: str) -> str:
    return prose(summary(inspect.getdoc(import_module(room)) or ""), room)


def _room(room: str, title: str) -> str:
    """The page of one package: its docstring, a table of names, and each of them."""
    names = offered(room)
    about = markdown(inspect.getdoc(import_module(room)) or "", room)
    return page(title, about, _overview(room, names), *(_entry(f"{room}.{name}") for name in names))


def _extending() -> str:
    names = [(room, name) for room in OTHERS for name in offered(room)]
    rows = [_row(f"{room}.{name}") for room, name in names]
    return page(
        "For your own package",
        "How they are used: [add a formula](../howto/formula.md), [a law](../howto/law.md), "
        "[a claim](../own_claim.md).",
        table(("name", "what it is", "kind"), rows),
        *(_entry(f"{room}.{name}") for room, name in names),
    )


def _overview(room: str, names: Iterable[str]) -> str:
    return table(("name", "what it is", "kind"), [_row(f"{room}.{name}") for name in names])


def _row(name: str) -> tuple[str, str, str]:
    item, room = public()[name], name.rpartition(".")[0]
    return f"{{py:obj}}`~{name}`", prose(_summary(item), room), escaped(_kind(item))


def _summary(item: Any) -> str:
    if isinstance(item, Formula | Theorem):
        return item.summary
    return "" if _kind(item) == "data" else summary(inspect.getdoc(item) or "")


def _kind(item: Any) -> str:
    if isinstance(item, Formula | Theorem):
        return f"{'theorem' if isinstance(item, Theorem) else 'formula'}: {item.status_text}"
    if inspect.isclass(item):
        return "class"
    return "function" if callable(item) else "data"


def _entry(name: str) -> str:
    item, room = public()[name], name.rpartition(".")[0]
    if isinstance(item, Formula):
        return directive("py:function", f"{name}{_arguments(item)}", _formula(item, room))
    if isinstance(item, Theorem):
        return directive("py:data", name, _theorem(item, room))
    kind = _kind(item)
    if kind == "data":
        return directive("py:data", name, f"`{item!r}`")
    text = markdown(_own_doc(item), room)
    if kind == "class":
        call = _arguments(item) if _is_made(item) else ""
        parts = [text, fields.shown(item, room), *_members(item, room)]
        return directive("py:class", f"{name}{call}", "\n\n".join(part for part in parts if part))
    return directive("py:function", f"{name}{_arguments(item)}", text)


def _own_doc(item: Any) -> str:
    """The docstring, unless it is what a dataclass or a base class makes up."""
    text = inspect.cleandoc(item.__doc__ or "")
    return "" if text.startswith(f"{getattr(item, '__name__', '')}(") else text


def _arguments(item: Any) -> str:
    """A call as Sphinx can read it: what has no literal is named."""
    call = re.sub(r"<factory>|<[^<>]*>", "...", signature(item))
    return re.sub(r"=inf\b", "='inf'", call)


def _is_made(item: type) -> bool:
    """Whether users make it: classes of results are shown without their arguments."""
    text = inspect.getdoc(item) or ""
    return "Parameters\n---" in text


def _members(item: type, room: str) -> list[str]:
    """Methods and properties that say what they are, of ours wherever they are inherited from."""
    shown = []
    for name, found in inspect.getmembers_static(item):
        inner = _function(found)
        if name.startswith("_") or inner is None or not _shows(item, name):
            continue
        text = inspect.cleandoc(inner.__doc__ or "")
        if not text or not inner.__module__.startswith(("mvtheory", "validation")):
            continue
        if isinstance(found, property | cached_property):
            shown.append(directive("py:property", name, markdown(text, room)))
        else:
            bound = getattr(item, name) if isinstance(found, classmethod) else inner
            call = _arguments(bound).replace("(self, ", "(").replace("(self)", "()")
            shown.append(directive("py:method", f"{name}{call}", markdown(text, room)))
    return shown


def _function(found: Any) -> Any:
    """What is defined behind a member of a class, or None if it is no function."""
    if isinstance(found, property):
        return found.fget
    if isinstance(found, cached_property):
        return found.func
    if isinstance(found, classmethod | staticmethod):
        return found.__func__
    return found if inspect.isfunction(found) else None


def _shows(item: type, name: str) -> bool:
    """Methods that all laws have are shown once, with `AbstractLaw`."""
    from mvtheory.laws import AbstractLaw

    inherited = issubclass(item, AbstractLaw) and item is not AbstractLaw
    return name in vars(item) and not hasattr(AbstractLaw, name) if inherited else True


def _formula(item: Formula, room: str) -> str:
    """What the declaration of a formula says, with the equation typeset."""
    rows = [
        (f"`{a.name}`", _symbol(a.symbol), escaped(a.meaning), escaped(a.range_text))
        for a in item.arguments
    ]
    solvable = ", ".join(f"`{name}`" for name in item.solvable) or "nothing"
    facts = [
        f"*Gives* {escaped(item.quantity)}.",
        f"*Source* {credited(item.source)}.",
        f"*Status* {escaped(item.status_text)}.",
        f"*Can be solved for* {solvable}.",
    ]
    return "\n\n".join(
        [
            prose(item.summary, room),
            directive("math", "", item.equation()),
            table(("argument", "symbol", "meaning", "range"), rows),
            "\\\n".join(facts),
            prose(item.notes, room) if item.notes else "",
        ]
    )


def _symbol(symbol: str) -> str:
    return f"${typeset(symbol)}$"


def _theorem(item: Theorem, room: str) -> str:
    low, high = item.bounds
    hypotheses = "\n".join(f"- {prose(line, room)}" for line in item.hypotheses)
    facts = [
        f"*Test error* ${low:g}\\,\\mu$ to ${high:g}\\,\\mu$, "
        f"by `theorems.{item.name}.error_bounds(single_view_fraction=...)`.",
        f"*Coverage at two views* {{py:obj}}`mvtheory.coverage.{item.coverage_formula.name}`.",
        f"*Source* {credited(item.source)}.",
        f"*Status* {escaped(item.status_text)}.",
    ]
    blocks = [f"**{escaped(item.summary)}**", prose(item.statement, room)]
    return "\n\n".join([*blocks, f"**Hypotheses**\n\n{hypotheses}", "\\\n".join(facts)])


def _sources() -> dict[str, list[str]]:
    """Names of what cites a work, by its key."""
    found: dict[str, list[str]] = {key: [] for key in bibliography()}
    for name, item in public().items():
        for key in _cited(item):
            found[key].append(name)
    return found


def _cited(item: Any) -> set[str]:
    if isinstance(item, Formula | Theorem):
        return {item.source.key}
    text = inspect.getdoc(item) or "" if _kind(item) != "data" else ""
    return cited_keys(text)
