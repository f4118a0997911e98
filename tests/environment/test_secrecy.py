"""Whatever rules are put together: who may hear what, that it ends, and that a seed decides all chance."""

import re
from zlib import crc32

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SEATS = list("abcdef")
PLACES = ["market", "mill", "inn"]
BOUND = 24
GROUPS = [["a", "b", "c"], ["d", "e"]]
PAIRS = [["a", "b"], ["a", "c"], ["d", "e"]]
AMONG = ["", "seat != 'f'", "place[seat] == 'market'", "team[seat]"]

orders = st.sampled_from(
    [
        *({name: {"among": among}} for name in ("alternate", "bidding", "call_on") for among in AMONG),
        *({"sequential": {"rounds": 2, "among": among}} for among in AMONG),
        *({"concurrent": {"rounds": rounds}} for rounds in (None, 2)),
        *({"random": {"count": count, "among": among}} for count in (1, 3) for among in AMONG),
        {"call_on": {"moderator": "b"}},
        "round_robin",
        {"round_robin": {"groups": GROUPS, "rounds": 3}},
        {"round_robin": {"by": "team[seat]", "rounds": 3}},
    ]
)
visibilities = st.sampled_from(
    [
        "all",
        "self",
        "location",
        {"pairs": PAIRS},
        {"network": {"edges": [["a", "b"], ["b", "c"], ["e", "a"]]}},
        {"network": {"edges": [["a", "b"], ["b", "c"], ["e", "a"]], "directed": True}},
        {"groups": {"groups": GROUPS}},
        {"groups": {"groups": GROUPS, "starts": 2, "ends": 3}},
        {"groups": {"by": "team[seat]"}},
        {"groups": {"size": 3}},
        {"groups": {"size": 2, "of": list("abcde")}},
        {"groups": {"size": 2, "of": ["a", "b", "c", "d"], "ends": 2}},
    ]
)
selections = st.sampled_from(
    ["all", "first", {"hand_raise": {"most": 2}}, "majority", {"best": "f"}, {"moderator": "a"}]
)
updates = st.sampled_from(["transcript", "silence", "clock", ["silence", {"score": "1"}, "clock"]])
rules = st.fixed_dictionaries({"order": orders, "visibility": visibilities, "selection": selections, "update": updates})
stages = st.lists(st.tuples(rules, st.integers(1, 5)), min_size=1, max_size=3)


def hearers(spec, speaker, world, step):
    """The seats that a rule for visibility lets hear a speaker, written down anew."""
    name, options = (spec, {}) if isinstance(spec, str) else next(iter(spec.items()))
    everybody = set(SEATS)
    if name == "all":
        return everybody
    if name == "self":
        return {speaker}
    if name == "location":
        return {seat for seat in SEATS if world["place"][seat] == world["place"][speaker]}
    if name == "pairs":
        return {speaker} | {seat for pair in options if speaker in pair for seat in pair}
    if name == "network":
        edges = [tuple(edge) for edge in options["edges"]]
        edges += [] if options.get("directed") else [(to, start) for start, to in edges]
        return {speaker} | {to for start, to in edges if start == speaker}
    if not options.get("starts", 1) <= step <= options.get("ends", 99):
        return everybody
    if "by" in options:
        team = world["team"][speaker]
        return {seat for seat in SEATS if world["team"][seat] == team} if team else everybody
    if "size" in options:
        of, size = options.get("of", SEATS), options["size"]
        groups = [of[at : at + size] for at in range(0, len(of) - 1, size)]
        groups[-1] = of[(len(groups) - 1) * size :]
    else:
        groups = options["groups"]
    return next((set(group) for group in groups if speaker in group), everybody)


def watched(stage, drawn, seed):
    """A stage on which every text is marked by who said it when, and what may be heard of it is written down."""

    class Watched(stage):
        async def speak(self, cue):
            self.known.append((cue.seat, len(self.log), [segment.text for segment in cue.transcript], cue.notes))
            return await super().speak(cue)

        async def poll(self, poll):
            self.known.append((poll.seat, len(self.log), [segment.text for segment in poll.transcript], ""))
            return await super().poll(poll)

        def said(self, line, heard_by, changes, scene):
            super().said(line, heard_by, changes, scene)
            may = set(SEATS) if not line.seat else hearers(
                drawn[int(scene.stage[1:])][0]["visibility"], line.seat, scene.world, scene.steps + 1
            )  # fmt: skip
            if line.action == "whisper":
                may = {line.seat, line.field("who")}
            if line.action == "move":
                left, entered = self.at[line.seat], line.field("where")
                may = {seat for seat in SEATS if self.at[seat] in (left, entered)}
                self.at[line.seat] = entered
            self.may.append((line.text, may | {line.seat}))

    def dice(*about):
        return crc32(repr((seed, *about)).encode())

    def script(seat, turn):
        options = play.cues[-1].acts.options
        name = sorted(options)[dice(seat, turn) % len(options)]
        fields = {field: given[dice(turn, field) % len(given)] for field, given in options[name].choices.items()}
        return {"action": name, "text": f"<{seat}{turn}>", **fields}

    def answers(poll):
        if isinstance(poll.type, dict) and "choice" in poll.type:
            return poll.type["choice"][dice(poll.seat, poll.turn) % len(poll.type["choice"])]
        return {"count": [1]}

    play = Watched(
        {seat: {"acts": ["speak", "whisper", "move", "join", "raise_hand", "call_on", "pass"]} for seat in SEATS},
        script,
        answers=answers,
        world={
            "places": PLACES,
            "place": {"each": True, "start": "market"},
            "team": {"each": True, "deal": ["red", "red", "blue", "blue", "", ""]},
            "score": {"each": True, "start": 0},
            "time": "23:50",
        },
        actions={"join": {"fields": {"side": {"choice": ["red", "blue"]}}, "changes": {"team[me]": "side"}}},
        stages={
            f"s{number}": {"rules": rules, "steps": steps, "then": f"s{(number + 1) % len(drawn)}"}
            for number, (rules, steps) in enumerate(drawn)
        },
        description={"template": "{% for line in heard %}{{ line.text }}\n{% endfor %}"},
        stop={"turns": BOUND},
    )
    play.may, play.known, play.at = [], [], dict.fromkeys(SEATS, "market")
    return play


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=stages, seed=st.integers(0, 99))
async def test_each_prompt_holds_what_its_seat_may_hear_and_nothing_else(stage, drawn, seed):
    play = watched(stage, drawn, seed)
    result = await play.hold(seed=seed)
    assert result.turns <= BOUND
    assert result.reason in ("turns", "stopped")
    for seat, before, shown, notes in play.known:
        allowed = [text for text, may in play.may[:before] if seat in may and text]
        assert [text.split(": ", 1)[1] if ": " in text else text for text in shown] == allowed
        marks = set(re.findall(r"<\w+>", notes))
        assert marks <= set(re.findall(r"<\w+>", "".join(allowed)))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=stages, seed=st.integers(0, 99))
async def test_the_same_seed_gives_the_same_conversation(stage, drawn, seed):
    one, two = watched(stage, drawn, seed), watched(stage, drawn, seed)
    first, second = await one.hold(seed=seed), await two.hold(seed=seed)
    assert one.log == two.log
    assert sorted(one.asked) == sorted(two.asked)
    assert (first.reason, first.world) == (second.reason, second.world)
