"""Pages of the records of benchmarks, and the table of what they compare."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from making.markdown import escaped, page, table, toctree
from making.written import write

RATIO = re.compile(r"^(?P<one>.+) over (?P<other>.+)$")
TURNS = "program", "measure", "old", "new", "new / old"
INTRODUCTION = """\
Made from the files in `benchmarks/records`, which the commands named in them have written. Times
are of the machine that each record names; ratios are of programs that took turns on one machine.
"""


def make(records: Path, folder: Path) -> None:
    """Write a page for each record, and their index, into a folder."""
    pages, rows, ratios = {}, [], []
    for path in sorted(records.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        titled = text if text.startswith("# ") else page(_spelled(path.stem), text)
        pages[path.name] = titled
        rows.append((f"[{escaped(_title(titled))}]({path.name})", f"`{path.name}`"))
    for path in sorted(records.glob("*.json")):
        if path.with_suffix(".md").exists():
            continue  # the same numbers, for programs
        values = json.loads(path.read_text(encoding="utf-8"))
        title = _spelled(path.stem)
        turns = _turns(values.pop("rounds")) if isinstance(values.get("rounds"), list) else []
        cells = [(escaped(key), escaped(value)) for key, value in _flat(values)]
        shown = [table(TURNS, turns)] if turns else []
        pages[f"{path.stem}.md"] = page(
            title, f"`{path.name}`", *shown, table(("what", "value"), cells)
        )
        rows.append((f"[{escaped(title)}]({path.stem}.md)", f"`{path.name}`"))
        ratios += [
            _ratio(key, value, path.stem) for key, value in values.items() if _is(key, value)
        ]
    pages["index.md"] = page(
        "Benchmarks",
        INTRODUCTION,
        "## Ratios of times",
        table(("record", "time of", "over that of", "ratio"), ratios),
        "## Records",
        table(("record", "file"), rows),
        toctree(sorted(name.removesuffix(".md") for name in pages)),
    )
    write(folder, pages)


def _turns(rounds: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Medians over the rounds of what two builds took in turn, and their ratio."""
    found = []
    for program, builds in rounds[0].items():
        for measure, value in builds["new"].items():
            if not isinstance(value, float):
                continue
            old, new = (
                median(turn[program][build][measure] for turn in rounds) for build in ("old", "new")
            )
            ratio = f"{new / old:.2f}" if old else "-"
            found.append((escaped(program), escaped(measure), f"{old:.4g}", f"{new:.4g}", ratio))
    return found


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _spelled(stem: str) -> str:
    return stem.replace("-", " ").capitalize()


def _is(key: str, value: Any) -> bool:
    return isinstance(value, float) and RATIO.match(key) is not None


def _ratio(key: str, value: float, stem: str) -> tuple[str, str, str, str]:
    found = RATIO.match(key)
    assert found is not None
    name = f"[{escaped(_spelled(stem))}]({stem}.md)"
    return name, escaped(found["one"]), escaped(found["other"]), f"{value:.2f}"


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every number of nested dictionaries, under the names on the way to it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(part, f"{name}: {key}" if name else str(key))
    elif isinstance(value, list):
        yield name, ", ".join(_number(part) for part in value) or "none"
    else:
        yield name, _number(value)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
