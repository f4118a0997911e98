"""What rules change in the world stands in the journal, so that a score can be drawn over time."""

VILLAGE = """\
seats:
  one: {acts: [speak, pass], role: {title: One, prompt: You are One.}}
  two: {acts: [speak, pass], role: {title: Two, prompt: You are Two.}}
setting: Talk.
world:
  time: "23:50"
  score: {each: true, start: 0}
rules:
  order: {sequential: {rounds: 2}}
  update: [{clock: 7}, {score: {points: "1"}}]
  stop: {turns: 9, circles: false}
"""


async def test_the_world_can_be_told_from_the_events_at_each_step(play, tmp_path):
    (tmp_path / "village.yaml").write_text(VILLAGE)

    def script(ask):
        return {"action": "pass"} if ask.number == 3 else {"action": "speak", "text": f"said {ask.number}"}

    played = await play(str(tmp_path / "village.yaml"), script)
    ruled = [line.changes for line in played.lines if line.changes]
    assert ruled == [
        {"time": "23:57", "score[one]": 1},
        {"time": "00:04", "score[two]": 1},
        {"time": "00:11"},
        {"time": "00:18", "score[two]": 2},
    ]
    assert played.ended.world == {"time": "00:18", "score": {"one": 1, "two": 2}}
    assert all(not (line.seat or line.text) for line in played.lines if line.changes)
