"""Looks a static website over, inside the box: ``python -m agentverse_site REPORT`` writes JUnit XML, one case a page.

A page is wrong when an element is never closed or closes nothing, an id is given twice, a file that it links to is not
there, or it is loaded from another server. Exit code 0: all pages are right; 1: some are not; 2: there is none.
"""

from __future__ import annotations

import os
import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import quoteattr

VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
OPTIONAL = {
    "html", "head", "body", "p", "li", "dt", "dd", "option", "optgroup", "thead", "tbody", "tfoot", "tr", "td", "th",
    "colgroup", "rp", "rt", "caption",
}  # fmt: skip
"""Elements whose end may be left out."""
LINKS = {"href", "src", "poster", "data", "action"}
LOADED = {"src", "poster", "data"}
STYLE_LINK = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
MOST = 20
BIGGEST = 4 << 20


class Page(HTMLParser):
    """Faults of one page, each with its line."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.open: list[tuple[str, int]] = []
        self.faults: list[tuple[int, str]] = []
        self.ids: set[str] = set()
        self.wanted: list[tuple[int, str]] = []
        """Ids of this page that links lead to."""
        self.elements = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append((tag, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        line = self.getpos()[0]
        for name, value in attrs:
            if name == "id" and value:
                if value in self.ids:
                    self.faults.append((line, f"the id {value!r} is given twice"))
                self.ids.add(value)
            elif name in LINKS and value:
                self._link(line, tag, name, value.strip())

    def handle_endtag(self, tag: str) -> None:
        line = self.getpos()[0]
        if tag in VOID:
            return
        names = [name for name, _ in self.open]
        if tag not in names:
            if tag not in OPTIONAL:
                self.faults.append((line, f"</{tag}> closes nothing"))
            return
        while self.open:
            name, begun = self.open.pop()
            if name == tag:
                return
            if name not in OPTIONAL:
                self.faults.append((begun, f"<{name}> is not closed before </{tag}> in line {line}"))

    def end(self) -> None:
        self.close()
        self.faults += [(line, f"<{name}> is never closed") for name, line in self.open if name not in OPTIONAL]
        self.faults += [
            (line, f"links to #{id}, but no element has this id") for line, id in self.wanted if id not in self.ids
        ]

    def _link(self, line: int, tag: str, name: str, value: str) -> None:
        loads = name in LOADED or tag == "link"
        if value.startswith("#"):
            if len(value) > 1 and name == "href" and tag == "a" and value != "#top":
                self.wanted.append((line, unquote(value[1:])))
        elif fault := fault_of(self.path, value, loads=loads):
            self.faults.append((line, fault))


def fault_of(page: str, link: str, *, loads: bool) -> str:
    """What is wrong with a link on a page; "" when nothing is."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return f"links to {link!r}, which is no address"
    if parts.scheme or parts.netloc:
        away = parts.scheme in ("http", "https", "") and parts.netloc
        return f"loads {link[:120]!r} from another server" if loads and away else ""
    if not parts.path:
        return ""
    place = unquote(parts.path)
    target = place.lstrip("/") if place.startswith("/") else os.path.join(os.path.dirname(page), place)
    target = os.path.normpath(target)
    if target.startswith(".."):
        return f"links to {link[:120]!r}, which lies outside the site"
    there = os.path.isfile(target) or os.path.isfile(os.path.join(target, "index.html"))
    return "" if there else f"links to {link[:120]!r}, which is not there"


def faults_in(path: str) -> list[tuple[int, str]]:
    """Everything that is wrong with one page or style sheet."""
    with open(path, "rb") as file:
        data = file.read(BIGGEST + 1)
    if len(data) > BIGGEST:
        return [(1, "it is too big to be looked over")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [(1, "it is not UTF-8")]
    if path.endswith(".css"):
        found = ((text.count("\n", 0, link.start()) + 1, link[1] or link[2]) for link in STYLE_LINK.finditer(text))
        faults = [(line, fault_of(path, link.strip(), loads=True)) for line, link in found]
        return [(line, fault) for line, fault in faults if fault]
    page = Page(path)
    page.feed(text)
    page.end()
    return sorted(page.faults) if page.elements else [(1, "there is no element in it")]


def pages() -> list[str]:
    """Pages and style sheets below the current folder."""
    found: list[str] = []
    for folder, folders, names in os.walk("."):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        paths = (os.path.normpath(os.path.join(folder, name)) for name in sorted(names))
        found += [path for path in paths if path.endswith((".html", ".htm", ".css"))]
    return found


def case(path: str) -> tuple[bool, str]:
    """Whether one file is right, and its case as XML."""
    head = f'<testcase name={quoteattr(f"{path} is sound")} time="0">'
    faults = [f"{path}:{line}: {what}" for line, what in faults_in(path)[:MOST]]
    if not faults:
        return True, f"{head}</testcase>"
    message, text = quoteattr(faults[0]), "\n".join(faults).replace("&", "&amp;").replace("<", "&lt;")
    return False, f"{head}<failure message={message}>{text}</failure></testcase>"


def main() -> int:
    cases = [case(path) for path in pages()]
    if not any(path.endswith((".html", ".htm")) for path in pages()):
        sys.stderr.write("there is no HTML page\n")
        return 2
    if not os.path.isfile("index.html"):
        cases.append((False, '<testcase name="index.html"><failure message="there is no index.html"/></testcase>'))
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
            + "\n".join(xml for _, xml in cases)
            + "\n</testsuites>\n"
        )
    return 0 if all(right for right, _ in cases) else 1


if __name__ == "__main__":
    sys.exit(main())
