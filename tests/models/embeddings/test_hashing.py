"""Hashing finds what uses the same words, in English and Chinese, and says the same everywhere."""

import json
import math
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.models.embeddings.hashing import SIZE, HashingEmbedder, vector
from agentverse.models.embeddings.protocol import LONGEST_TEXT, likeness, unit

ENGLISH = [
    "The invoice is sent on the last Friday of the month.",
    "Anna keeps the spare key under the blue flower pot.",
    "We will meet the client in Lisbon in October.",
    "The parser must reject files without a header.",
]
CHINESE = [
    "发票在每月最后一个星期五寄出。",
    "备用钥匙放在蓝色花盆下面。",
    "我们十月在里斯本会见客户。",
    "没有表头的文件必须拒绝。",
]


@pytest.mark.parametrize(
    ("texts", "question", "place"),
    [
        (ENGLISH, "Where is the spare key?", 1),
        (ENGLISH, "when are invoices sent", 0),
        (ENGLISH, "files with no headers are rejected by the parsers", 3),
        (CHINESE, "备用的钥匙在哪里？", 1),
        (CHINESE, "什么时候寄发票？", 0),
        (CHINESE, "客户会在哪里见面", 2),
    ],
)
async def test_the_text_that_speaks_of_the_same_is_the_nearest(texts: list[str], question: str, place: int) -> None:
    asked, *vectors = await HashingEmbedder().embed([question, *texts])
    near = [likeness(asked, one) for one in vectors]
    assert near.index(max(near)) == place


@settings(deadline=None)
@given(st.text(max_size=200))
def test_every_vector_has_length_one_or_says_nothing(text: str) -> None:
    made = vector(text)
    assert len(made) == SIZE
    length = math.sqrt(likeness(made, made))
    assert length == pytest.approx(1, abs=1e-5) or not any(made)


def test_the_same_text_has_the_same_vector_in_another_process() -> None:
    program = "from agentverse.models.embeddings.hashing import vector; print(list(vector('a 钥匙 key')))"
    env = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == list(vector("a 钥匙 key"))


def test_only_the_beginning_of_a_long_text_counts() -> None:
    assert vector("word " * LONGEST_TEXT) == vector(("word " * LONGEST_TEXT)[:LONGEST_TEXT] + "other")


@pytest.mark.parametrize("values", [[float("nan"), 1], [float("inf")], [1.0] * 20_000])
def test_numbers_that_are_no_vector_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="a vector"):
        unit(values)


def test_huge_numbers_make_a_vector_of_length_one() -> None:
    assert list(unit([1e300, 0])) == [1, 0]
