"""The auction: the world checks each bid, and knows who won and what is paid."""

import re

import pytest


def worth(ask):
    """What the lot is worth to whoever is asked."""
    return int(re.search(r"is worth (\d+)", ask.text)[1])


def least(ask):
    return int(re.search(r"Bid at least (\d+)", ask.text)[1])


def sensible(ask):
    """Bids the least as long as that is no more than the lot is worth."""
    if "bid" in ask.actions and least(ask) <= worth(ask):
        return {"action": "bid", "amount": least(ask)}
    return {"action": "pass"}


async def test_each_lot_goes_to_whoever_it_is_worth_most_to(play):
    played = await play("auction", sensible, budget=1000, seed=3)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    world = played.ended.world
    assert played.ended.measures["efficiency"] == 1.0
    assert world["sold"] == 3
    assert sum(world["money"].values()) == 4000 - world["paid"]
    for number, line in enumerate(line for line in played.lines if line.text.startswith("Sold to")):
        name, price = re.fullmatch(r"Sold to (Bidder \d) for (\d+)\.", line.text).groups()
        values = {seat: deal[number] for seat, deal in world["worth"].items()}
        assert values[name.lower().replace(" ", "_")] == max(values.values())
        second = sorted(values.values())[-2]
        assert second - 10 < int(price) <= second + 10, "an English auction ends about where the second one stops"


async def test_a_bid_that_is_too_low_or_too_high_is_asked_for_again(play):
    tries = iter([5, 999, 20])
    refused = []

    def script(ask):
        if refused or ask.number <= 3:
            refused.append(ask.text)
        if (amount := next(tries, None)) is not None:
            return {"action": "bid", "amount": amount}
        return {"action": "pass"}

    played = await play("auction", script, lots=["a lamp"], bidders=2)
    assert "amount: 5 is not within 20 … 150" in refused[1]
    assert [line.text for line in played.lines[1:]] == ["I bid 20.", "I am out.", "Sold to Bidder 1 for 20."]


async def test_whoever_gives_no_bid_is_out_of_the_lot(play):
    def script(ask):
        return "I would rather have tea." if ask.seat == "bidder_1" else sensible(ask)

    played = await play("auction", script, lots=["a lamp", "a chair"], bidders=3, budget=1000)
    assert played.outcome == "succeeded"
    assert [event.seat for event in played.failed] == ["bidder_1", "bidder_1"]
    assert played.ended.world["money"]["bidder_1"] == 1000
    assert played.ended.measures["sold"] == 2


async def test_who_has_no_money_left_is_not_asked(play):
    played = await play("auction", sensible, lots=["a lamp", "a chair"], bidders=2, budget=25, opening=20)
    later = [ask for ask in played.asks if "Lot 2" in ask.text]
    winner = next(seat for seat, money in played.ended.world["money"].items() if money < 20)
    assert winner not in [ask.seat for ask in later]


async def test_a_lot_that_nobody_wants_stays(play):
    played = await play("auction", lambda ask: {"action": "pass"}, bidders=2)
    assert [line.text for line in played.lines if not line.seat][1::2] == ["Nobody wants it."] * 3
    assert played.ended.measures == {"sold": 0, "revenue": 0, "surplus": 0, "efficiency": 0}


async def test_nobody_is_told_what_a_lot_is_worth_to_another(play):
    played = await play("auction", sensible, seed=7)
    values = played.ended.world["worth"]
    for ask in played.asks:
        told = {int(found) for found in re.findall(r"worth (\d+)", ask.text)}
        assert told
        assert told <= set(values[ask.seat])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_valid_replies_come_to_an_end(play, seed):
    def script(ask):
        return (
            {"action": "bid", "amount": least(ask)} if "bid" in ask.actions and ask.number % 3 else {"action": "pass"}
        )

    played = await play("auction", script, seed=seed, bidders=2 * seed)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    assert not played.failed
    assert all(0 <= money <= 150 for money in played.ended.world["money"].values())


async def test_an_auction_in_chinese(play):
    def script(ask):
        return (
            {"action": "bid", "amount": 20} if "bid" in ask.actions and ask.seat == "bidder_2" else {"action": "pass"}
        )

    played = await play("auction", script, language="zh", lots=["铜望远镜"], bidders=2)
    assert [line.text for line in played.lines] == [
        "第 1 件：铜望远镜，20 元起拍。", "我退出。", "我出 20 元。", "竞买人 2以 20 元拍得。",
    ]  # fmt: skip
    assert played.ended.report.startswith("1 件中拍出 1 件，共 20 元")


async def test_what_is_sold_is_named_in_the_language_of_the_run_unless_it_is_set(play):
    def script(ask):
        return {"action": "pass"}

    for run, language, lots, named in (
        ("one", "en", None, "Lot 2: a chess table."),
        ("two", "zh", None, "第 2 件：棋桌"),
        ("three", "zh", ["a lamp", "a chair"], "第 2 件：a chair"),
    ):
        played = await play(
            "auction", script, bidders=2, language=language, run=run, **({"lots": lots} if lots else {})
        )
        assert any(line.text.startswith(named) for line in played.lines)
        assert played.scenes[0].params["lots"][1] in named
