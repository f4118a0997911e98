"""The models of `agentverse.testing.tiny` as folders of safetensors, which vLLM loads as it loads any other.

Of both architectures of MiniCPM, and llamas as MiniCPM5 is one. Needs numpy and safetensors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from agentverse.models.catalogue.entry import Cache, Entry, Files
from agentverse.models.catalogue.load import find
from agentverse.testing.tiny import END, SPECIAL, TEMPLATE, Vocabulary, follows, vocabulary

Architecture = Literal["llama", "minicpm", "minicpm3"]
Tensors = dict[str, Any]

HEAD = 32
"""Width of a head: the smallest that vLLM's attention on processors takes."""
HEADS, SHARED, WIDTH, INNER, LAYERS = 4, 2, 128, 128, 2
RANK = 8
_CLASSES = {"llama": "LlamaForCausalLM", "minicpm": "MiniCPMForCausalLM", "minicpm3": "MiniCPM3ForCausalLM"}
_ATTENTION = "self_attn"
# MiniCPM's own repositories bring their configuration as code, and vLLM the model.
_CODE = """\
from transformers import PretrainedConfig


class MiniCPMConfig(PretrainedConfig):
    model_type = "minicpm"
"""


def bigram(folder: Path, *, context: int = 32768, template: str | None = TEMPLATE) -> Path:
    """Write a llama whose layer does nothing and whose head knows which token follows which.

    Args:
        template: of chats; None leaves it out, as with models that were never trained to answer.
    """
    import numpy as np

    words = vocabulary()
    n = -(-len(words.tokens) // 32) * 32  # kernels want rows of even length
    size = {"hidden_size": n, "intermediate_size": 32, "num_hidden_layers": 1}
    config = _config("llama", words, context) | size | {"vocab_size": n}
    likely = np.full((n, n), -100.0, np.float32)
    likely[: len(words.tokens), : len(words.tokens)] = follows(words)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in _shapes(config).items()}
    tensors |= {name: np.ones(tensor.shape, np.float32) for name, tensor in tensors.items() if "norm" in name}
    tensors["model.embed_tokens.weight"] = np.eye(n, dtype=np.float32)
    # A one-hot vector that was normalised is the square root of its length at one place.
    tensors["lm_head.weight"] = likely.T / np.sqrt(n)
    return _write(folder, config, words, tensors, template)


def noise(folder: Path, *, architecture: Architecture = "llama", context: int = 8192, seed: int = 0) -> Path:
    """Write a model of random weights: it says anything at all."""
    words = vocabulary()
    config = _config(architecture, words, context)
    return _write(folder, config, words, _random(_shapes(config), seed), TEMPLATE)


def adapter(folder: Path, base: Path, *, seed: int = 1) -> Path:
    """Write a LoRA adapter of random weights for a llama that lies in ``base``."""
    config = json.loads((base / "config.json").read_bytes())
    shapes: dict[str, tuple[int, int]] = {}
    for layer in range(config["num_hidden_layers"]):
        for name, rows in (("v_proj", SHARED * HEAD), ("o_proj", config["hidden_size"])):
            at = f"base_model.model.model.layers.{layer}.{_ATTENTION}.{name}"
            shapes[f"{at}.lora_A.weight"] = (RANK, config["hidden_size"] if name == "v_proj" else HEADS * HEAD)
            shapes[f"{at}.lora_B.weight"] = (rows, RANK)
    folder.mkdir(parents=True)
    _save(folder / "adapter_model.safetensors", _random(shapes, seed))
    said = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": RANK, "bias": "none"}
    said |= {"target_modules": ["v_proj", "o_proj"], "base_model_name_or_path": str(base)}
    _dump(folder / "adapter_config.json", said)
    return folder


def entry(name: str, folder: Path) -> Entry:
    """The model ``name`` of the catalogue, with the size of the one in ``folder``: it is served as that one is."""
    files = Files(repo="tiny/tiny", size=(folder / "model.safetensors").stat().st_size)
    kv = Cache(layers=LAYERS, heads=HEADS, key=HEAD, value=HEAD)
    return find(name).model_copy(update={"kv": kv, "forms": {"safetensors": files}})


def _config(architecture: Architecture, words: Vocabulary, context: int) -> dict[str, Any]:
    config: dict[str, Any] = {
        "architectures": [_CLASSES[architecture]],
        "model_type": architecture,
        "vocab_size": len(words.tokens),
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": SHARED,
        "head_dim": HEAD,
        "hidden_act": "silu",
        "max_position_embeddings": context,
        "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "tie_word_embeddings": False,
        "dtype": "bfloat16",
        "bos_token_id": SPECIAL.index("<s>"),
        "eos_token_id": END,
    }
    if architecture != "llama":
        config |= {"scale_emb": 12, "dim_model_base": 16, "scale_depth": 1.4}
    if architecture == "minicpm":
        config["auto_map"] = {"AutoConfig": "configuration_minicpm.MiniCPMConfig"}
    if architecture == "minicpm3":
        del config["head_dim"]
        config |= {"num_key_value_heads": HEADS, "q_lora_rank": 32, "kv_lora_rank": 32, "v_head_dim": HEAD}
        config |= {"qk_nope_head_dim": HEAD // 2, "qk_rope_head_dim": HEAD // 2}
    return config


def _shapes(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The tensors of a model, by name."""
    width, inner, tokens = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (tokens, width), "model.norm.weight": (width,)}
    shapes["lm_head.weight"] = (tokens, width)
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        shapes |= {f"{at}.{norm}_layernorm.weight": (width,) for norm in ("input", "post_attention")}
        shapes |= {f"{at}.mlp.{name}_proj.weight": (inner, width) for name in ("gate", "up")}
        shapes[f"{at}.mlp.down_proj.weight"] = (width, inner)
        attention = _latent(config) if "kv_lora_rank" in config else _grouped(width)
        shapes |= {f"{at}.{_ATTENTION}.{name}.weight": shape for name, shape in attention.items()}
    return shapes


def _grouped(width: int) -> dict[str, tuple[int, ...]]:
    """Attention whose heads share keys and values."""
    shared = (SHARED * HEAD, width)
    return {"q_proj": (HEADS * HEAD, width), "k_proj": shared, "v_proj": shared, "o_proj": (width, HEADS * HEAD)}


def _latent(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """MiniCPM3's attention, which keeps keys and values in a shorter form."""
    width, queries, keys = config["hidden_size"], config["q_lora_rank"], config["kv_lora_rank"]
    return {
        "q_a_proj": (queries, width),
        "q_a_layernorm": (queries,),
        "q_b_proj": (HEADS * HEAD, queries),
        "kv_a_proj_with_mqa": (keys + config["qk_rope_head_dim"], width),
        "kv_a_layernorm": (keys,),
        "kv_b_proj": (HEADS * (config["qk_nope_head_dim"] + HEAD), keys),
        "o_proj": (width, HEADS * HEAD),
    }


def _random(shapes: Mapping[str, tuple[int, ...]], seed: int) -> Tensors:
    """Norms of ones; all else by chance, of a size that neither grows nor shrinks what goes through it."""
    import numpy as np

    random = np.random.default_rng(seed)
    return {
        name: np.ones(shape, np.float32) if "norm" in name else random.standard_normal(shape) / shape[-1] ** 0.5
        for name, shape in shapes.items()
    }


def _write(folder: Path, config: dict[str, Any], words: Vocabulary, tensors: Tensors, template: str | None) -> Path:
    folder.mkdir(parents=True)
    _dump(folder / "config.json", config)
    _dump(folder / "tokenizer.json", _tokenizer(words))
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": SPECIAL[END]}
    about |= {"unk_token": "<unk>", "add_bos_token": False, "clean_up_tokenization_spaces": False}
    _dump(folder / "tokenizer_config.json", about)
    if template is not None:
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    if "auto_map" in config:
        (folder / "configuration_minicpm.py").write_text(_CODE, encoding="utf-8")
    _save(folder / "model.safetensors", tensors)
    return folder


def _tokenizer(words: Vocabulary) -> dict[str, Any]:
    """The vocabulary as the tokenizers of Hugging Face read it."""
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    special = [{"id": number, "content": text, "special": True} | flags for number, text in enumerate(SPECIAL)]
    bytewise = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    numbers = {token: number for number, token in enumerate(words.tokens)}
    model = {"type": "BPE", "vocab": numbers, "merges": list(words.merges), "byte_fallback": False}
    parts = {"added_tokens": special, "pre_tokenizer": bytewise, "decoder": bytewise, "model": model}
    return {"version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None} | parts


def _save(path: Path, tensors: Tensors) -> None:
    """Write numbers of two bytes. numpy lacks the kind that the configuration names, and reading makes it that."""
    import numpy as np
    from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

    save_file({name: np.ascontiguousarray(one, np.float16) for name, one in tensors.items()}, path, {"format": "pt"})


def _dump(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
