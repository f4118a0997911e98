from __future__ import annotations

from dataclasses import replace

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from agentverse.errors import ModelUnavailable, SettingsError, ToolsRefused
from agentverse.journal.events import Usage
from agentverse.models.calling import Wanted, as_text
from agentverse.models.langchain import LangChainModel
from agentverse.models.protocol import Delta, Message, ToolSpec
from agentverse.models.registry import open_model


async def test_a_reply_with_blocks_usage_and_thoughts(ask):
    counts = {
        "input_tokens": 10,
        "output_tokens": 5,
        "total_tokens": 15,
        "input_token_details": {"cache_read": 4},
        "output_token_details": {"reasoning": 2},
    }
    blocks = [{"type": "thinking", "thinking": "why"}, {"type": "text", "text": "a"}, "b"]
    answer = AIMessage(content=blocks, usage_metadata=counts, response_metadata={"stop_reason": "max_tokens"})
    model = LangChainModel(GenericFakeChatModel(messages=iter([answer])), name="MiniCPM4-8B")
    response = await model.complete(ask())
    choice = response.choices[0]
    assert (choice.text, choice.thinking, choice.finish) == ("ab", "why", "length")
    assert response.usage == Usage(prompt=10, completion=5, cached=4, reasoning=2)
    assert model.profile.family == "MiniCPM4"


async def test_pieces_are_shown_and_joined(ask):
    model = LangChainModel(GenericFakeChatModel(messages=iter(["hello big world"])))
    seen: list[Delta] = []
    response = await model.complete(ask(on_delta=seen.append))
    assert response.choices[0].text == "hello big world"
    assert len(seen) > 2
    assert "".join(delta.text for delta in seen) == "hello big world"
    assert response.usage.prompt > 0
    assert model.profile.usage_estimated


async def test_samples_are_drawn_together(ask):
    model = LangChainModel(GenericFakeChatModel(messages=iter(["a", "b", "c"])))
    response = await model.complete(ask(n=3))
    assert sorted(choice.text for choice in response.choices) == ["a", "b", "c"]


class Broken(GenericFakeChatModel):
    def _generate(self, *_args, **_kwargs):
        raise RuntimeError("key sk-secret is refused")


async def test_an_error_of_the_wrapped_model_names_its_class_and_no_more(ask):
    with pytest.raises(ModelUnavailable, match=r"Broken \(LangChain\) failed: RuntimeError") as error:
        await LangChainModel(Broken(messages=iter([]))).complete(ask())
    assert "sk-secret" not in str(error.value)


async def test_a_class_is_opened_by_name(ask):
    place = "langchain_core.language_models.fake_chat_models:FakeListChatModel"
    model = await open_model({"provider": "langchain", "model": place, "extra": {"responses": ["hi"]}})
    assert (await model.complete(ask())).choices[0].text == "hi"


@pytest.mark.parametrize("place", ["nowhere_at_all:Model", "json:JSONDecoder"])
async def test_a_class_that_cannot_be_used_is_refused(place):
    with pytest.raises(SettingsError):
        await open_model({"provider": "langchain", "model": place})


class Caller(GenericFakeChatModel):
    """A model with tool calling of its own, as providers of LangChain have it."""

    def bind_tools(self, tools, **_):
        return self.bind(tools=tools)

    def _generate(self, messages, stop=None, run_manager=None, **given):
        self.metadata = {"messages": messages, **given}
        return super()._generate(messages, stop, run_manager)


LOOK = ToolSpec("notes.find", "Finds notes.", {"type": "object", "properties": {"text": {"type": "string"}}})
CALL = as_text([Wanted("notes.find", {"text": "owls"})])


async def test_tools_are_called_in_the_models_own_way(ask):
    said = AIMessage(content="Let me see.", tool_calls=[{"name": "notes__find", "args": {"text": "owls"}, "id": "1"}])
    model = LangChainModel(Caller(messages=iter([said, "Two owls."])))
    assert model.profile.tools
    response = await model.complete(ask(tools=(LOOK,)))
    assert (response.choices[0].text, response.choices[0].thinking) == (CALL, "Let me see.")
    told = (Message("user", "How many?"), Message("assistant", CALL), Message("tool", "two"))
    response = await model.complete(replace(ask(tools=(LOOK,)), messages=told))
    assert response.choices[0].text == "Two owls."
    seen = model.model.metadata
    assert seen["tools"][0]["function"]["name"] == "notes__find"
    assert [message.type for message in seen["messages"]] == ["human", "ai", "tool"]
    assert seen["messages"][1].tool_calls[0]["args"] == {"text": "owls"}
    assert seen["messages"][2].tool_call_id == seen["messages"][1].tool_calls[0]["id"]


async def test_a_model_without_tool_calling_of_its_own_says_so(ask):
    model = LangChainModel(GenericFakeChatModel(messages=iter(["x"])), tools=True)
    with pytest.raises(ToolsRefused):
        await model.complete(ask(tools=(LOOK,)))
    assert not model.profile.tools
