"""Werewolf: parts dealt by the seed, nights that only some hear, votes that the world counts."""

import pytest

from .conftest import any_reply

WORDS = {"villager": "a villager", "wolf": "a werewolf", "seer": "the seer"}


def parts(played):
    return played.scenes[0].world["part"]


async def test_the_wolves_win_when_they_are_as_many_as_the_others(play):
    def script(ask):
        if not ask.actions:
            return f"{ask.seat} says {ask.number}"
        who = ask.schema["properties"]["who"]["enum"]
        return {"action": ask.actions[0], "who": who[0] if ask.actions == ["kill"] else who[-1]}

    played = await play("werewolf", script, seed=4)
    wolves = {seat for seat, part in parts(played).items() if part == "wolf"}
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    world = played.ended.world
    assert world["wolves"] == sum(world["alive"][seat] for seat in wolves)
    assert world["others"] == sum(alive for seat, alive in world["alive"].items() if seat not in wolves)
    assert played.ended.measures["winner"] == ("wolves" if world["wolves"] else "village")


async def test_the_village_wins_when_it_votes_out_both_wolves(play):
    dealt = parts(await play("werewolf", seed=7, run="deal", turns=1))
    wolves = [seat for seat, part in dealt.items() if part == "wolf"]

    def script(ask):
        if not ask.actions:
            return "I wonder."
        who = ask.schema["properties"]["who"]["enum"]
        names = [seat.capitalize() for seat in wolves]
        wanted = next((name for name in names if name in who), who[0])
        return {"action": ask.actions[0], "who": who[0] if ask.actions == ["kill"] else wanted}

    played = await play("werewolf", script, seed=7, talks=2)
    assert played.ended.measures["winner"] == "village"
    assert not any(played.ended.world["alive"][seat] for seat in wolves)
    assert [line.text for line in played.lines if line.stage == "vote" and not line.seat and line.text][-1] == (
        f"{wolves[1].capitalize()} is voted out and was a werewolf."
    )
    day_one = [line.seat for line in played.lines if line.stage == "day"][:12]
    assert day_one[:6] == day_one[6:], "each speaks twice, in turn"


async def test_a_tied_vote_sends_nobody_away(play):
    def script(ask):
        if not ask.actions:
            return "Hm."
        who = ask.schema["properties"]["who"]["enum"]
        if ask.actions == ["vote"]:  # each votes for the next, so all have one vote
            alive = sorted([*who, ask.seat.capitalize()])
            return {"action": "vote", "who": alive[(alive.index(ask.seat.capitalize()) + 1) % len(alive)]}
        return {"action": ask.actions[0], "who": who[0]}

    played = await play("werewolf", script, seed=1)
    votes = [line.text for line in played.lines if line.stage == "vote" and not line.seat and line.text]
    assert set(votes) == {"The vote is tied; nobody goes."}
    assert played.ended.measures == {"winner": "wolves", "nights": 3, "survivors": 4}


async def test_the_dead_neither_speak_nor_can_be_chosen(play):
    played = await play("werewolf", seed=2)
    dead: set[str] = set()
    for line in played.lines:
        assert line.seat not in dead
        dead |= {change[6:-1] for change in line.changes if change.startswith("alive[")}
    assert len(dead) >= 2
    for ask in played.asks:
        alive = ask.text.rpartition("Alive: ")[2].partition(".")[0].split(", ")
        assert ask.seat.capitalize() in alive
        if ask.actions:
            assert set(ask.schema["properties"]["who"]["enum"]) < set(alive)


@pytest.mark.parametrize("seed", range(4))
async def test_no_prompt_tells_a_part_that_was_not_revealed(play, seed):
    """A prompt says one's own part, to a wolf who the other is, and what its seat has heard; nothing else."""
    played = await play("werewolf", any_reply, seed=seed)
    dealt = parts(played)
    wolves = [seat for seat, part in dealt.items() if part == "wolf"]
    assert played.outcome == "succeeded"
    secrets = [line for line in played.lines if line.heard_by is not None]
    assert {line.stage for line in secrets} >= {"pack", "kill", "look"}
    for ask in played.asks:
        before, _, tail = ask.text.partition("# Your turn")
        other = next((seat.capitalize() for seat in wolves if seat != ask.seat), "")
        known = f" but the other werewolf: {other}" if ask.seat in wolves else ""
        lines = tail.strip().splitlines()
        assert lines[2] == f"You are {WORDS[dealt[ask.seat]]}. Nobody knows it{known}."
        assert not any(word in line for line in lines[3:6] if line.startswith("Alive") for word in WORDS.values())
        for line in secrets:
            assert ask.seat in line.heard_by or line.text not in ask.text
        shown = [text for text in before.splitlines() if any(f"{word}." in text for word in WORDS.values())]
        revealed = [line.text for line in played.lines if not line.seat and " was a" in line.text]
        assert all(text in revealed or dealt[ask.seat] == "seer" for text in shown[1:] if "was" in text)


async def test_the_same_seed_deals_the_same_parts_and_another_seed_others(play):
    one, same = await play("werewolf", seed=5), await play("werewolf", seed=5, run="two")
    assert parts(one) == parts(same)
    assert [line.model_dump() for line in one.lines] == [line.model_dump() for line in same.lines]
    others = [parts(await play("werewolf", seed=seed, run=f"r{seed}", turns=1)) for seed in (6, 7)]
    assert any(other != parts(one) for other in others)


async def test_it_is_played_in_chinese(play):
    played = await play("werewolf", seed=3, language="zh")
    assert played.outcome == "succeeded"
    assert all(ask.seat for ask in played.asks)
    assert any("你是预言家" in ask.text for ask in played.asks)
    assert not any("werewol" in ask.text for ask in played.asks)
    assert "狼人" in played.ended.report
