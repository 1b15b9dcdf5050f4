"""fault_proxy before a small upstream of this test's own, which says what reached it."""

import http.client
import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import server_case

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import waiting  # pylint: disable=wrong-import-position

CUT_OFF = (http.client.RemoteDisconnected, ConnectionError)
WAIT_S = 45


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers 200 to everything and remembers it."""

    protocol_version = "HTTP/1.1"
    seen = []

    def _handle(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Upstream.seen.append((self.command, self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_PUT = do_POST = _handle

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """Says nothing."""


class FaultProxyTest(unittest.TestCase):
    def setUp(self):
        Upstream.seen = []
        upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        threading.Thread(target=upstream.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(upstream.server_close)
        self.addCleanup(upstream.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log_path = os.path.join(folder.name, "requests.jsonl")
        self.start_proxy(f"http://127.0.0.1:{upstream.server_address[1]}")

    def start_proxy(self, upstream_url):
        command = [os.path.join(server_case.HERE, "harness", "fault_proxy.py"), "--upstream", upstream_url,
                   "--log", self.log_path, "--owner", str(os.getpid())]
        self.proxy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.proxy.wait)
        self.addCleanup(self.proxy.kill)
        self.addCleanup(self.proxy.stdout.close)
        self.url = self.proxy.stdout.readline().split()[1]
        self.control_url = self.proxy.stdout.readline().split()[1]

    def control(self, method, path, /, **fault):
        connection = server_case.connect(self.control_url)
        status, _, text = server_case.ask(connection, method, path, json.dumps(fault))
        connection.close()
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def ask(self, method="GET", path="/", body=None, connection=None):
        own = connection or server_case.connect(self.url)
        try:
            return server_case.ask(own, method, path, body)
        finally:
            if connection is None:
                own.close()

    def log(self):
        with open(self.log_path, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def wait_until_held(self):
        waiting.wait_for("held request", lambda: self.control("GET", "/state"), WAIT_S,
                         lambda state: state["held"])

    def test_forwards_and_logs_requests_of_one_kept_connection(self):
        connection = server_case.connect(self.url)
        self.ask("GET", "/a?b=c", connection=connection)
        self.ask("PUT", "/d", '{"e": 1}', connection)
        connection.close()
        self.assertEqual(Upstream.seen, [("GET", "/a?b=c", b""), ("PUT", "/d", b'{"e": 1}')])
        lines = self.log()
        self.assertEqual([(x["n"], x["connection"], x["method"], x["path"], x["body"], x["status"])
                          for x in lines],
                         [(1, 1, "GET", "/a?b=c", "", 200), (2, 1, "PUT", "/d", '{"e": 1}', 200)])

    def test_logs_no_token(self):
        self.ask()
        self.assertNotIn("admin", json.dumps(self.log()))

    def test_answers_each_status_asked_for_without_the_upstream(self):
        for status in (401, 406, 500, 503):
            self.control("POST", "/faults", kind="status", status=status, times=1)
            self.assertEqual(self.ask()[0], status)
        self.assertEqual(self.ask()[0], 200)
        self.assertEqual(len(Upstream.seen), 1)

    def test_strikes_only_the_nth_matching_method_and_path(self):
        self.control("POST", "/faults", kind="status", status=500, nth=3)
        self.control("POST", "/faults", kind="status", status=503, method="PUT", path="traits$")
        asked = [("GET", "/"), ("PUT", "/x/traits"), ("GET", "/"), ("PUT", "/x/inventories")]
        self.assertEqual([self.ask(*one)[0] for one in asked], [200, 503, 500, 200])

    def test_answers_slowly(self):
        self.control("POST", "/faults", kind="slow", seconds=0.3)
        started = time.monotonic()
        self.assertEqual(self.ask()[0], 200)
        self.assertGreaterEqual(time.monotonic() - started, 0.3)

    def test_closes_without_forwarding(self):
        self.control("POST", "/faults", kind="close_before", times=1)
        self.assertRaises(CUT_OFF, self.ask)
        self.assertEqual(Upstream.seen, [])

    def test_closes_after_the_upstream_has_done_it(self):
        self.control("POST", "/faults", kind="close_after", times=1)
        self.assertRaises(CUT_OFF, self.ask)
        self.assertEqual(len(Upstream.seen), 1)

    def test_answers_then_closes_unannounced(self):
        self.control("POST", "/faults", kind="close_silently", times=1)
        connection = server_case.connect(self.url)
        status, headers, _ = self.ask(connection=connection)
        self.assertEqual((status, headers["Connection"]), (200, None))
        with self.assertRaises(CUT_OFF):
            self.ask(connection=connection)

    def test_refuses_connections_until_told_otherwise(self):
        kept = server_case.connect(self.url)
        self.ask(connection=kept)
        self.control("POST", "/refuse")
        self.assertRaises(ConnectionRefusedError, self.ask)
        self.assertRaises(CUT_OFF, self.ask, connection=kept)
        self.control("DELETE", "/faults")
        self.assertEqual(self.ask()[0], 200)

    def test_holds_a_request_before_the_upstream_sees_it(self):
        self.control("POST", "/faults", kind="hold_before", nth=1)
        asking = threading.Thread(target=self.ask)
        asking.start()
        self.wait_until_held()
        self.assertEqual(Upstream.seen, [])
        self.control("DELETE", "/faults")
        asking.join()
        self.assertEqual(len(Upstream.seen), 1)

    def test_kills_the_client_before_or_after_its_request_is_done(self):
        for kind, done in (("kill_before", 0), ("kill_after", 1)):
            with subprocess.Popen(["sleep", "60"]) as victim:
                self.control("POST", "/faults", kind=kind, pid=victim.pid, times=1)
                self.assertRaises(CUT_OFF, self.ask)
                self.assertEqual(victim.wait(WAIT_S), -signal.SIGKILL)
            self.assertEqual(len(Upstream.seen), done)

    def test_refuses_a_fault_it_does_not_know(self):
        connection = server_case.connect(self.control_url)
        status, _, text = server_case.ask(connection, "POST", "/faults", '{"kind": "rain"}')
        self.assertEqual((status, b"'rain'" in text), (400, True))
