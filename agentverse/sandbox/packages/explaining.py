"""Says why packages could not be had: what the real index said counts more than what uv made of it."""

from __future__ import annotations

from agentverse.errors import Unsupplied
from agentverse.sandbox.packages.index import Index
from agentverse.sandbox.packages.policy import nearest
from agentverse.sandbox.packages.upstream import Page

BUILDING = "it is there as source only, and building it would run what it brings"


def explained(error: Unsupplied, index: Index) -> Unsupplied:
    """The best reason for a failure in the box: the index's, or uv's own words."""
    for problem in index.trouble:
        if problem.passing:
            fix = "Check the network and packages.index, then resume the run."
            return Unsupplied(f"the packages could not be got: {problem}", fix=fix, stops=True)
    if index.trouble:
        return Unsupplied(f"the packages cannot be used: {index.trouble[0]}")
    for name, page in index.pages.items():
        if page is None:
            return Unsupplied(f"there is no package {name!r} on the index", fix=nearest(name) or "Use another one.")
        if not page.wheels and (reason := _empty(page)):
            return Unsupplied(f"the package {name!r} cannot be used: {reason}", fix=nearest(name) or "Use another one.")
    return error


def _empty(page: Page) -> str:
    if page.fresh:
        return "all of it was uploaded within the last days, which packages.newest_days keeps out"
    return BUILDING if page.sources else "nothing of it can be checked"
