"""What was said long ago is found when it matters."""

import random
import sys
from types import SimpleNamespace

import pytest
from langchain_core.vectorstores import InMemoryVectorStore, VectorStore

from agentverse.errors import ModelUnavailable, SettingsError
from agentverse.memory.store import StoreSpec
from agentverse.models.embeddings.protocol import unit

PLANTED = {
    "en": (
        "Anna: The spare key to the archive is under the blue flower pot.",
        "Ben: Where do we find the archive key?",
    ),
    "zh": ("安娜：档案室的备用钥匙放在蓝色花盆下面。", "小本：档案室的钥匙放在哪里了？"),
}
ENGLISH = "meeting budget parser colour deadline lunch table release weather script music train report window"
CHINESE = "会 议 预 算 颜 色 午 饭 报 告 窗 口 天 气 脚 本 音 乐 火 车 讨论 下周 客户 文档 代码 测试 界面 设计"
WORDS = {"en": ENGLISH.split(), "zh": CHINESE.split()}


def chatter(language: str, chance: random.Random) -> str:
    return ("" if language == "zh" else " ").join(chance.choices(WORDS[language], k=12))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("place", [2, 250, 440])
async def test_a_planted_line_is_found_among_five_hundred(talk, helper, language, place):
    made = talk({"a": [{"window": {"messages": 20}}, "recall"]}, helper(language=language))
    planted, question = PLANTED[language]
    chance = random.Random(place)
    for number in range(1, 501):
        made.say(planted if number == place else chatter(language, chance))
    made.say(question)
    notes = (await made.shown()).notes
    assert planted in notes
    assert str(place) in notes
    assert len(notes.splitlines()) <= 5


async def test_what_is_shown_anyway_is_not_recalled(talk):
    made = talk({"a": [{"window": {"messages": 10}}, "recall"]})
    for number in range(1, 40):
        made.say(f"line {number} about the archive key")
        shown = await made.shown()
        texts = [segment.text for segment in shown.segments]
        assert not any(text in shown.notes for text in texts)
    assert "archive key" in shown.notes


async def test_nothing_to_do_with_the_matter_means_nothing_recalled(talk):
    made = talk({"a": [{"window": {"messages": 4}}, "recall"]})
    for number in range(1, 30):
        made.say(f"alpha beta gamma {number}" if number < 20 else f"wholly other topics {number}")
        if number == 22:
            assert (await made.shown()).notes == ""
            assert not any("/recall/" in key for key in made.helper.records)
    assert "wholly other topics" in (await made.shown()).notes


async def test_what_was_said_many_times_is_recalled_once(talk):
    made = talk({"a": [{"window": {"messages": 4, "pin": 0}}, "recall"]})
    for number in range(1, 30):
        made.say("the archive key is red" if number % 2 and number < 20 else f"thing {number}")
    made.say("Where is the archive key?")
    assert (await made.shown()).notes.count("the archive key is red") == 1


class Contrary:
    """Embeddings that find the opposite of what others find."""

    name = "contrary"

    async def embed(self, texts):
        return [unit([float("lunch" in text), 1.0]) for text in texts]

    async def close(self):
        pass


async def test_a_resumed_run_recalls_the_same_whatever_the_embeddings_say(talk, helper):
    spec = {"a": [{"window": {"messages": 6}}, {"recall": {"top": 2}}]}

    async def play(made):
        chance, shown = random.Random(1), []
        for number in range(1, 60):
            made.say(PLANTED["en"][0] if number == 9 else PLANTED["en"][1] if number == 50 else chatter("en", chance))
            shown.append(await made.shown())
        return shown

    first = talk(spec)
    before = await play(first)
    assert any("blue flower pot" in shown.notes for shown in before)
    past = helper(records=first.helper.records, turns=set(range(70)), embedder=Contrary())
    assert await play(talk(spec, past)) == before


@pytest.mark.parametrize(
    ("weights", "best"),
    [
        ({"recency": 5, "importance": 0, "relevance": 0}, "C: the key, again"),
        ({"recency": 0, "importance": 5, "relevance": 0}, "B: we must never lose the key 4711 because it is important"),
        ({"recency": 0, "importance": 0, "relevance": 5}, "A: the archive key"),
    ],
)
async def test_weights_say_what_counts(talk, weights, best):
    made = talk({"a": [{"window": {"messages": 3, "pin": 0}}, {"recall": {"top": 1, "about": 1, **weights}}]})
    made.say("A: the archive key")
    made.say("B: we must never lose the key 4711 because it is important")
    made.say("x")
    made.say("C: the key, again")
    for text in ("y", "the archive key"):
        made.say(text)
    assert best in (await made.shown()).notes


async def test_what_was_just_recalled_counts_as_new(talk):
    spec = {"recall": {"top": 1, "about": 1, "importance": 0, "relevance": 0.1, "recency": 1, "decay": 0.8}}
    made = talk({"a": [{"window": {"messages": 3, "pin": 0}}, spec]})
    made.say("the key is red")
    for number in range(8):
        made.say(f"thing {number}")
    made.say("the key is blue")
    for number in range(6):
        made.say(f"thing {number}")
    made.say("red")
    assert "red" in (await made.shown()).notes
    for number in range(4):
        made.say(f"thing {number}")
    made.say("the key?")
    assert "red" in (await made.shown()).notes


@pytest.fixture
def in_a_store(helper):
    def make(place: str = "langchain_core.vectorstores:InMemoryVectorStore", **options):
        return helper(store=StoreSpec(place, options))

    return make


class SyncOnly(VectorStore):
    """As most stores are: they know no async, and LangChain runs them in a thread."""

    def __init__(self, inner):
        self.inner = inner

    @classmethod
    def from_texts(cls, texts, embedding, metadatas=None, *, ids=None, **options):
        return cls(InMemoryVectorStore.from_texts(texts, embedding, metadatas, ids=ids, **options))

    def add_texts(self, texts, metadatas=None, *, ids=None, **options):
        return self.inner.add_texts(texts, metadatas, ids=ids)

    def similarity_search(self, query, k=4, **options):
        return self.inner.similarity_search(query, k)


@pytest.mark.parametrize("place", ["langchain_core.vectorstores:InMemoryVectorStore", "outside_store:SyncOnly"])
async def test_a_vector_store_of_langchain_finds_it_too(talk, in_a_store, monkeypatch, place):
    monkeypatch.setitem(sys.modules, "outside_store", SimpleNamespace(SyncOnly=SyncOnly))
    made = talk({"a": [{"window": {"messages": 6}}, "recall"]}, in_a_store(place))
    chance = random.Random(3)
    for number in range(1, 120):
        made.say(PLANTED["en"][0] if number == 30 else chatter("en", chance))
        if number % 40 == 0:
            await made.shown()
    made.say(PLANTED["en"][1])
    assert "blue flower pot" in (await made.shown()).notes


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no_such_store:Any", "cannot be imported"),
        ("langchain_core.vectorstores:Nothing", "no 'Nothing'"),
        ("collections:OrderedDict", "no VectorStore"),
    ],
)
async def test_what_is_no_store_is_refused(talk, in_a_store, place, said):
    made = talk({"a": [{"window": {"messages": 3}}, "recall"]}, in_a_store(place))
    for number in range(9):
        made.say(f"line {number} on keys")
    with pytest.raises(SettingsError, match=said):
        await made.shown()


class Broken(InMemoryVectorStore):
    @classmethod
    async def afrom_texts(cls, texts, embedding, metadatas=None, **options):
        raise RuntimeError(f"key sk-secret of {options['collection']} is refused")


async def test_a_store_that_fails_is_named_and_told_whose_lines_it_keeps(talk, in_a_store, monkeypatch):
    monkeypatch.setitem(sys.modules, "outside_store", SimpleNamespace(Broken=Broken))
    made = talk(
        {"a": [{"window": {"messages": 3}}, "recall"]}, in_a_store("outside_store:Broken", collection="{run}-{agent}")
    )
    for number in range(9):
        made.say(f"line {number} on keys")
    with pytest.raises(ModelUnavailable, match="Broken failed: RuntimeError") as failed:
        await made.shown()
    assert str(failed.value.__cause__) == "key sk-secret of r1-a is refused"
    assert "sk-secret" not in str(failed.value)
