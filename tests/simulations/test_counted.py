"""How often each seat spoke, passed and heard something of others, as the report of a simulation says."""

from agentverse.report.scene import scene_report

TALK = """\
seats:
  one: {acts: [speak, whisper, pass], role: {title: One, prompt: You are One.}}
  two: {acts: [speak, whisper, pass], role: {title: Two, prompt: You are Two.}}
  three: {acts: [speak, whisper, pass], role: {title: Three, prompt: You are Three.}}
setting: Talk.
rules: {order: {sequential: {rounds: 2}}, stop: {turns: 9, circles: false}}
"""


async def test_each_seat_is_counted_by_what_it_said_and_what_it_heard_of_others(play, tmp_path):
    (tmp_path / "talk.yaml").write_text(TALK)

    def script(ask):
        if ask.seat == "three":
            return {"action": "pass"}
        if ask.seat == "two":
            return {"action": "whisper", "who": "One", "text": f"psst {ask.number}"}
        return {"action": "speak", "text": f"said {ask.number}"}

    played = await play(str(tmp_path / "talk.yaml"), script)
    started = played.entries[0].event
    seats = {seat.seat: (seat.spoke, seat.passed, seat.heard) for seat in scene_report(played.entries, started).seats}
    assert seats == {"one": (2, 0, 2), "two": (2, 0, 2), "three": (0, 2, 2)}
