"""The pages behind the diagnostics' codes: ``pages/<code>.md``, whose first line is the code's title."""

from __future__ import annotations

from importlib.resources import files


def titles() -> dict[str, str]:
    """Every code that has a page, in order, and its title."""
    pages = (page for page in files("bailiwick.language").joinpath("pages").iterdir() if page.name.endswith(".md"))
    found = {page.name.removesuffix(".md"): page.read_text("utf-8").partition("\n")[0] for page in pages}
    return {code: found[code].removeprefix("# ") for code in sorted(found)}


def explain(code: str) -> str:
    """The code's page, as Markdown; raises KeyError for a code without one."""
    if code not in titles():
        raise KeyError(code)
    return files("bailiwick.language").joinpath("pages", f"{code}.md").read_text("utf-8")
