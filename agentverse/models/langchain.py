"""Any chat model of LangChain."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.runnables import Runnable

from agentverse.errors import ModelUnavailable, SettingsError, ToolsRefused
from agentverse.journal.events import Usage
from agentverse.models import calling, estimate
from agentverse.models.messages import normalise
from agentverse.models.profiles import profile_for
from agentverse.models.protocol import ChatModel, Choice, Delta, Profile, Request, Response, ToolCall, ToolSpec
from agentverse.models.spec import ModelSpec
from agentverse.models.thinking import split_thinking

_CLASSES: Mapping[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}

Asked = Runnable[LanguageModelInput, AIMessage]
"""The model, with tools where there are any."""


def from_spec(spec: ModelSpec) -> ChatModel:
    """``model`` is ``package.module:Class``, optionally ``#name``; ``extra`` are the arguments of the class.

    Raises:
        SettingsError: there is no such class, or it refuses its arguments.
    """
    place, _, name = spec.model.partition("#")
    module, _, attribute = place.partition(":")
    try:
        made = getattr(importlib.import_module(module), attribute)(**spec.extra)
    except ImportError as error:
        package = module.partition(".")[0].replace("_", "-")
        raise SettingsError(f"{spec.model!r} cannot be imported: {error}", fix=f"pip install {package}") from error
    except Exception as error:
        raise SettingsError(f"{spec.model!r} cannot be made: {type(error).__name__}") from error
    if not isinstance(made, BaseChatModel):
        raise SettingsError(f"{spec.model!r} is no BaseChatModel of LangChain")
    return LangChainModel(made, name=name, context=spec.context, tools=spec.tools)


class LangChainModel:
    """Speaks to a `BaseChatModel`, which keeps its own retries and sampling; what a request asks for beyond messages
    and ``stop`` is left to it, and readers of replies validate anyway.

    Args:
        model: the model to wrap.
        name: its name, for the profile; taken from the model when "".
        context: tokens; taken from the profile when None.
        tools: whether tools are called in its own way; None: where its class has one.
    """

    provider = "langchain"

    def __init__(
        self, model: BaseChatModel, *, name: str = "", context: int | None = None, tools: bool | None = None
    ) -> None:
        self.model = model
        self.name = name or _name_of(model)
        profile = profile_for(self.name)
        own = type(model).bind_tools is not BaseChatModel.bind_tools
        tools = own if tools is None else tools
        self.profile: Profile = replace(profile, context=context or profile.context, tools=tools)

    async def contact(self) -> Mapping[str, Any]:
        return {"class": type(self.model).__name__, "model": self.name}

    async def complete(self, request: Request) -> Response:
        """See `agentverse.models.protocol.ChatModel`.

        Raises:
            ToolsRefused: the model's class has no way to call tools.
            ModelUnavailable: the wrapped model raised, whatever it was.
        """
        messages = [_message(message) for message in calling.spoken(normalise(request.messages, self.profile))]
        model = self._asked(request)
        stop = list(request.stop) or None
        begun = time.monotonic()
        try:
            async with asyncio.timeout(request.deadline):
                if request.n > 1:
                    answers = await model.abatch([messages] * request.n, stop=stop)
                    first_token = 0.0
                elif request.on_delta is not None:
                    answer, first_token = await self._stream(model, messages, request, stop)
                    answers = [answer]
                else:
                    answers, first_token = [await model.ainvoke(messages, stop=stop)], 0.0
        except TimeoutError as error:
            raise ModelUnavailable(f"{self._who()} did not answer within {request.deadline:.3g} s") from error
        except Exception as error:
            raise ModelUnavailable(f"{self._who()} failed: {type(error).__name__}") from error
        return self._response(request, answers, time.monotonic() - begun, first_token)

    async def close(self) -> None:
        pass

    async def _stream(
        self, model: Asked, messages: list[BaseMessage], request: Request, stop: list[str] | None
    ) -> tuple[AIMessage, float]:
        begun, first_token = time.monotonic(), 0.0
        whole: AIMessageChunk | None = None
        async for piece in model.astream(messages, stop=stop):
            chunk = cast(AIMessageChunk, piece)
            text, thinking = _content(chunk.content)
            if (text or thinking) and request.on_delta is not None:
                first_token = first_token or time.monotonic() - begun
                request.on_delta(Delta(request.key, text, thinking))
            whole = chunk if whole is None else whole + chunk
        return whole or AIMessage(content=""), first_token

    def _response(self, request: Request, answers: Sequence[AIMessage], seconds: float, first_token: float) -> Response:
        choices = tuple(_choice(answer, request.tools) for answer in answers)
        counted = [_usage(answer) for answer in answers]
        if all(usage is not None for usage in counted):
            usage = sum((usage for usage in counted if usage is not None), Usage())
        else:
            usage = estimate.usage(request.messages, choices, self.profile)
            if not self.profile.usage_estimated:
                self.profile = replace(self.profile, usage_estimated=True)
        return Response(choices, usage, self.name, seconds, first_token)

    def _asked(self, request: Request) -> Asked:
        """Raises ToolsRefused."""
        if not request.tools:
            return self.model
        try:
            return self.model.bind_tools(calling.definitions(request.tools))
        except NotImplementedError as error:
            self.profile = replace(self.profile, tools=False)
            raise ToolsRefused(f"{self._who()} calls no tools") from error

    def _who(self) -> str:
        return f"{type(self.model).__name__} (LangChain)"


def _name_of(model: BaseChatModel) -> str:
    for attribute in ("model_name", "model"):
        value = getattr(model, attribute, None)
        if isinstance(value, str) and value:
            return value
    return type(model).__name__


def _message(said: Mapping[str, Any]) -> BaseMessage:
    if said["role"] == "tool":
        return ToolMessage(said["content"], tool_call_id=said["tool_call_id"])
    if "tool_calls" not in said:
        return _CLASSES[said["role"]](content=said["content"])
    calls = [
        {"name": call["function"]["name"], "args": json.loads(call["function"]["arguments"]), "id": call["id"]}
        for call in said["tool_calls"]
    ]
    return AIMessage(content="", tool_calls=calls)


def _choice(answer: AIMessage, tools: Sequence[ToolSpec]) -> Choice:
    text, apart = _content(answer.content)
    said = split_thinking(text)
    more = answer.additional_kwargs.get("reasoning_content")
    thinking = "\n\n".join(part for part in (apart, more if isinstance(more, str) else "", said.thinking) if part)
    metadata = cast("dict[str, Any]", answer.response_metadata)
    finish = metadata.get("finish_reason") or metadata.get("stop_reason") or "stop"
    finish = {"end_turn": "stop", "max_tokens": "length"}.get(str(finish), str(finish))
    calls = [ToolCall(call["name"], json.dumps(call["args"])) for call in answer.tool_calls]
    calls += [ToolCall(call["name"] or "", call["args"] or "") for call in answer.invalid_tool_calls]
    choice = Choice(said.text, thinking, finish, calls=tuple(calls))
    return calling.heard(choice, tools) if calls else choice


def _content(content: str | list[str | dict[str, Any]]) -> tuple[str, str]:
    """Text and thinking of a message, whether it is a string or blocks."""
    if isinstance(content, str):
        return content, ""
    text: list[str] = []
    thinking: list[str] = []
    for block in content:
        if isinstance(block, str):
            text.append(block)
        elif block.get("type") in ("thinking", "reasoning"):
            thinking.append(str(block.get("thinking") or block.get("reasoning") or ""))
        elif isinstance(block.get("text"), str):
            text.append(str(block["text"]))
    return "".join(text), "".join(thinking)


def _usage(answer: AIMessage) -> Usage | None:
    counts = answer.usage_metadata
    if counts is None:
        return None
    return Usage(
        prompt=counts["input_tokens"],
        completion=counts["output_tokens"],
        cached=counts.get("input_token_details", {}).get("cache_read") or 0,
        reasoning=counts.get("output_token_details", {}).get("reasoning") or 0,
    )
