"""Stands in for the Python that has vLLM, which is too large for every test run.

It takes vLLM's command line, says on its output what it was given, answers /health after a
moment, and ends on SIGTERM and SIGINT with a status of its own. Run by tests only.
"""

import http.server
import json
import os
import signal
import sys
import threading
import time


class Health(http.server.BaseHTTPRequestHandler):
    """vLLM's health page."""

    def do_GET(self) -> None:
        """Answer 200 to everything."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


def main() -> None:
    """Serve until a signal comes; `--fail` ends at once."""
    kept = {k: v for k, v in os.environ.items() if k.startswith("VLLM_")}
    print("GOT", json.dumps({"arguments": sys.argv[1:], "environment": kept, "pid": os.getpid()}))
    print("INFO Starting to load model secondlook-mini...", flush=True)
    if "--fail" in sys.argv:
        print("ValueError: no such model", flush=True)
        sys.exit(7)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: os._exit(40 + n))
    time.sleep(0.3)
    port = int(sys.argv[sys.argv.index("--port") + 1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    time.sleep(120)


main()
