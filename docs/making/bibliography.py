"""The bibliography: every work, and what of it is computed where."""

from making.markdown import escaped, page
from mvtheory.references import bibliography

WHERE = "booktitle", "journal", "howpublished", "publisher", "note"


def bibliography_page(uses: dict[str, list[str]]) -> str:
    """The works of references.bib, each with the names that cite it."""
    works = sorted(bibliography().items(), key=lambda item: (item[1]["author"], item[1]["year"]))
    return page(
        "Bibliography",
        "Made from `mvtheory/references.bib`, the one bibliography: a key that is not in it is an "
        "error where it is used.",
        *(_work(key, entry, uses[key]) for key, entry in works),
    )


def _work(key: str, entry: dict[str, str], names: list[str]) -> str:
    where = next((entry[field] for field in WHERE if field in entry), "")
    details = [where, entry.get("volume", ""), entry.get("pages", "").replace("--", "-")]
    place = " ".join(part for part in details if part)
    authors = entry["author"].replace(" and ", "; ")
    lines = [f"**{escaped(authors)}** ({entry['year']}). *{escaped(entry['title'])}*."]
    if place:
        lines.append(f"{escaped(place)}.")
    if "eprint" in entry:
        lines.append(f"[arXiv:{entry['eprint']}](https://arxiv.org/abs/{entry['eprint']}).")
    text = " ".join(lines)
    if names:
        links = ", ".join(f"{{py:obj}}`{n.removeprefix('mvtheory.')} <{n}>`" for n in names)
        text += f"\\\nUsed by {links}."
    return f"(work-{key})=\n{text}"
