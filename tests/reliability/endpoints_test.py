"""The endpoints of the built ccplaced: what comes with each, and what of a caller stands in the log.

usage: CCPLACED=PROGRAM endpoints_test.py
"""

import base64
import contextlib
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
import warnings

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "lab"), str(TESTS / "reliability" / "helpers"), str(TESTS / "support")]

import grpc  # noqa: E402

from harness import contract  # noqa: E402
from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
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
            last.recv(1)  # gRPC speaks first: the endpoint has seen them all.
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


class TlsTest(unittest.TestCase):
    @contextlib.contextmanager
    def tls_endpoint(self, *flags, expired=False, key_mode=0o600):
        """A daemon with a TLS endpoint: the daemon, the endpoint's address, and its certificate."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                 "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key", "-out", "pem"],
                cwd=folder, check=True, capture_output=True)
            if expired:
                subprocess.run([TESTS / "support" / "sign_ended", "-in", "pem", "-signkey", "key",
                                "-out", "ended"], cwd=folder, check=True, capture_output=True)
                os.rename(f"{folder}/ended", f"{folder}/pem")
            os.chmod(f"{folder}/key", key_mode)
            address = ("127.0.0.1", free_port())
            with Daemon(["--simulate", f"--tls_address=127.0.0.1:{address[1]}",
                         f"--tls_certificate={folder}/pem", f"--tls_key={folder}/key",
                         f"--tls_client_ca={folder}/pem", "--tls_readers=*", *flags]) as daemon:
                yield daemon, address, f"{folder}/pem"

    def test_tells_who_called_without_a_certificate_and_what_was_missing(self):
        with self.tls_endpoint() as (daemon, address, pem):
            context = ssl.create_default_context(cafile=pem)
            context.set_alpn_protocols(["h2"])
            with contextlib.suppress(OSError), socket.create_connection(address) as plain:
                own = "%s:%d" % plain.getsockname()
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as caller:
                    caller.recv(1)
            daemon.wait_for_log(f"connection from {own}")
            daemon.wait_for_log("peer did not return a certificate")

    def test_speaks_no_tls_older_than_1_2(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # What OpenSSL itself would not offer today.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.tls_endpoint() as (daemon, address, pem):
            context.load_verify_locations(pem)
            with socket.create_connection(address, timeout=PATIENCE_S) as plain:
                with self.assertRaises(OSError):
                    context.wrap_socket(plain, server_hostname="127.0.0.1")
            daemon.wait_for_log("unsupported protocol")

    def test_closes_a_tls_connection_that_never_begins_its_handshake(self):
        with self.tls_endpoint("--keepalive_timeout=1s") as (_, address, _):
            with socket.create_connection(address, timeout=PATIENCE_S) as silent:
                self.assertEqual(silent.recv(1), b"")

    def test_warns_of_an_expired_certificate_and_of_a_key_that_everybody_can_read(self):
        with self.tls_endpoint(expired=True, key_mode=0o644) as (daemon, _, pem):
            daemon.wait_for_log(f"[warning] --tls_certificate: '{pem}' expired at")
            daemon.wait_for_log(f"[warning] --tls_client_ca: '{pem}' expired at")
            daemon.wait_for_log("is open to other users (mode 0644")

    def test_is_silent_about_files_that_are_as_they_should_be(self):
        with self.tls_endpoint() as (daemon, _, _):
            self.assertNotIn("[warning] --tls", daemon.log())

    def test_says_which_flags_do_nothing_where_no_address_is_given(self):
        flags = ["--tls_certificate=/nowhere.pem", "--tls_key=/nowhere.key", "--tls_readers=*"]
        with Daemon(["--simulate", *flags]) as daemon:
            daemon.wait_for_log("--tls_certificate, --tls_key, --tls_readers: of no effect without "
                                "--tls_address")


if __name__ == "__main__":
    unittest.main(verbosity=2)
