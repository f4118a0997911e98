"""Nobody is shown, or asked about, what they did not hear."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

SEATS = ("a", "b", "c")
EVERYTHING = [
    {"window": {"messages": 5, "pin": 0}},
    {"summary": {"most": 200}},
    {"recall": {"least": 0, "about": 1}},
    {"reflection": {"threshold": 12, "importance": "model"}},
    {"plan": 4},
]


def secrets(text: str) -> set[str]:
    return set(re.findall(r"<\d+>", text))


def leak(question):
    """Answers that give away all they were asked about."""
    told = " ".join(sorted(secrets(" ".join(segment.text for segment in question.transcript))))
    if question.type == "text":
        return told or "nothing"
    if "ratings" in question.type["properties"]:
        return {"ratings": [5] * question.type["properties"]["ratings"]["minItems"]}
    return {"conclusions": [told]}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sets(st.sampled_from(SEATS)), st.sampled_from(SEATS)), min_size=1, max_size=40))
async def test_no_memory_holds_a_line_that_its_agent_did_not_hear(talk, helper, lines):
    made = talk(dict.fromkeys(SEATS, EVERYTHING), helper(answer=leak))
    heard: dict[str, set[str]] = {seat: set() for seat in SEATS}
    for number, (hearers, speaker) in enumerate(lines, start=1):
        made.say(f"the archive key <{number}>", by=speaker, hearers=sorted(hearers | {speaker}))
        for seat in hearers | {speaker}:
            heard[seat].add(f"<{number}>")
        asked = len(made.helper.asked)
        for seat in SEATS:
            shown = await made.shown(seat)
            told = secrets(" ".join([*(segment.text for segment in shown.segments), shown.notes]))
            assert told <= heard[seat]
        for question in made.helper.asked[asked:]:
            told = secrets(" ".join([question.instruction, *(segment.text for segment in question.transcript)]))
            assert told <= heard[question.who] if question.who else any(told <= known for known in heard.values())
