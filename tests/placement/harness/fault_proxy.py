#!/usr/bin/python3
"""A proxy before a test's Placement or Keystone that counts requests and makes faults to order.

  fault_proxy.py --upstream http://127.0.0.1:PORT --log FILE [--owner PID]
      Prints two lines, `proxy URL` and `control URL`, and serves until its owner (the caller's
      parent) ends. FILE gets one JSON line per request, written before the answer is sent:
      {n, connection, method, path, body, microversion, token, status, fault, start_s, seconds};
      token is a digest, status null where no answer was sent.

Clients may keep connections open. Control, in JSON, on a port of its own:
  POST /faults     {"kind": KIND, ...}: adds a fault, see below
  DELETE /faults   drops all of them, lets held requests go on, ends a refusal
  POST /refuse     connections are refused until DELETE /faults
  GET /state       {"requests": N, "held": [n, ...], "faults": [...]}

A fault applies to the requests that match all it names: "method", "path" (a regular expression,
searched), "nth" (the number of the request, counted from 1 over the proxy's life). It applies
"times" times, without end when left out. The first that matches wins. Kinds:
  status         answers "status" (and "body", any JSON) without asking the upstream
  slow           waits "seconds" before it forwards
  hold_before    holds the request before forwarding until DELETE /faults; hold_after: the answer
  close_before   closes the connection without forwarding
  close_after    forwards, then closes without answering: done, but the client cannot know
  close_silently answers, then closes the connection without having said so
  kill_before    kills process "pid" (SIGKILL) without forwarding; kill_after: after forwarding
"""

import argparse
import hashlib
import http.client
import http.server
import json
import os
import re
import select
import signal
import socket
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
import loopback  # pylint: disable=wrong-import-position

_HOLD_LIMIT_S = 120
_UPSTREAM_TIMEOUT_S = 60
_BEFORE = {"hold_before", "close_before", "kill_before"}
_HOP_HEADERS = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}
KINDS = _BEFORE | {"status", "slow", "hold_after", "close_after", "close_silently", "kill_after"}


class FaultProxy:
    """The proxy. Its methods may be called from any thread; close() ends it."""

    def __init__(self, upstream, log_path):
        parts = urllib.parse.urlsplit(upstream)
        self.upstream = (parts.hostname, parts.port)
        self._log = open(log_path, "a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._faults, self._held, self._count, self._connections = [], [], 0, 0
        # It is given up and taken again: no connection may get it meanwhile.
        self._server = _Server(("127.0.0.1", loopback.free_port()), _ProxyHandler, self)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        _serve(self._server)

    def close(self):
        self.clear()
        self._server.stop()
        self._log.close()

    def add(self, **fault):
        """Adds a fault, as described at the head of this file. ValueError for a strange kind."""
        if fault.get("kind") not in KINDS:
            raise ValueError(f"kind {fault.get('kind')!r} is none of {sorted(KINDS)}")
        with self._lock:
            self._faults.append(fault)

    def clear(self):
        with self._lock:
            self._faults.clear()
            released, self._released = self._released, threading.Event()
        released.set()
        if self._server is None:
            self._server = _Server(("127.0.0.1", self.port), _ProxyHandler, self)
            _serve(self._server)

    def refuse(self):
        """Closes the listening socket and every connection: clients get ECONNREFUSED."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def state(self):
        with self._lock:
            return {"requests": self._count, "held": list(self._held),
                    "faults": list(self._faults)}

    def next_connection(self):
        with self._lock:
            self._connections += 1
            return self._connections

    def admit(self, method, path):
        """Counts a request. Returns (its number, the fault that applies to it or None)."""
        with self._lock:
            self._count += 1
            fault = next((f for f in self._faults if _matches(f, self._count, method, path)), None)
            if fault is not None and "times" in fault:
                self._use_once(fault)
            return self._count, fault

    def _use_once(self, fault):
        fault["times"] -= 1
        if fault["times"] <= 0:
            self._faults.remove(fault)

    def hold(self, number):
        with self._lock:
            self._held.append(number)
            released = self._released
        released.wait(_HOLD_LIMIT_S)
        with self._lock:
            self._held.remove(number)

    def record(self, line):
        with self._lock:
            if not self._log.closed:
                self._log.write(json.dumps(line) + "\n")


def _matches(fault, number, method, path):
    return (fault.get("nth", number) == number and fault.get("method", method) == method
            and re.search(fault.get("path", ""), path) is not None)


def _serve(server):
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()


class _Server(http.server.ThreadingHTTPServer):
    """Knows its open connections, so that stopping it closes them as a dead server would."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, address, handler, proxy):
        self.proxy = proxy
        self._open = set()
        super().__init__(address, handler)

    def process_request(self, request, client_address):
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Clients that went away are this proxy's daily bread."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def stop(self):
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """Says nothing: the log is the JSON lines."""

    def read_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(self, status, headers, body):
        """An answer in one write, so that a client sees all of it or nothing."""
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self._headers_buffer.append(b"\r\n")
        self.wfile.write(b"".join(self._headers_buffer) + body)
        self._headers_buffer = []


class _ProxyHandler(_Handler):
    """One client connection."""

    def setup(self):
        super().setup()
        self._proxy = self.server.proxy
        self._connection_number = self._proxy.next_connection()

    def _handle(self):
        started = time.monotonic()
        body = self.read_body()
        number, fault = self._proxy.admit(self.command, self.path)
        kind = fault["kind"] if fault else None
        answer = self._answer_to(number, fault, kind, body)
        self._proxy.record(self._line(number, kind, body, answer, started))
        if answer is None:
            self.close_connection = True
            return
        self.send(*answer)
        self.close_connection = self.close_connection or kind == "close_silently"

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = _handle

    def _answer_to(self, number, fault, kind, body):
        """(status, headers, body), or None where the client gets no answer."""
        if kind == "status":
            text = json.dumps(fault.get("body", {"errors": [{"status": fault["status"]}]}))
            return fault["status"], [("Content-Type", "application/json")], text.encode()
        if kind == "slow":
            time.sleep(fault["seconds"])
        if kind in _BEFORE and not self._strike(number, fault, kind):
            return None
        answer = self._forward(body)
        if kind in ("hold_after", "close_after", "kill_after"):
            return answer if self._strike(number, fault, kind) else None
        return answer

    def _strike(self, number, fault, kind):
        """Does what a hold, close or kill does; whether the request then goes its way."""
        if kind.startswith("hold"):
            self._proxy.hold(number)
            return True
        if kind.startswith("kill"):
            os.kill(fault["pid"], signal.SIGKILL)
        return False

    def _forward(self, body):
        """Asks the upstream on a new connection: one kept open could be stale, and a second try
        could do the request twice."""
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_HEADERS}
        upstream = http.client.HTTPConnection(*self._proxy.upstream, timeout=_UPSTREAM_TIMEOUT_S)
        try:
            upstream.request(self.command, self.path, body or None, headers)
            answer = upstream.getresponse()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in _HOP_HEADERS]
            return answer.status, kept, answer.read()
        except (OSError, http.client.HTTPException) as error:
            return 502, [], str(error).encode()
        finally:
            upstream.close()

    def _line(self, number, kind, body, answer, started):
        token = self.headers.get("X-Auth-Token")
        return {"n": number, "connection": self._connection_number, "method": self.command,
                "path": self.path, "body": body.decode("utf-8", "replace"),
                "microversion": self.headers.get("OpenStack-API-Version"),
                "token": hashlib.sha256(token.encode()).hexdigest()[:12] if token else None,
                "status": answer[0] if answer else None, "fault": kind,
                "start_s": round(started, 6), "seconds": round(time.monotonic() - started, 6)}


class _ControlHandler(_Handler):
    def _handle(self):
        try:
            answer = self._act(f"{self.command} {self.path}", self.read_body())
            self.send(200, [("Content-Type", "application/json")], json.dumps(answer).encode())
        except ValueError as error:
            self.send(400, [], str(error).encode())

    do_GET = do_POST = do_DELETE = _handle

    def _act(self, action, body):
        proxy = self.server.proxy
        if action == "POST /faults":
            proxy.add(**json.loads(body))
        elif action == "DELETE /faults":
            proxy.clear()
        elif action == "POST /refuse":
            proxy.refuse()
        elif action != "GET /state":
            raise ValueError(f"{action}: no such action")
        return proxy.state()


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--owner", type=int, default=os.getppid())
    return parser.parse_args(arguments)


def main(arguments):
    options = _parse(arguments)
    owner = os.pidfd_open(options.owner)
    proxy = FaultProxy(options.upstream, options.log)
    control = _Server(("127.0.0.1", 0), _ControlHandler, proxy)
    _serve(control)
    print(f"proxy {proxy.url}\ncontrol http://127.0.0.1:{control.server_address[1]}", flush=True)
    select.select([owner], [], [])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
