from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agentverse.errors import SettingsError
from agentverse.models.constraint import JsonSchema
from agentverse.models.manual import LOOK_SECONDS, ManualModel
from agentverse.models.protocol import Message, Request
from agentverse.models.registry import open_model


async def _appears(folder: Path, count: int = 1) -> list[Path]:
    """The unanswered requests, once there are ``count``."""
    async with asyncio.timeout(5):
        while True:
            index = folder / "PENDING"
            lines = index.read_text().splitlines() if index.exists() else []
            if len(lines) == count:
                return [folder / line.split("\t")[0] for line in lines]
            await asyncio.sleep(0.01)


def _answer(request: Path, text: str) -> None:
    spare = request.with_suffix(".tmp")
    spare.write_text(text)
    spare.rename(request.with_suffix(".reply.md"))


async def test_a_request_is_a_page_and_the_reply_a_file_beside_it(tmp_path, ask):
    model = await open_model(f"manual:{tmp_path / 'desk'}")
    schema = JsonSchema("verdict", {"type": "object", "title": "Verdict"})
    call = asyncio.create_task(model.complete(ask("write a clock", key="check#1/repair/1.1", constraint=schema)))
    (page,) = await _appears(tmp_path / "desk")
    assert page.name == "0001-check#1-repair-1.1.md"
    text = page.read_text()
    for part in (
        "## system\n\nbe short",
        "## user\n\nwrite a clock",
        '"title": "Verdict"',
        "0001-check#1-repair-1.1.reply.md",
    ):
        assert part in text
    _answer(page, "\ufeff<think>hm</think>\r\nhere\r\n")
    response = await call
    assert (response.choices[0].text, response.choices[0].thinking) == ("here", "hm")
    assert response.usage.prompt > 0
    assert (tmp_path / "desk" / "PENDING").read_text() == ""


async def test_an_empty_or_growing_reply_is_waited_for(tmp_path, ask):
    model = ManualModel(tmp_path)
    call = asyncio.create_task(model.complete(ask()))
    (page,) = await _appears(tmp_path)
    reply = page.with_suffix(".reply.md")
    reply.write_text("  \n")
    await asyncio.wait([call], timeout=3 * LOOK_SECONDS)
    assert not call.done()
    reply.unlink()
    with reply.open("w") as file:
        for _ in range(8):
            file.write("more ")
            file.flush()
            await asyncio.wait([call], timeout=LOOK_SECONDS / 2)
            assert not call.done()
    assert (await call).choices[0].text.count("more") == 8


async def test_requests_at_the_same_time_have_their_own_pages(tmp_path, ask):
    model = ManualModel(tmp_path)
    calls = [asyncio.create_task(model.complete(ask(key=f"code#1/{name}/1.1"))) for name in ("a.py", "../b.py")]
    pages = await _appears(tmp_path, 2)
    assert sorted(page.name[:4] for page in pages) == ["0001", "0002"]
    assert all(page.parent == tmp_path for page in pages)
    for page in pages:
        _answer(page, page.name)
    assert len({(await call).choices[0].text for call in calls}) == 2


async def test_samples_are_pages_of_their_own(tmp_path, ask):
    call = asyncio.create_task(ManualModel(tmp_path).complete(ask(n=2)))
    for number, page in enumerate(await _appears(tmp_path, 2)):
        _answer(page, f"sample {number}")
    assert [choice.text for choice in (await call).choices] == ["sample 0", "sample 1"]


async def test_the_same_request_takes_the_reply_that_is_there(tmp_path, ask):
    first = asyncio.create_task(ManualModel(tmp_path).complete(ask()))
    (page,) = await _appears(tmp_path)
    _answer(page, "said once")
    await first
    assert (await ManualModel(tmp_path).complete(ask())).choices[0].text == "said once"
    edited = asyncio.create_task(ManualModel(tmp_path).complete(ask("another prompt")))
    (page,) = await _appears(tmp_path)
    assert page.name.startswith("0002-")
    edited.cancel()
    with pytest.raises(asyncio.CancelledError):
        await edited
    assert (tmp_path / "PENDING").read_text() == ""


async def test_hostile_words_stay_on_the_page(tmp_path):
    request = Request((Message("user", "\udce9 --> <script>"),), key="a#1/--> x/1.1")
    call = asyncio.create_task(ManualModel(tmp_path).complete(request))
    (page,) = await _appears(tmp_path)
    assert page.read_text().splitlines()[0].count("-->") == 1
    _answer(page, "ok")
    await call
    assert (await ManualModel(tmp_path).complete(request)).choices[0].text == "ok"


async def test_a_folder_must_be_named():
    with pytest.raises(SettingsError):
        await open_model("manual:")
