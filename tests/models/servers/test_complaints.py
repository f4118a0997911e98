from __future__ import annotations

import pytest

from agentverse.models.servers.complaints import failed, own_words
from agentverse.models.servers.launch import Launch

LAUNCH = Launch("vllm", "MiniCPM5-2B", ("vllm",), 8000, 16384, 16)
ENGINE = "(EngineCore_DP0 pid=812) ERROR 11-25 09:12:03 [core.py:708] "

LOGS = {
    "driver": (
        f"{ENGINE}RuntimeError: The NVIDIA driver on your system is too old (found version 12020).\n"
        "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}",
        "driver does not suit the server",
        "--engine llamacpp",
    ),
    "context": (
        f"{ENGINE}ValueError: To serve at least one request with the models's max seq len (65536), 2.6 GiB KV cache is "
        "needed, which is larger than the available KV cache memory. The estimated maximum model length is 21504.",
        "does not hold so long a context",
        "--context",
    ),
    "trained": (
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n"
        "  Value error, User-specified max_model_len (16384) is greater than the derived max_model_len "
        "(max_position_embeddings=8192.0 or model_max_length=None in model's config.json). [type=value_error]\n"
        "    For further information visit https://errors.pydantic.dev/2.14/v/value_error",
        "not made for so long a context",
        "--context",
    ),
    "memory of a processor": (
        f"{ENGINE}ValueError: Available memory on node 0 (9.1/23.4 GiB) on kv cache allocation is less than requested "
        "memory for kv (12.0 GiB). Decrease --kv-cache-memory-bytes",
        "too little memory",
        "--context",
    ),
    "cuda": (
        f"{ENGINE}torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 594.00 MiB.",
        "too little memory",
        "smaller model",
    ),
    "llama memory": (
        "0.55.440.960 E llama_init_from_model: failed to initialize the context: std::bad_alloc\n"
        "Failed to init server, please check the input params.",
        "too little memory",
        "--context",
    ),
    "half": (
        "0.00.012.000 W load: special tokens are odd\n"
        "0.00.013.820 E llama_model_load: error loading model: tensor 'output.weight' data is not within the file "
        "bounds, model is corrupted or incomplete\n0.00.013.853 E srv load_model: failed to load model",
        "damaged or only half there",
        "agentverse models pull",
    ),
    "half safetensors": (
        "safetensors_rust.SafetensorError: Error while deserializing header: file not fully covered",
        "damaged or only half there",
        "agentverse models pull",
    ),
    "gated": (
        "OSError: You are trying to access a gated repo. 401 Client Error. Access to model x/y is restricted.",
        "only to those who asked for it",
        "HF_TOKEN",
    ),
    "port": ("OSError: [Errno 98] Address already in use", "port is taken", "--port"),
    "old": (
        "vllm serve: error: argument --tool-call-parser: invalid choice: 'minicpm5' (choose from 'hermes')",
        "too old or too new",
        "pip install --upgrade",
    ),
    "architecture": (
        "0.00.013.820 E llama_model_load: error loading model: unknown model architecture: 'minicpm9'",
        "too old or too new",
        "pip install --upgrade",
    ),
    "template": (
        "ValueError: As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat "
        "template if the tokenizer does not define one.",
        "no chat template",
        "models list",
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_what_a_server_died_of_is_one_sentence_with_its_own_words_and_a_fix(name: str) -> None:
    log, what, fix = LOGS[name]
    error = failed(LAUNCH, log, code=1, where="/log")
    assert what in str(error)
    assert "\n" not in str(error)
    assert str(error).startswith("vLLM could not serve MiniCPM5-2B because ")
    assert own_words(log) in str(error)
    assert fix in str(error.fix)


def test_the_first_cause_counts_and_not_that_another_process_failed() -> None:
    log, _, _ = LOGS["driver"]
    assert own_words(log).startswith("RuntimeError: The NVIDIA driver")


def test_an_unknown_death_shows_the_last_line_and_where_the_log_is() -> None:
    error = failed(LAUNCH, "starting\n\x1b[31mSomething odd\x1b[0m\n\n", code=3, where="/state/servers/m.log")
    assert str(error) == "vLLM could not serve MiniCPM5-2B because it ended with exit code 3: Something odd"
    assert "/state/servers/m.log" in str(error.fix)


def test_being_killed_from_outside_is_taken_for_a_lack_of_memory() -> None:
    error = failed(LAUNCH, "", code=-9, where="/log")
    assert "as happens when memory runs out" in str(error)
    assert failed(LAUNCH, "", code=-11, where="/log").args[0].endswith("it ended with SIGSEGV")


def test_a_long_line_is_cut() -> None:
    assert len(own_words("ValueError: " + "x" * 5000)) == 300
