"""Stands where vLLM's program would: takes its command line, loads, answers over HTTP, dies as it is told to.

The variable FAKE_VLLM holds what it does: ``say`` (lines printed while it loads) and ``seen`` (a folder, where each
line waits for a file), ``dies`` (the line it dies with before it answers), ``stubborn`` (SIGTERM is ignored),
``child`` (a file that gets the id of a process it leaves behind).
"""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

does = json.loads(os.environ.get("FAKE_VLLM", "{}"))
health = 200


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(health, {})
        elif self.path == "/v1/models":
            name = sys.argv[sys.argv.index("--served-model-name") + 1]
            length = int(sys.argv[sys.argv.index("--max-model-len") + 1])
            self.answer(200, {"data": [{"id": name, "owned_by": "vllm", "max_model_len": length}]})
        else:
            self.answer(404, {})

    def do_POST(self):
        global health
        line = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/die":
            print(line, flush=True)
            os._exit(1)
        health = 503
        self.answer(200, {})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def end(*_):
    if not does.get("stubborn"):
        print("drained", flush=True)
        os._exit(0)


signal.signal(signal.SIGTERM, end)
if child := does.get("child"):
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(child).write_text(str(left.pid))
for number, line in enumerate(does.get("say", [])):
    print(line, flush=True)
    while not Path(does["seen"], str(number)).exists():
        time.sleep(0.01)
if dies := does.get("dies"):
    print(dies, flush=True)
    sys.exit(1)
port = int(sys.argv[sys.argv.index("--port") + 1])
print(f"pid {os.getpid()}", flush=True)
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
