"""How experts decide, form by form: who speaks, who hears whom, how many calls, how it ends."""

import random

import pytest

EXPERTS = ["expert_1", "expert_2", "expert_3"]
FORMS = ["horizontal", "vertical", "solver_first", "brainstorm", "proposals", "planner"]
ORDERS = {
    "horizontal": [*EXPERTS, "solver"],
    "vertical": [*EXPERTS, "solver"],
    "solver_first": ["solver", *EXPERTS],
    "brainstorm": [*EXPERTS, "solver"],
    "proposals": [*EXPERTS, *EXPERTS, "solver"],
    "planner": ["solver", *EXPERTS, "solver"],
}
HEARD = {
    "horizontal": [[], [1], [1, 2], [1, 2, 3]],
    "vertical": [[], [], [], [1, 2, 3]],
    "solver_first": [[], [1], [1], [1]],
    "brainstorm": [[], [1], [1, 2], [1, 2, 3]],
    "proposals": [[], [], [], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]],
    "planner": [[], [1], [1], [1], [1, 2, 3, 4]],
}
"""Turn by turn, the turns whose words are in its prompt."""


@pytest.mark.parametrize("form", FORMS)
async def test_who_speaks_and_what_each_hears_follow_from_the_form(solve, form):
    solved = await solve(decision=form)
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert solved.phases == ["recruit", "decide", "judge"]
    assert solved.seats == ORDERS[form]
    asks = sorted((ask for ask in solved.asks if ask.phase == "decide"), key=lambda ask: ask.turn)
    said = [turn for turn in range(1, len(asks) + 1)]
    heard = [[turn for turn in said if f"word decide#1/-/{turn}" in ask.text] for ask in asks]
    assert heard == HEARD[form]
    last = max(turn for turn, seat in enumerate(ORDERS[form], start=1) if seat == "solver")
    assert solved.file() == f"word decide#1/-/{last}\n"


async def test_reviews_go_on_until_the_last_expert_agrees(solve):
    def script(ask):
        if "agreed" in (ask.schema or {}).get("properties", {}):
            return {"agreed": ask.turn != 3 and ask.turn != 8, "message": f"wrong {ask.turn}"}
        return None

    solved = await solve(script, decision="solver_first")
    assert solved.seats == ["solver", *EXPERTS] * 3
    assert solved.ends[0].reason == "agreed"
    assert "wrong 3" in next(ask.text for ask in solved.asks if ask.key == "decide#1/-/5")
    assert solved.file() == "word decide#1/-/9\n"


@pytest.mark.parametrize("reviews", [1, 3])
async def test_reviews_end_when_they_are_used_up(solve, reviews):
    def script(ask):
        return {"agreed": False, "message": "no"} if "agreed" in (ask.schema or {}).get("properties", {}) else None

    solved = await solve(script, decision="solver_first", reviews=str(reviews))
    assert solved.seats == [*["solver", *EXPERTS] * reviews, "solver"]
    assert solved.ends[0].reason == "ended"
    assert solved.file() == f"word decide#1/-/{4 * reviews + 1}\n"


@pytest.mark.parametrize(
    ("votes", "winner"), [((2, 3, 2), "expert_2"), ((3, 3, 1), "expert_3"), ((2, 3, 1), "expert_1")]
)
async def test_the_proposal_with_most_votes_is_written_out(solve, votes, winner):
    def script(ask):
        if ask.phase == "decide" and 4 <= ask.turn <= 6:
            return {"action": "choose", "who": f"expert_{votes[ask.turn - 4]}"}
        return None

    solved = await solve(script, decision="proposals")
    assert solved.ends[0].measures["winner"] == winner
    title = {"expert_1": "Arithmetician", "expert_2": "Puzzle solver", "expert_3": "Skeptic"}[winner]
    assert f"Write out the proposal of {title}" in next(ask.text for ask in solved.asks if ask.key == "decide#1/-/7")


async def test_nobody_can_vote_for_their_own_proposal(solve):
    asked = {}

    def script(ask):
        if "choose" in str(ask.schema):
            asked[ask.turn] = ask.schema["properties"]["who"]["enum"]
        return None

    await solve(script, decision="proposals")
    one, two, three = "Arithmetician", "Puzzle solver", "Skeptic"
    assert asked == {4: [two, three], 5: [one, three], 6: [one, two]}


@pytest.mark.parametrize("form", ["proposals", "solver_first"])
async def test_one_expert_alone_is_enough(solve, form):
    solved = await solve(decision=form, experts="1")
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert set(solved.seats) == {"expert_1", "solver"}
    assert "Skeptic" not in "".join(ask.text for ask in solved.asks if ask.phase == "decide")


@pytest.mark.parametrize("seed", range(4))
async def test_any_valid_replies_lead_to_the_best_round(solve, drawn, seed):
    form = random.Random(seed).choice(FORMS)
    solved = await solve(lambda ask: drawn(ask, seed), decision=form, rounds="2", threshold="4")
    accepted = [min(judged[name] for name in ("clear", "complete", "correct")) >= 4 for judged in solved.made("judged")]
    assert accepted in ([True], [False, True], [False, False])
    assert solved.result.outcome == ("succeeded" if accepted[-1] else "failed"), solved.result.reason
    tried = solved.made("attempts")[-1]["tried"]
    best = tried[-1] if accepted[-1] else max(reversed(tried), key=lambda one: one.get("score", 0))
    assert solved.file().strip() == best["solution"].strip()


@pytest.mark.parametrize("form", FORMS)
async def test_it_is_played_in_chinese(solve, form):
    solved = await solve(language="zh", decision=form, idea="24 点：4 7 8 8")
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert solved.seats == ORDERS[form]
    prompts = "".join(ask.asked for ask in solved.asks if ask.phase == "decide")
    assert not [word for word in ("Write", "Say ", "Give ", "Check ", "solution", "proposal") if word in prompts]
