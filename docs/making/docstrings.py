"""A docstring in numpydoc's sections as Markdown."""

import re
from collections.abc import Iterator
from itertools import groupby

from making.markdown import ITEM, MARKUP, code, escaped, shielded
from making.names import linked
from mvtheory.references import Source, bibliography

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", flags=re.MULTILINE)
FIELD = re.compile(r"^(?P<names>[*\w][\w*, ]*?)(?: : (?P<kind>.+))?$")
FIELDS = ("Parameters", "Returns", "Raises", "Attributes", "Yields")
KEYS = {f"{work['short']} ({work['year']})": key for key, work in bibliography().items()}
"""Keys of the bibliography by what their works are called."""
WORKS = "|".join(re.escape(name) for name in sorted(KEYS, key=len, reverse=True))
INLINE = re.compile(rf"``(?P<code>[^`]+)``|`(?P<name>[^`]+)`|\[(?P<key>\w+)\]_|(?P<work>{WORKS})")


def prose(text: str, room: str = "") -> str:
    """Running text: code, names that are linked, and works of the bibliography."""
    flat, parts, end = " ".join(text.split()), [], 0
    for found in INLINE.finditer(flat):
        parts.append(MARKUP.sub(r"\\\1", flat[end : found.start()]))
        key = KEYS.get(found["work"] or "", found["key"])
        if key in bibliography():
            parts.append(cited(key))
        elif found["name"]:
            parts.append(linked(found["name"], room))
        else:
            parts.append(f"`{found['code']}`" if found["code"] else escaped(found[0]))
        end = found.end()
    parts.append(MARKUP.sub(r"\\\1", flat[end:]))
    return ITEM.sub(shielded, "".join(parts))


def cited_keys(text: str) -> set[str]:
    """Keys of the works that a docstring cites, by key or in words."""
    found = INLINE.finditer(" ".join(text.split()))
    keys = {KEYS.get(one["work"] or "", one["key"]) for one in found}
    return keys & bibliography().keys()


def cited(key: str) -> str:
    """A link to a work of the bibliography."""
    return f"{{ref}}`{Source(key)} <work-{key}>`"


def credited(source: Source) -> str:
    """A link to a work, with the place in it."""
    return cited(source.key) + (f", {escaped(source.place)}" if source.place else "")


def markdown(text: str, room: str = "") -> str:
    """A whole docstring; its sections are headed by a line in bold."""
    head, *rest = SECTION.split(text)
    blocks = [_blocks(head, room)]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        shown = _fields(body, room) if title in FIELDS else _blocks(body, room)
        blocks.append(f"**{title}**\n\n{shown}")
    return "\n\n".join(block for block in blocks if block.strip())


def summary(text: str) -> str:
    """The first sentence, as it stands in its own paragraph."""
    return " ".join(text.partition("\n\n")[0].split())


def _blocks(text: str, room: str) -> str:
    """Paragraphs, lists, examples, and lines that are set off by their indent."""
    shown = []
    for lines in _paragraphs(text):
        first = lines[0]
        if first.startswith(">>>"):
            shown.append(code(lines, "pycon"))
        elif first.startswith("    "):
            shown.append(code([line.removeprefix("    ") for line in lines], "text"))
        elif re.match(r"[-*] ", first):
            items = re.split(r"^[-*] ", "\n".join(lines), flags=re.MULTILINE)[1:]
            shown.append("\n".join(f"- {prose(item, room)}" for item in items))
        else:
            shown.append(prose("\n".join(lines), room))
    return "\n\n".join(shown)


def _paragraphs(text: str) -> Iterator[list[str]]:
    lines = text.strip("\n").splitlines()
    for blank, group in groupby(lines, key=lambda line: not line.strip()):
        if not blank:
            yield from _split(list(group))


def _split(lines: list[str]) -> Iterator[list[str]]:
    """A list, an example or a formula that follows its paragraph without a blank line."""
    part: list[str] = []
    kind = ""
    for line in lines:
        new = ">" if line.startswith(">>>") else "-" if re.match(r"[-*] ", line) else ""
        if line.startswith("    ") and kind == "":
            new = " "
        if (part and new and new != kind) or (kind == " " and not line.startswith("    ")):
            yield part
            part = []
            kind = new
        elif not part:
            kind = new
        part.append(line)
    if part:
        yield part


def _fields(body: str, room: str) -> str:
    """Parameters and their like as a definition list."""
    fields: list[tuple[str, list[str]]] = []
    for line in body.strip("\n").splitlines():
        if line.strip() and not line.startswith(" "):
            fields.append((line, []))
        elif fields:
            fields[-1][1].append(line.removeprefix("    "))
    shown = []
    for head, lines in fields:
        text = _blocks("\n".join(lines), room).replace("\n", "\n  ")
        shown.append(_head(head, room) + (f"\n: {text}" if text else ""))
    return "\n\n".join(shown)


def _head(line: str, room: str) -> str:
    found = FIELD.match(line)
    if found and found["kind"]:
        return f"`{found['names']}` — {prose(found['kind'], room)}"
    return f"`{line}`" if line.isidentifier() else prose(line, room)
