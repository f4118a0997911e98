"""The page's words for what the server says: each belongs to a sentence that the server does say."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from tests.web.conftest import COMPANY, Model, Office
from tests.web.page.conftest import CHECKOUT, SOURCES, visiting

TABLE = SOURCES.source / "src" / "i18n" / "zh" / "sentences.json"
CHINESE = {"locale": "zh-CN"}


def sentences() -> Iterator[str]:
    """Every text in the source, with ``{0}``, ``{1}`` … for what is filled in."""
    for path in (CHECKOUT / "agentverse").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield _template(node)


def _template(node: ast.JoinedStr) -> str:
    said, place = "", 0
    for value in node.values:
        if isinstance(value, ast.Constant):
            said += str(value.value)
        else:
            said += f"{{{place}}}"
            place += 1
    return said


def test_every_sentence_of_the_table_is_one_that_is_said() -> None:
    table: dict[str, str] = json.loads(TABLE.read_text(encoding="utf-8"))
    assert sorted(set(table) - set(sentences())) == []
    assert len(table) > 150
    holes = re.compile(r"{\d}")
    for english, chinese in table.items():
        assert sorted(holes.findall(english)) == sorted(holes.findall(chinese)), english
        assert english != chinese


async def test_why_a_run_failed_is_said_in_the_language_of_the_page(
    office: Office, chromium: Browser, model: Model
) -> None:
    browser = await office.browser()
    await browser.post("/api/runs", {"idea": "add", "name": "small", "limits": {"turns": 1}})
    await browser.over("small")
    async with visiting(chromium, office, **CHINESE) as visitor:
        await visitor.go("/runs/small")
        await expect(visitor.page.get_by_role("log")).to_contain_text("达到上限：轮次 1 / 1")
        await expect(visitor.page.get_by_role("log")).to_contain_text("达到上限：轮次 1（已用 1）")
        assert visitor.troubles == []


@pytest.mark.parametrize(
    ("change", "said"), [("prompt: Design it.", "“ask”需要“prompt”。"), ("cto", "没有角色 'ceto'")]
)
async def test_what_is_wrong_with_a_company_is_said_in_the_language_of_the_page(
    office: Office, chromium: Browser, change: str, said: str
) -> None:
    wrong = COMPANY.replace(f"    {change}\n", "") if "prompt" in change else COMPANY.replace(change, "ceto")
    (office.web.project / "companies" / "tiny.yaml").write_text(wrong, encoding="utf-8")
    async with visiting(chromium, office, **CHINESE) as visitor:
        await visitor.go("/companies/company/tiny")
        await visitor.see(said)
        assert visitor.troubles == []
