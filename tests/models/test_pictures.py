"""Pictures in prompts: what counts as one, and how it travels, over real HTTP."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from agentverse.errors import ModelRejected
from agentverse.models import estimate
from agentverse.models.messages import normalise
from agentverse.models.pictures import BIGGEST, Picture, Placed, kind_of, read_picture
from agentverse.models.profiles import DEFAULT, Profile, profile_for
from agentverse.models.protocol import Message, Request
from agentverse.testing.manners import Manners


def encoded(kind: str, size: tuple[int, int] = (9, 7)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def picture(name: str = "dot.png") -> Picture:
    found = read_picture(encoded("PNG"), name=name, ref=f"c0ffee:{name}")
    assert found is not None
    return found


# ---------------------------------------------------------------------- what counts as one


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_is_known_by_its_content(kind: str) -> None:
    found = read_picture(encoded(kind), name="no-ending", ref="x")
    assert found is not None
    assert (found.kind, found.width, found.height) == (kind, 9, 7)
    assert found.url.startswith(f"data:image/{kind.lower()};base64,")
    assert base64.b64decode(found.url.partition(",")[2]) == encoded(kind)


def _claims(width: int) -> bytes:
    """A PNG whose header claims to be that wide."""
    data = encoded("PNG")
    return data[:16] + width.to_bytes(4, "big") + data[20:]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"print('logo.png')",
        encoded("BMP"),
        encoded("TIFF"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
        b"\xff\xd8\xff" + b"x" * 200,
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\0\0\0\0WAVEfmt ",
        _claims(50_000),
        _claims(2_000_000_000),
        _claims(0),
        encoded("PNG") + b"\0" * BIGGEST,
    ],
)
def test_anything_else_and_what_is_too_large_is_none(data: bytes) -> None:
    assert read_picture(data, name="logo.png", ref="x") is None


def test_the_kind_is_told_without_reading_on() -> None:
    assert [kind_of(encoded(kind)) for kind in ("PNG", "WEBP", "BMP")] == ["PNG", "WEBP", ""]


# ---------------------------------------------------------------------- how it travels


def test_messages_that_are_merged_keep_each_picture_behind_its_text() -> None:
    one, other = picture("one"), picture("other")
    messages = [
        Message("system", "be short"),
        Message("user", "ab", (Placed(1, one),)),
        Message("user", "cd", (Placed(2, other),)),
    ]
    (only,) = normalise(messages, Profile("p", system_role=False))
    kinds = [part.get("text", "picture") for part in only["content"]]
    assert kinds == ["be short\n\na", "picture", "b\n\ncd", "picture"]
    system, both = normalise(messages, Profile("p"))
    assert system == {"role": "system", "content": "be short"}
    assert [part.get("text", "picture") for part in both["content"]] == ["a", "picture", "b\n\ncd", "picture"]


def test_messages_of_text_alone_stay_plain_text() -> None:
    assert normalise([Message("user", "hello")], DEFAULT) == [{"role": "user", "content": "hello"}]


def test_a_picture_counts_for_what_its_family_says() -> None:
    text = [Message("user", "hello")]
    seen = [Message("user", "hello", (Placed(5, picture()),))]
    profile = profile_for("openbmb/MiniCPM-V-4_6")
    assert profile.sees is True
    assert estimate.prompt_tokens(seen, profile) - estimate.prompt_tokens(text, profile) == 640


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("openbmb/MiniCPM-V-4.6-Thinking", True),
        ("MiniCPM-V-4_5", True),
        ("openbmb/MiniCPM-o-4_5", True),
        ("openbmb/MiniCPM5-2B", False),
        ("MiniCPM4.1-8B", False),
        ("somebody/else", None),
    ],
)
def test_families_say_who_sees(name: str, sees: bool | None) -> None:
    assert profile_for(name).sees is sees


REQUEST = Request(
    (Message("system", "be short"), Message("user", "Look:\n\nWhat is it?", (Placed(5, picture()),))),
    key="look#1/-/1.1",
)


@pytest.mark.parametrize("dialect", ["vllm", "llamacpp", "openai"])
async def test_every_dialect_gets_a_picture_as_a_data_address_between_the_texts(serve, dialect) -> None:
    server, model = await serve(["a dot"], manners=Manners(dialect=dialect), context=16000)
    await model.contact()
    assert (await model.complete(REQUEST)).choices[0].text == "a dot"
    system, user = server.requests[0].body["messages"]
    assert system == {"role": "system", "content": "be short"}
    assert [part["type"] for part in user["content"]] == ["text", "image_url", "text"]
    assert user["content"][0]["text"] == "Look:"
    assert user["content"][1]["image_url"] == {"url": picture().url}


@pytest.mark.parametrize("dialect", ["vllm", "llamacpp"])
async def test_a_server_that_refuses_pictures_is_told_of_once_with_what_to_do(serve, dialect) -> None:
    server, model = await serve([], manners=Manners(dialect=dialect, sees=False))
    with pytest.raises(ModelRejected, match="sees no pictures") as caught:
        await model.complete(REQUEST)
    assert "[models.vision]" in caught.value.fix
    assert "--mmproj" in caught.value.fix
    assert server.started == 1


async def test_what_the_settings_say_goes_before_the_server_and_the_family(serve) -> None:
    blind = Manners(dialect="llamacpp", sees=False)
    _, said = await serve([], manners=blind, spec={"sees": True})
    _, asked = await serve([], manners=blind)
    _, unknown = await serve([])
    for model in (said, asked, unknown):
        await model.contact()
    assert [model.profile.sees for model in (said, asked, unknown)] == [True, False, None]


# ---------------------------------------------------------------------- how probable tokens were


@pytest.mark.parametrize("dialect", ["vllm", "llamacpp", "openai"])
@pytest.mark.parametrize("watched", [False, True])
async def test_log_probabilities_are_asked_for_and_averaged(serve, ask, dialect, watched) -> None:
    from agentverse.testing.script import Reply

    server, model = await serve([Reply("one two three", logprob=-0.75)], manners=Manners(dialect=dialect))
    watch = {"on_delta": lambda delta: None} if watched else {}
    reply = await model.complete(ask(logprobs=True, **watch))
    assert reply.choices[0].logprob == pytest.approx(-0.75)
    assert server.requests[0].body["logprobs"] is True


async def test_a_server_that_refuses_to_say_is_asked_no_more(serve, ask) -> None:
    server, model = await serve(["one", "two", "three"], manners=Manners(logprobs=False))
    replies = [await model.complete(ask(logprobs=True)) for _ in range(2)]
    assert [reply.choices[0].logprob for reply in replies] == [None, None]
    assert ["logprobs" in request.body for request in server.requests] == [True, False, False]
