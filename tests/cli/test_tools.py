"""What people are told of tools: live, in the report, by validate and by doctor."""

from __future__ import annotations

import json
from pathlib import Path

COMPANY = """\
name: lookers
phases:
  code: {ask: programmer, prompt: Write it., paths: [main.py], produces: {source: files}}
  look:
    after: code
    ask: reviewer
    prompt: Look.
    tools: [read_file]
    produces: {said: text}
"""


def replies(path: Path) -> str:
    said = {
        "code#1/-/1": "```python main.py\nprint(1)\n```",
        "look#1/-/1/call/1": '{"calls":[{"tool":"read_file","arguments":{"path":"main.py"}}]}',
        "look#1/-/1/call/2": '{"calls":[{"tool":"read_file","arguments":{"path":"no|such.py"}}]}',
        "look#1/-/1/call/3": '{"calls":[]}',
        "look#1/-/1": "It prints one.",
    }
    path.write_text(json.dumps({"replies": [{"key": key, "text": text} for key, text in said.items()]}))
    return f"recording:{path}"


def test_calls_are_told_while_the_run_is_at_work_and_counted_in_its_report(project: Path, call) -> None:
    (project / "companies").mkdir(exist_ok=True)
    (project / "companies" / "lookers.yaml").write_text(COMPANY)
    model = replies(project / "lookers.json")
    said = call("run", "count", "--company", "lookers", "--model", model, "--name", "one")
    assert said.code == 0, said.out
    assert "uses read_file(path: main.py)" in said.out
    assert "uses read_file(path: no|such.py), in vain: There is no file" in said.out
    assert '{"calls"' not in said.out
    report = (project / "agentverse-runs" / "one" / "report.md").read_text()
    assert "| `read_file` | 2 | 1 |" in report
    counted = json.loads((project / "agentverse-runs" / "one" / "report.json").read_text())["tools"]
    assert [(tool["tool"], tool["calls"], tool["failed"]) for tool in counted] == [("read_file", 2, 1)]
    verbose = call("show", "one", "--full") if "--full" in call("show", "--help").out else call("show", "one")
    assert "read_file" in verbose.out


def test_validate_knows_the_servers_of_the_settings(project: Path, call) -> None:
    file = project / "lookers.yaml"
    file.write_text(COMPANY.replace("[read_file]", "[notes.find, read_fil]"))
    said = call("validate", str(file))
    assert said.code == 2
    assert "lookers.yaml:8:13: phases.look.tools[0]: no MCP server 'notes' is set up" in said.out
    assert "lookers.yaml:8:25: phases.look.tools[1]: there is no tool 'read_fil'. did you mean 'read_file'?" in said.out
    (project / "agentverse.toml").write_text('[tools.mcp.notes]\ncommand = "notes"\n')
    file.write_text(COMPANY.replace("[read_file]", "[notes.find]"))
    assert call("validate", str(file)).code == 0


def test_validate_looks_at_the_tools_of_a_role_and_of_a_seat(project: Path, call) -> None:
    for kind, text in (
        ("roles", "title: Looker\ntools: [red_file]\n"),
        ("environments", "seats: {a: {tools: [red_file]}, b: {}}\n"),
    ):
        (project / kind).mkdir(exist_ok=True)
        file = project / kind / "looker.yaml"
        file.write_text(text)
        said = call("validate", str(file))
        assert said.code == 2
        assert "there is no tool 'red_file'. did you mean 'read_file'?" in said.out
        file.unlink()


def test_doctor_shows_tools_and_tries_the_servers(project: Path, call) -> None:
    (project / "agentverse.toml").write_text('[tools.mcp.notes]\ncommand = "no-such-program"\n')
    shown = call("doctor").out
    assert "read_file      there" in shown
    assert 'fetch_page     off (fix: [tools] hosts = ["…"])' in shown
    assert "notes          no: the MCP server 'notes': there is no program 'no-such-program'" in shown


def test_a_server_that_is_set_up_wrongly_is_said_with_file_and_line(project: Path, call) -> None:
    (project / "agentverse.toml").write_text('[tools.mcp.notes]\nurl = "http://127.0.0.1:9/mcp"\nargs = ["x"]\n')
    said = call("doctor")
    assert said.code == 2
    assert "agentverse.toml:1: tools.mcp.notes: args and env belong to a command" in said.err
