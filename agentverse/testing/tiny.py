"""Models of a few hundred kilobytes, made on the spot, that a real engine loads as it loads any other.

``bigram`` says one thing after another as Python sources do, ends by itself and closes its brackets now and then: a
whole company can be run on it through real constrained decoding. What it writes is nonsense. Needs gguf and numpy.
"""

from __future__ import annotations

import re
import sysconfig
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from gguf import GGUFWriter

Architecture = Literal["llama", "minicpm"]

SPECIAL = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<think>", "</think>")
END = SPECIAL.index("<|im_end|>")
TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.reasoning_content %}{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}
{{- message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking %}{{- '<think>\\n' }}
{%- else %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}"""
"""In the manner of MiniCPM5: ChatML, with a thought that can be switched on."""
SOURCES = ("argparse", "calendar", "cmd", "csv", "json/decoder", "json/encoder", "random", "shlex", "textwrap")
"""Modules of the standard library that the model learns from."""
WORDS = 400
ENDS_EVERY = 60
"""Tokens of a reply, about."""
CLOSES_EVERY = 12
"""Tokens of a text in JSON, about."""
_RARE = 1e-6
_PIECE = re.compile(r" ?[A-Za-z]+| ?\d| ?[^\sA-Za-z\d]+|\n *|\s")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A byte-level BPE: all bytes, and the words met most often in the sources.

    Attributes:
        tokens: in the order of their numbers, in GPT-2's spelling of bytes.
        merges: in the order of their rank.
    """

    tokens: tuple[str, ...]
    merges: tuple[str, ...]

    def encode(self, text: str) -> list[int]:
        """Numbers of the longest tokens ``text`` can be cut into. Text alone: nothing in it is a special token."""
        numbers = {token: number for number, token in enumerate(self.tokens) if number >= len(SPECIAL)}
        found: list[int] = []
        for piece in _PIECE.findall(text):
            spelled = _spell(piece)
            while spelled:
                size = next(n for n in range(len(spelled), 0, -1) if spelled[:n] in numbers)
                found.append(numbers[spelled[:size]])
                spelled = spelled[size:]
        return found


def vocabulary() -> Vocabulary:
    """Learn the words."""
    seen: Counter[str] = Counter()
    for text in _sources():
        seen.update(_spell(piece) for piece in _PIECE.findall(text))
    tokens: dict[str, None] = dict.fromkeys((*SPECIAL, *(_spell(bytes([byte])) for byte in range(256))))
    merges: dict[str, None] = {}
    for word, _ in seen.most_common(WORDS):
        for end in range(2, len(word) + 1):
            tokens.setdefault(word[:end])
            merges.setdefault(f"{word[: end - 1]} {word[end - 1]}")
    return Vocabulary(tuple(tokens), tuple(merges))


def bigram(path: Path, *, context: int = 65536) -> Path:
    """Write a llama whose layer does nothing and whose head knows which token follows which."""
    import numpy as np

    words = vocabulary()
    n = len(words.tokens)
    writer = _writer(path, "llama", words, width=n, inner=32, layers=1, heads=4, context=context)
    one = np.ones(n, np.float32)

    def none(rows: int, columns: int) -> Any:
        return np.zeros((rows, columns), np.float32)

    tensors: dict[str, Any] = {"token_embd": np.eye(n, dtype=np.float32), "output_norm": one}
    tensors |= {"blk.0.attn_norm": one, "blk.0.ffn_norm": one}
    tensors |= {"blk.0.attn_q": none(128, n), "blk.0.attn_k": none(64, n), "blk.0.attn_v": none(64, n)}
    tensors |= {"blk.0.attn_output": none(n, 128), "blk.0.ffn_gate": none(32, n)}
    tensors |= {"blk.0.ffn_up": none(32, n), "blk.0.ffn_down": none(n, 32)}
    # A one-hot vector that was normalised is the square root of its length at one place.
    tensors["output"] = np.ascontiguousarray((follows(words).T / np.sqrt(n)).astype(np.float32))
    return _write(writer, path, tensors)


def noise(path: Path, *, architecture: Architecture = "llama", context: int = 8192, seed: int = 0) -> Path:
    """Write a model of random weights: it says anything at all."""
    import numpy as np

    words = vocabulary()
    n, width, inner, layers, heads = len(words.tokens), 128, 128, 2, 4
    writer = _writer(path, architecture, words, width=width, inner=inner, layers=layers, heads=heads, context=context)
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> Any:
        return (random.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    tensors: dict[str, Any] = {"token_embd": matrix(n, width), "output": matrix(n, width)}
    tensors["output_norm"] = np.ones(width, np.float32)
    for layer in range(layers):
        at = f"blk.{layer}."
        tensors |= {f"{at}attn_norm": np.ones(width, np.float32), f"{at}ffn_norm": np.ones(width, np.float32)}
        tensors |= {f"{at}attn_q": matrix(128, width), f"{at}attn_output": matrix(width, 128)}
        tensors |= {f"{at}attn_k": matrix(64, width), f"{at}attn_v": matrix(64, width)}
        tensors |= {f"{at}ffn_gate": matrix(inner, width), f"{at}ffn_up": matrix(inner, width)}
        tensors[f"{at}ffn_down"] = matrix(width, inner)
    return _write(writer, path, tensors)


def _writer(
    path: Path, arch: Architecture, words: Vocabulary, *, width: int, inner: int, layers: int, heads: int, context: int
) -> GGUFWriter:
    from gguf import GGUFWriter, LlamaFileType, TokenType

    writer = GGUFWriter(path, arch)
    writer.add_name(path.stem)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(2)
    writer.add_key_length(32)
    writer.add_value_length(32)
    writer.add_rope_dimension_count(32)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(words.tokens))
    writer.add_file_type(LlamaFileType.ALL_F32)
    if arch == "minicpm":
        writer.add_embedding_scale(12.0)
        writer.add_residual_scale(1.4 / layers**0.5)
        writer.add_logit_scale(width / 16)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(words.tokens)
    writer.add_token_types([TokenType.CONTROL] * len(SPECIAL) + [TokenType.NORMAL] * (len(words.tokens) - len(SPECIAL)))
    writer.add_token_merges(words.merges)
    writer.add_bos_token_id(SPECIAL.index("<s>"))
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    return writer


def _write(writer: GGUFWriter, path: Path, tensors: dict[str, Any]) -> Path:
    for name, tensor in tensors.items():
        writer.add_tensor(f"{name}.weight", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def follows(words: Vocabulary) -> Any:
    """Logarithms of how likely each token (column) comes after each (row)."""
    import numpy as np

    n = len(words.tokens)
    counts = np.full((n, n), _RARE)
    # Everything that JSON and Python are written in may come at any time, however rarely.
    plain = [number for number, token in enumerate(words.tokens) if token.isascii() and number >= len(SPECIAL)]
    counts[:, plain] = 0.003
    for text in _sources():
        for one, next_one in pairwise(words.encode(text)):
            counts[one, next_one] += one != next_one  # a line of dashes would have no end
    counts[:, : len(SPECIAL)] = _RARE
    shares = counts / counts.sum(1, keepdims=True)
    for token, every in ((END, ENDS_EVERY), (words.tokens.index('"'), CLOSES_EVERY)):
        shares[:, token] += 1 / every
    return np.log(shares / shares.sum(1, keepdims=True))


def _sources() -> Iterator[str]:
    library = Path(sysconfig.get_paths()["stdlib"])
    for name in SOURCES:
        yield (library / f"{name}.py").read_text(encoding="utf-8")


def _spell(piece: str | bytes) -> str:
    """Bytes as GPT-2's vocabulary writes them: each as one printable character."""
    return "".join(_ALPHABET[byte] for byte in (piece.encode() if isinstance(piece, str) else piece))


def _alphabet() -> Sequence[str]:
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


_ALPHABET = _alphabet()
