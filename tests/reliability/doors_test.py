"""The doors of the built ccplaced: what comes with each, and what of a caller stands in the log.

usage: CCPLACED=PROGRAM doors_test.py
"""

import base64
import pathlib
import signal
import socket
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "lab"), str(TESTS / "lib")]

import grpc  # noqa: E402

import contract  # noqa: E402
from contract import v1  # noqa: E402
from daemon import Daemon  # noqa: E402
from loopback import free_port  # noqa: E402
from requests_to_simulated import definition  # noqa: E402
from waiting import wait_for  # noqa: E402

PATIENCE_S = 30


class PlaintextTest(unittest.TestCase):
    def setUp(self):
        self.address = ("127.0.0.1", free_port())
        self.flags = ["--simulate", f"--plaintext_address=127.0.0.1:{self.address[1]}"]

    def test_makes_callers_readers_and_operators_only_when_asked_to(self):
        for flags, expected in (([], "PERMISSION_DENIED"), (["--plaintext_role=operator"], "OK")):
            with self.subTest(flags), Daemon(self.flags + flags) as daemon:
                with grpc.insecure_channel("%s:%d" % self.address) as channel:
                    host = contract.HostServiceStub(channel)
                    inventory = host.TdxInventory(v1.TdxInventoryRequest(), timeout=PATIENCE_S)
                    self.assertTrue(inventory.simulated)
                    self.assertEqual(self.code_of_define(host), expected)
                self.assertEqual(len(daemon.call("ListTdxDomains").domains), expected == "OK")

    def code_of_define(self, host):
        try:
            host.DefineTdxDomain(definition(1), timeout=PATIENCE_S)
            return "OK"
        except grpc.RpcError as error:
            return error.code().name

    def test_gives_connections_of_one_address_twenty_lines_in_ten_seconds(self):
        with Daemon(self.flags) as daemon:
            for _ in range(200):
                socket.create_connection(self.address, timeout=PATIENCE_S).close()
            last = socket.create_connection(self.address, timeout=PATIENCE_S)
            self.addCleanup(last.close)
            last.settimeout(PATIENCE_S)
            last.recv(1)  # gRPC speaks first: the door has seen them all.
            lines = [line for line in daemon.log().splitlines() if ": connection from" in line]
            self.assertGreaterEqual(len(lines), 20)
            self.assertLessEqual(len(lines), 40)  # Ten seconds can be over once meanwhile.


class AuditTest(unittest.TestCase):
    SECRETS = {"mr_config_id": b"\x9a" * 48, "mr_owner": b"\xa5" * 48,
               "mr_owner_config": b"\xbc" * 48}

    def test_is_written_where_nothing_else_is(self):
        with Daemon(["--simulate", "--log_level=off"]) as daemon:
            daemon.call("DefineTdxDomain", definition(1))
            wait_for("the audit", daemon.audit, PATIENCE_S,
                     lambda lines: [line["verdict"] for line in lines] == ["BEGUN", "OK"])
            others = [line for line in daemon.log().splitlines() if "[audit]" not in line]
            self.assertEqual(others, [])

    def test_has_no_launch_data_nor_has_the_rest_of_the_log_at_any_level(self):
        with Daemon(["--simulate", "--log_level=trace"]) as daemon:
            request = definition(1)
            for field, value in self.SECRETS.items():
                setattr(request.launch, field, value)
            self.assertTrue(daemon.call("DefineTdxDomain", request).running)
            request.domain.vcpus = 3  # Refused: other content.
            daemon.refusal("DefineTdxDomain", request)
            daemon.hang_up()
            self.assertEqual(daemon.end(signal.SIGTERM), 0)
            log = daemon.log()
            self.assertIn(request.domain.uuid, log)
            for field, value in self.SECRETS.items():
                for written in (base64.b64encode(value).decode()[:16], value.hex()[:16],
                                f"\\x{value.hex()[:2]}", f"\\{value[0]:o}"):
                    self.assertNotIn(written, log, field)


if __name__ == "__main__":
    unittest.main(verbosity=2)
