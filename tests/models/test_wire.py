from __future__ import annotations

import pytest

from agentverse.errors import ContextOverflow
from agentverse.models.failures import failure, from_error
from agentverse.models.keys import header_value, read_request_id, request_id, safe_name, split_attempt
from agentverse.models.messages import normalise
from agentverse.models.profiles import profile_for
from agentverse.models.protocol import Message, Profile
from agentverse.models.thinking import ThinkingStream, split_thinking
from agentverse.models.wire import Garbled, StreamReader, read_completion

CODE = "a.html\n```html\n<think>\nnot a thought\n</think>\n```\n"


@pytest.mark.parametrize(
    ("reply", "text", "thinking"),
    [
        ("plain", "plain", ""),
        ("<think>a</think>b", "b", "a"),
        ("\n <think>\na\n</think>\n\nb\n", "b", "a"),
        ("<think>never closed\nb", "", "never closed\nb"),
        ("opened by the template\n</think>\n\nb", "b", "opened by the template"),
        ("ends on its line</think>\nb", "b", "ends on its line"),
        ("<think></think>b", "b", ""),
        ("<think>a</think>\nb\n<think>c</think>\nd", "b\n\nd", "a\n\nc"),
        ("<thinking>a</thinking>b", "b", "a"),
        (CODE, CODE, ""),
        (f"<think>a</think>\n{CODE}", CODE.rstrip("\n"), "a"),
        ('print("</think>")', 'print("</think>")', ""),
        ("I think so", "I think so", ""),
    ],
)
def test_thoughts_are_told_from_words(reply, text, thinking):
    assert split_thinking(reply) == (text, thinking)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("reply", ["<think>a < b </th</think>\n\nhello <b>", "  hello", "<thin", "<think>open </thin"])
def test_a_stream_of_any_piece_size_says_the_same(reply, size):
    stream = ThinkingStream()
    pieces = [stream.feed(reply[at : at + size]) for at in range(0, len(reply), size)] + [stream.end()]
    said = split_thinking(reply)
    assert "".join(piece.text for piece in pieces).strip() == said.text.strip()
    assert "".join(piece.thinking for piece in pieces).strip() == said.thinking.strip()


@pytest.mark.parametrize("size", [1, 5, 4096])
def test_events_may_be_torn_anywhere(size):
    raw = (
        ': comment\r\n\r\ndata: {"model":"m","choices":[{"index":0,"delta":{"role":"assistant"}}]}\r\n\r\n'
        'data: {"choices":[{"index":0,"delta":{"content":"世"}},{"index":1,"delta":{"content":"x"}}]}\n\n'
        'event: message\ndata:{"choices":[{"index":0,"delta":{"content":"界"},"finish_reason":"length"}]}\n\n'
        'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\ndata: [DONE]'
    ).encode()
    shown: list[str] = []
    reader = StreamReader(lambda text, _: shown.append(text))
    for at in range(0, len(raw), size):
        reader.feed(raw[at : at + size])
    whole = reader.finish()
    assert [choice.text for choice in whole.choices] == ["世界", "x"]
    assert whole.choices[0].finish == "length"
    assert whole.usage is not None
    assert whole.usage.total == 5
    assert "".join(shown) == "世界"


def test_a_stream_without_its_end_is_no_reply():
    reader = StreamReader(lambda *_: None)
    reader.feed(b'data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n')
    with pytest.raises(Garbled, match="broke off"):
        reader.finish()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices": []}', b'{"choices": null}', b"\xff"])
def test_what_is_no_answer_is_garbled(body):
    with pytest.raises(Garbled):
        read_completion(body)


def test_content_may_come_in_parts_and_thoughts_apart():
    body = b'{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"text":"b"}],"reasoning":"why"}}]}'
    choice = read_completion(body).choices[0]
    assert (choice.text, choice.thinking, choice.finish) == ("ab", "why", "stop")


@pytest.mark.parametrize(
    ("message", "more", "prompt", "context"),
    [
        ("This model's maximum context length is 4096 tokens. However, you requested 5210 tokens "
         "(4710 in the messages, 500 in the completion).", {}, 4710, 4096),
        ("'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 "
         "tokens and your request has 1215 input tokens (5000 > 4096 - 1215).", {}, 1215, 4096),
        ("You passed 5210 input tokens and requested 500 output tokens. However, the model's context length is only "
         "4096 tokens", {}, 5210, 4096),
        ("The decoder prompt (length 5210) is longer than the maximum model length of 4096.", {}, 5210, 4096),
        ("request (5210 tokens) exceeds the available context size (4096 tokens), try increasing it", {}, 5210, 4096),
        ("the request exceeds the available context size", {"n_prompt_tokens": 5210, "n_ctx": 4096}, 5210, 4096),
        ("Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
         {"code": "context_length_exceeded"}, 300000, 272000),
        ("The input (5210 tokens) is longer than the model's context length (4096 tokens).", {}, 5210, 4096),
        ("Input length (5210) exceeds model's maximum context length (4096).", {}, 5210, 4096),
        ("This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input "
         "tokens, which exceeds this limit even without any output tokens.", {}, 4097, 4096),
    ],
)  # fmt: skip
def test_an_overflow_is_known_by_its_words(message, more, prompt, context):
    error = failure(from_error(400, {"message": message, **more}, {}), where="http://x/v1", model="m").error
    assert isinstance(error, ContextOverflow)
    assert (error.prompt, error.context) == (prompt, context)
    assert ("of at least" in str(error)) == ("at least" in message)


def test_messages_alternate_where_the_template_demands_it():
    messages = [
        Message("system", "a"), Message("system", "b"), Message("user", "c"), Message("user", "d"),
        Message("assistant", "e"), Message("system", "f"), Message("user", "g"),
    ]  # fmt: skip
    strict = normalise(messages, Profile("x"))
    assert [(m["role"], m["content"]) for m in strict] == [
        ("system", "a\n\nb"), ("user", "c\n\nd"), ("assistant", "e"), ("user", "f\n\ng"),
    ]  # fmt: skip
    assert [m["role"] for m in normalise(messages, Profile("x", system_role=False))] == ["user", "assistant", "user"]
    assert normalise(messages, Profile("x", system_role=False))[0]["content"] == "a\n\nb\n\nc\n\nd"
    loose = normalise(messages, Profile("x", strict_alternation=False))
    assert [m["role"] for m in loose] == ["system", "user", "user", "assistant", "system", "user"]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("openbmb/MiniCPM5-2B", "MiniCPM5-2B"), ("MiniCPM5-1B-Q4_K_M.gguf", "MiniCPM5"),
        ("MiniCPM4.1-8B", "MiniCPM4.1"), ("openbmb/MiniCPM4-0.5B", "MiniCPM4"), ("MiniCPM3-4B", "MiniCPM3"), 
        ("openbmb/MiniCPM-2B-dpo-bf16", "MiniCPM"),
        ("Qwen/Qwen3-8B", "Qwen3"), ("Qwen3-4B-Thinking-2507", "Qwen3-Thinking"), ("qwen3-coder:30b", "Qwen3-Instruct"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama 3.1"), ("Meta-Llama-3-8B", "Llama 3"), ("gpt-4o-mini", "gpt"),
        ("openai/gpt-oss-20b", "gpt-oss"), ("gpt-5-mini", "gpt-reasoning"), ("o3", "gpt-reasoning"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "DeepSeek-R1"), ("whatever", ""),
    ],
)  # fmt: skip
def test_a_name_finds_its_family(name, family):
    assert profile_for(name).family == family


def test_keys_survive_headers_and_file_names():
    assert split_attempt("code#1/main.py/1.2") == ("code#1/main.py/1", 2)
    assert split_attempt("code#1/main.py") == ("code#1/main.py", 1)
    key = "code#1/世界 a~2\r\nX-Evil: 1%/1.3"
    for sample in (1, 2):
        header = request_id("r1", key, sample)
        assert header.isascii()
        assert header.isprintable()
        assert read_request_id(header) == key
    assert header_value("plain/key#1") == "plain/key#1"
    assert safe_name("check#1/repair/1.1") == "check#1-repair-1.1"
    assert "/" not in safe_name("../../etc/passwd\0")
    assert len(safe_name("x" * 500)) <= 80
    assert safe_name("x" * 500) != safe_name("x" * 501)
