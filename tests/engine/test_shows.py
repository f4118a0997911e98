"""A product that passes its tests is looked at before it is believed."""

import json

COMPANY = """
success: check.passed
phases:
  plan: {ask: programmer, prompt: Plan., produces: {design: design}}
  code: {ask: programmer, after: plan, prompt: Write., produces: {source: files}, paths: [main.py, test_main.py]}
  tour: {ask: programmer, after: code, prompt: Try., produces: {tour: tour}}
  check: {after: tour, run: {command: pytest -q, show: auto, tour: tour}, produces: {check: evidence}}
"""
DESIGN = {"files": [{"path": "main.py", "purpose": "all"}], "entry": "main.py", "start": "python main.py"}
TEST = "from main import twice\ndef test_twice():\n    assert twice(2) == 4\n"
LOGIC = "def twice(x):\n    return x * 2\n"
TERMINAL = LOGIC + (
    "def main():\n    while True:\n        try:\n            said = input('number> ')\n"
    "        except EOFError:\n            return\n        print('twice is', twice(int(said)))\n"
    "if __name__ == '__main__':\n    import curses\n    main()\n"
)


def files(source: str) -> str:
    return f"```python main.py\n{source}```\n```python test_main.py\n{TEST}```\n"


async def shown(stage, source, *steps):
    replies = {
        "plan#1/-/1": json.dumps(DESIGN),
        "code#1/-/1": files(source),
        "tour#1/-/1": json.dumps({"steps": list(steps)}),
    }
    result, _ = await stage.play(COMPANY, replies)
    return result, result.evidence


async def test_a_command_that_crashes_without_arguments_is_not_believed(stage):
    source = LOGIC + "if __name__ == '__main__':\n    import sys\n    print(twice(int(sys.argv[1])))\n"
    result, evidence = await shown(stage, source, {"do": "run", "what": "4", "see": "8"})
    assert result.outcome == "failed"
    assert evidence.tests.passed == 1
    assert evidence.reason.startswith("Seen as a command, main.py --help: it crashed: ValueError")


async def test_a_transcript_of_a_command_is_evidence(stage):
    source = LOGIC + (
        "if __name__ == '__main__':\n    import sys\n"
        "    if not sys.argv[1:] or not sys.argv[1].isdigit():\n        sys.exit('usage: main.py NUMBER')\n"
        "    print(twice(int(sys.argv[1])))\n"
    )
    result, evidence = await shown(stage, source, {"do": "run", "what": "4", "see": "8"})
    assert result.outcome == "succeeded", evidence.reason
    assert [(m.did, m.saw) for m in evidence.shows[0].moments] == [
        ("main.py --help", "usage: main.py NUMBER\n[exit code 1]"),
        ("main.py", "usage: main.py NUMBER\n[exit code 1]"),
        ("main.py 4", "8"),
    ]  # fmt: skip


async def test_pictures_lie_beside_the_run_and_in_its_report(stage):
    result, evidence = await shown(stage, TERMINAL, {"do": "type", "what": "21", "see": "twice is 42"})
    assert result.outcome == "succeeded", evidence.reason
    moments = evidence.shows[0].moments
    assert evidence.shows[0].kind == "terminal"
    assert "twice is 42" in moments[1].saw
    for moment in moments:
        assert (result.folder / moment.picture).read_bytes().startswith(b"\x89PNG")
        assert moment.picture in result.report.read_text()


async def test_a_start_that_is_not_there_has_a_name(stage):
    replies = {
        "plan#1/-/1": json.dumps(
            {"files": [{"path": "app.py", "purpose": "all"}], "entry": "app.py", "start": "python app.py"}
        ),
        "code#1/-/1": files(LOGIC),
        "tour#1/-/1": json.dumps({"steps": [{"do": "run", "what": "1"}]}),
    }
    result, _ = await stage.play(COMPANY, replies)
    assert result.evidence is not None, result.reason
    assert "there is no app.py, which the design says is started" in result.evidence.reason


PAGE = LOGIC + (
    "def main():\n"
    "    class Handler(http.server.BaseHTTPRequestHandler):\n"
    "        def do_GET(self):\n"
    "            said = self.path.partition('?number=')[2] or '0'\n"
    "            self.send_response(200)\n"
    "            self.send_header('Content-Type', 'text/html')\n"
    "            self.end_headers()\n"
    "            self.wfile.write(f'<form>Twice <input name=number><button>Go</button></form>{{}}'"
    ".replace('{}', str(twice(int(said)))).encode())\n"
    "    http.server.HTTPServer(('127.0.0.1', 0), Handler).serve_forever()\n"
    "if __name__ == '__main__':\n    main()\n"
)


async def test_a_product_that_serves_pages_is_seen_in_a_browser(stage, chromium_here):
    steps = [{"do": "type", "what": "number = 21"}, {"do": "click", "what": "Go", "see": "42"}]
    result, evidence = await shown(stage, f"import http.server\n{PAGE}", *steps)
    assert result.outcome == "succeeded", evidence.reason
    assert (evidence.shows[0].kind, evidence.shows[0].command) == ("web", ["python", "main.py"])
    assert [moment.did for moment in evidence.shows[0].moments] == ["open /", "type number = 21", "click Go"]
    for moment in evidence.shows[0].moments:
        assert (result.folder / moment.picture).read_bytes().startswith(b"\x89PNG")


async def test_what_is_wrong_with_a_page_is_why_the_check_failed(stage, chromium_here):
    result, evidence = await shown(stage, f"import http.server\n{PAGE}", {"do": "click", "what": "Stop"})
    assert result.outcome == "failed"
    assert evidence.reason == "Seen as a page, click Stop: there is nothing called 'Stop' to click; there is: Go."


LOOP = """
success: check.passed
phases:
  code: {ask: programmer, prompt: Write., produces: {source: files}, paths: [main.py, test_main.py]}
  check: {after: code, run: {command: pytest -q, show: command}, produces: {check: evidence}}
  polish:
    {after: check, when: visit == 1, ask: programmer, prompt: Polish., produces: {source: edits}, then: check,
    at_most: 1}
"""
USAGE = LOGIC + (
    "if __name__ == '__main__':\n    import sys\n    print('usage: N' if sys.argv[1:] else 'nothing to do')\n"
)


async def test_what_a_command_prints_otherwise_than_when_it_was_accepted_is_noted(stage):
    old = "    print('usage: N' if sys.argv[1:] else 'nothing to do')"
    edit = f"main.py\n<<<<<<< SEARCH\n{old}\n=======\n{old.replace('N', 'NUMBER')}\n>>>>>>> REPLACE"
    result, entries = await stage.play(LOOP, {"code#1/-/1": files(USAGE), "polish#1/-/1": edit})
    assert result.outcome == "succeeded", result.reason
    first, second = (e.event.evidence["shows"][0] for e in entries if e.key.endswith("/run") and "check" in e.key)
    assert (first["changed"], second["changed"], second["since"]) == ([], ["main.py --help"], 1)
    assert second["passed"]
    assert "Prints something else than on visit 1: `main.py --help`." in result.report.read_text()
