"""Drawings within a page: small, in the colours of the page, with words in their place.

A figure of matplotlib is made for a file of its own. In a page its names must be those of no other
drawing, its lines take the colours that the page has by day and by night, and what it shows is
said for who cannot see it.
"""

import re
import xml.etree.ElementTree as ET
from collections import Counter

from validation.report.panels import COLOURS, SHADE

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
COLOUR = {
    "#000000": "currentColor",
    SHADE: f"var(--shade,{SHADE})",
    **{own: f"var(--series-{n},{own})" for n, own in enumerate(COLOURS)},
}
"""What the colours of figures are in a page, whose style has the variables."""
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
FONTS = re.compile(r"font-family:[^;]*;? ?")
NAMED = re.compile(r"url\(#([^)]+)\)")
STYLED = re.compile(r' style="([^"]*)"')
OFTEN = 10
"""Drawn things of one style, from which on it is a rule of the page."""


def inlined(drawing: str, name: str, words: str) -> str:
    """An SVG element for a page.

    Parameters
    ----------
    drawing : str
        An SVG element of `validation.report.svg`.
    name : str
        What names in it begin with: another one for each drawing of a page.
    words : str
        In place of the drawing, for who does not see it.
    """
    root = ET.fromstring(drawing)
    used = {own.get(LINK, "").removeprefix("#") for own in root.iter()}
    used |= {found for own in root.iter() for found in NAMED.findall(" ".join(own.attrib.values()))}
    ids = [own.get("id", "") for own in root.iter() if own.get("id") in used]
    names = {own: f"{name}-{n}" for n, own in enumerate(ids)}
    for own in root.iter():
        own.tag = own.tag.removeprefix(SVG)
        own.attrib = _attributes(own.attrib, names, own.tag)
        if own.tag not in ("text", "tspan"):
            own.text = None
        own.tail = None
    for kind in ("metadata", "style"):
        for parent in list(root.iter()):
            for child in parent.findall(kind):
                parent.remove(child)
    for defined in root.iter("defs"):
        for own in defined:  # each use of it says its style again
            own.attrib.pop("style", None)
    _in_place(root)
    _unwrap(root)
    box = root.get("viewBox", "").split()
    root.attrib = {
        "viewBox": " ".join(box), "width": box[2], "height": box[3], "role": "img",
        "aria-label": words,
    }  # fmt: skip
    return ET.tostring(root, encoding="unicode").replace(" />", "/>")


def with_rules(page: str) -> str:
    """The page, in which styles that many drawn things have are rules of its style sheet."""
    drawings = re.split(r"(<svg .*?</svg>)", page, flags=re.DOTALL)
    times = Counter(style for own in drawings[1::2] for style in STYLED.findall(own))
    names = {style: f"d{n}" for n, style in enumerate(s for s in times if times[s] >= OFTEN)}

    def named(found: re.Match[str]) -> str:
        return f' class="{names[found[1]]}"' if found[1] in names else found[0]

    drawings[1::2] = [STYLED.sub(named, own) for own in drawings[1::2]]
    rules = "".join(f".{name}{{{style}}}" for style, name in names.items())
    return "".join(drawings).replace("</style>", f"{rules}</style>", 1)


def _attributes(own: dict[str, str], names: dict[str, str], tag: str) -> dict[str, str]:
    """Those that matter, in few letters."""
    kept = {}
    for key, value in own.items():
        if key == LINK:
            # The bar of a map's colours is a picture, and whole.
            kept["href"] = f"#{names[value[1:]]}" if value[:1] == "#" else value
        elif key == "id":
            if value in names:
                kept["id"] = names[value]
        elif key == "style":
            kept[key] = _style(value, tag)
        elif key == "d":
            kept[key] = re.sub(r"\s*([A-Za-z])\s*", r"\1", _shorter(value))
        elif value.startswith("url("):
            kept[key] = NAMED.sub(lambda found: f"url(#{names[found[1]]})", value)
        elif key == "transform":
            # Text that is not turned says so.
            value = re.sub(r"rotate\(-?0 [^)]*\)", "", value).strip()
            kept |= {key: _shorter(value)} if value else {}
        else:
            kept[key] = _shorter(value)
    if tag == "use" and kept.get("x") == "0":
        del kept["x"]
    return {key: value for key, value in kept.items() if value}


def _style(value: str, tag: str) -> str:
    value = FONTS.sub("", value).replace("; ", ";").replace(": ", ":").rstrip(";")
    if tag == "path" and value == "fill:#ffffff":
        return "fill:none"  # paper
    return re.sub(r"#[0-9a-f]{6}", lambda found: COLOUR.get(found[0], found[0]), value)


def _shorter(value: str) -> str:
    """Numbers to a hundredth of a point; small ones, which scale others, to four digits.

    >>> _shorter("translate(12.345678 0.5) scale(0.0156251 -1.0)")
    'translate(12.35 .5) scale(.01563 -1)'
    """

    def short(found: re.Match[str]) -> str:
        number = float(found[0])
        text = f"{number:.2f}" if abs(number) >= 1 else f"{number:.4g}"
        if "." in text and "e" not in text:
            text = text.rstrip("0").rstrip(".")
        return re.sub(r"^(-?)0\.", r"\1.", text)

    return NUMBER.sub(short, value)


def _in_place(root: ET.Element) -> None:
    """Draw what is used but once where it is used."""
    uses = [own for own in root.iter("use") if own.get("href", "")[:1] == "#"]
    times = Counter(own.get("href") for own in uses)
    alone = {str(own.get("href")): own for own in uses if times[own.get("href")] == 1}
    for defined in root.iter("defs"):
        for path in defined.findall("path"):
            use = alone.get(f"#{path.get('id')}")
            if use is not None:
                defined.remove(path)
                x, y = use.attrib.pop("x", "0"), use.attrib.pop("y", "0")
                moved = use.attrib.pop("transform", "")
                moved += f"translate({x} {y})" if (x, y) != ("0", "0") else ""
                moved += path.get("transform", "")  # letters are drawn 64 times as large
                del use.attrib["href"]
                use.tag = "path"
                use.attrib |= {"d": path.get("d", "")} | ({"transform": moved} if moved else {})


def _unwrap(parent: ET.Element) -> None:
    """Take what groups hold that say nothing into their place."""
    children: list[ET.Element] = []
    for child in parent:
        _unwrap(child)
        if child.tag in ("g", "defs") and not len(child):
            continue
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    parent[:] = children
