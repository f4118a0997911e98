"""The pair of programmers: the sandbox holds a seat, the given tests stay as they are, and their evidence ends it."""

import pytest

TESTS = "from solution import double\n\n\ndef test_it():\n    assert double(4) == 8\n"
TESTS += "\n\ndef test_less():\n    assert double(-1) == -2\n"
WRONG = "def double(number):\n    return number + 4\n"
RIGHT = "def double(number):\n    return 2 * number\n"
PROBLEM = "Write solution.py with double(number)."


def file(text, path="solution.py"):
    return f"```python {path}\n{text}```\n"


async def test_the_writer_mends_what_the_tests_showed_and_the_reviewer_said(play):
    drafts = iter((WRONG, RIGHT))

    def script(ask):
        return file(next(drafts)) if ask.seat == "writer" else "Line 2 must multiply."

    played = await play("coders", script, problem=PROBLEM, tests=TESTS)
    assert (played.outcome, played.ended.reason) == ("succeeded", "passed")
    assert [line.seat for line in played.lines] == ["writer", "tests", "reviewer", "writer", "tests"]
    assert [ask.seat for ask in played.asks] == ["writer", "reviewer", "writer"], (
        "no model is asked for the tests' words"
    )
    assert "assert double(-1) == -2" in played.asks[0].text
    assert "test_less" in played.asks[1].text.partition("# Your turn")[0]
    assert "Line 2 must multiply." in played.asks[2].text
    assert played.ended.measures == {"passed": True, "tries": 2}
    assert (played.folder / "workspace" / "solution.py").read_text() == RIGHT
    assert (played.folder / "workspace" / "test_solution.py").read_text() == TESTS


async def test_given_tests_cannot_be_rewritten(play):
    easy = "from solution import double\n\n\ndef test_it():\n    assert double\n"

    def script(ask):
        return file(WRONG) + file(easy, "test_solution.py") if ask.seat == "writer" else "Hm."

    played = await play("coders", script, problem=PROBLEM, tests=TESTS, turns=2)
    assert played.ended is None or played.ended.measures["passed"] is False
    workspace = played.folder / "workspace" / "test_solution.py"
    assert workspace.read_text() == TESTS


async def test_it_ends_at_its_bound_when_the_tests_never_pass(play):
    played = await play("coders", lambda ask: file(WRONG) if ask.seat == "writer" else "Hm.", tests=TESTS, turns=4)
    assert (played.ended.reason, played.ended.measures) == ("turns", {"passed": False, "tries": 2})
    assert "do not pass" in played.ended.report


async def test_it_is_played_in_chinese(play):
    played = await play("coders", lambda ask: file(RIGHT), language="zh", problem=PROBLEM, tests=TESTS)
    assert "不能修改" in played.asks[0].text
    assert played.ended.report == "测试通过，共尝试 1 次。"


@pytest.mark.parametrize("given", [True, False])
async def test_the_company_of_a_pair_solves_a_problem_with_given_tests_or_with_a_testers(tmp_path, given):
    from pathlib import Path

    from agentverse.blueprint.load import Library
    from agentverse.engine.run import begin
    from agentverse.host import open_host
    from agentverse.settings import load_settings
    from agentverse.testing.server import ScriptedServer

    blueprint = Library.default(Path(__file__).parents[2]).company("pair")

    def answer(body, headers):
        asked = "\n".join(str(message["content"]) for message in body["messages"]).rpartition("# Your turn")[2]
        return file(TESTS, "test_solution.py") if "Write test_solution.py" in asked else file(RIGHT)

    async with ScriptedServer(answer) as server:
        settings = load_settings(tmp_path, env={"OPENAI_BASE_URL": server.url}).with_folder(tmp_path / "runs")
        async with open_host(settings) as host:
            handle = await begin(host, blueprint, PROBLEM, inputs={"tests": TESTS} if given else {}, run="pair")
            result = await handle.result()
    assert (result.outcome, result.turns) == ("succeeded", 1 if given else 2), result.reason
    assert result.evidence.passed
    assert (result.product / "test_solution.py").read_text() == TESTS
