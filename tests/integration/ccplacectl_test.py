"""The built ccplacectl against the built ccplaced, on a simulated host.

usage: ccplacectl_test.py CCPLACED CCPLACECTL
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "support")]
from certificates import make_certificates  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
from loopback import free_port  # noqa: E402
from waiting import wait_for  # noqa: E402

EXAMPLES = ROOT / "examples"
UUID = "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24"
PATIENCE_S = 30
CCPLACECTL = ""


class SimulatedDaemon(Daemon):
    """A simulated ccplaced, and ccplacectl against it."""

    def __init__(self, *flags):
        super().__init__(["--simulate", *flags])
        self.address = f"unix:{self.socket}"
        self.readonly = f"unix:{self.readonly_socket}"

    def start(self):
        super().start()
        self.hang_up()

    def ctl(self, *args, address=None):
        """Runs ccplacectl against it, away from a terminal."""
        return subprocess.run([CCPLACECTL, "--address", address or self.address, *map(str, args)],
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)


class CcplacectlTest(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(SimulatedDaemon())

    def ctl(self, code, *args, address=None):
        """Runs a command, holds it to its exit code, and gives what it printed on both streams."""
        run = self.daemon.ctl(*args, address=address)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def free_keys(self):
        return json.loads(self.ctl(0, "inventory", "-o", "json"))["keys"]["free"]["value"]

    def test_doctor_finds_a_tdx_host_and_says_that_it_is_made_up(self):
        text = self.ctl(0, "doctor")
        self.assertIn("intel-tdx: SUPPORTED", text)
        self.assertIn("SIMULATED", text)
        self.assertNotIn("\x1b", text)
        self.ctl(1, "doctor", "--model", "amd-sev")

    def test_validate_names_all_five_faults_at_once(self):
        text = self.ctl(1, "validate", "--flavor", EXAMPLES / "flavor-five-faults.json", "--image",
                        EXAMPLES / "image-five-faults.json")
        for reason in ("FIRMWARE_NOT_UEFI", "MACHINE_NOT_Q35", "FIRMWARE_NOT_STATELESS",
                       "VIDEO_MODEL_NOT_NONE", "SCSI_BOOT_DISK"):
            self.assertIn(reason, text)

    def test_validate_accepts_and_tells_what_to_ask_placement_for(self):
        answer = json.loads(self.ctl(
            0, "validate", "--this-host", "-o", "json", "--flavor", EXAMPLES / "flavor-tdx.json",
            "--image", EXAMPLES / "image-tdx.json"))
        self.assertEqual(answer["decision"], "DECISION_ACCEPTED")
        self.assertEqual(answer["scheduling"]["resources"]["MEM_ENCRYPTION_CONTEXT"], "1")
        self.assertIn("HW_CPU_X86_INTEL_TDX", answer["scheduling"]["required_traits"])
        self.assertEqual(answer["host"]["can_run_now"], "SUPPORT_SUPPORTED")

    def test_a_domain_takes_a_key_and_gives_it_back(self):
        free = int(self.free_keys())
        dry = self.ctl(0, "define", EXAMPLES / "domain-tdx.json", "--dry-run", "--xml")
        self.assertIn("launchSecurity", dry)
        self.assertIn("No trust domain", self.ctl(0, "list"))
        self.assertIn("was defined, runs",
                      self.ctl(0, "define", EXAMPLES / "domain-tdx.json", "--start"))
        self.assertIn("was there already", self.ctl(0, "define", EXAMPLES / "domain-tdx.json"))
        self.assertIn(UUID + "  example-tdx  running", self.ctl(0, "list"))
        self.await_free_keys(free - 1)
        self.assertIn("DOMAIN_RUNS", self.ctl(1, "undefine", UUID))
        self.assertIn("was stopped and removed", self.ctl(0, "undefine", UUID, "--stop"))
        self.assertIn("was not there", self.ctl(0, "undefine", UUID))
        self.await_free_keys(free)

    def await_free_keys(self, wanted):
        """The count follows the domains' state, soon but not at once."""
        wait_for(f"count of {wanted} free keys", lambda: int(self.free_keys()), PATIENCE_S,
                 lambda free: free == wanted)

    def test_other_content_under_one_uuid_is_refused_with_the_reason(self):
        self.ctl(0, "define", EXAMPLES / "domain-tdx.json")
        spec = json.loads((EXAMPLES / "domain-tdx.json").read_text())
        spec["domain"]["vcpus"] = 2
        other = self.daemon.folder / "other.json"
        other.write_text(json.dumps(spec))
        self.assertIn("UUID_HAS_OTHER_CONTENT", self.ctl(1, "define", other))

    def test_malformed_fields_are_all_named(self):
        spec = json.loads((EXAMPLES / "domain-tdx.json").read_text())
        spec["domain"].update(uuid="X", vcpus=0, name="a b")
        bad = self.daemon.folder / "bad.json"
        bad.write_text(json.dumps(spec))
        text = self.ctl(1, "define", bad)
        for field in ("field domain.uuid: ", "field domain.vcpus: ", "field domain.name: "):
            self.assertIn(field, text)

    def test_the_read_only_socket_answers_and_defines_nothing(self):
        self.ctl(0, "doctor", address=self.daemon.readonly)
        self.ctl(1, "define", EXAMPLES / "domain-tdx.json", address=self.daemon.readonly)
        self.assertIn("No trust domain", self.ctl(0, "list"))

    def test_audit_takes_the_hosts_policy(self):
        text = self.ctl(1, "audit", "--with-host", "--flavors", EXAMPLES / "catalog-flavors.json",
                        "--images", EXAMPLES / "catalog-images.json")
        self.assertIn("this host: intel-tdx SUPPORTED", text)
        self.assertIn("cannot run        6", text)

    def test_watch_outlives_a_restart_of_the_daemon(self):
        watch = subprocess.Popen(
            [CCPLACECTL, "--address", self.daemon.address, "watch", "-o", "json", "--count", "2"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            self.assertIn("capabilities", json.loads(watch.stdout.readline()))
            self.daemon.end(signal.SIGTERM)
            self.daemon.start()
            rest, errors = watch.communicate(timeout=PATIENCE_S)
        finally:
            watch.kill()
        self.assertEqual(watch.returncode, 0)
        self.assertIn("capabilities", json.loads(rest))
        self.assertIn("lost: ", errors)

    def test_a_stopped_daemon_is_named_with_the_remedy(self):
        self.daemon.end(signal.SIGTERM)
        text = self.ctl(3, "doctor")
        self.assertIn("cannot reach", text)
        self.assertIn("systemctl status ccplaced", text)

    def test_completion_works_in_bash(self):
        script = ('source <("$1" completion bash); COMP_WORDS=(ccplacectl def); COMP_CWORD=1; '
                  '_ccplacectl; echo "${COMPREPLY[*]}"; COMP_WORDS=(ccplacectl define --dr); '
                  'COMP_CWORD=2; _ccplacectl; echo "${COMPREPLY[*]}"')
        run = subprocess.run(["bash", "-c", script, "bash", CCPLACECTL], capture_output=True,
                             text=True, check=True)
        self.assertEqual(run.stdout.splitlines(), ["define", "--dry-run"])


class TlsTest(unittest.TestCase):
    def test_certificates_open_the_door_and_their_want_does_not(self):
        with tempfile.TemporaryDirectory(prefix="ccplace-tls.") as name:
            folder = pathlib.Path(name)
            make_certificates(folder)
            address = f"127.0.0.1:{free_port()}"
            daemon = self.enterContext(SimulatedDaemon(
                f"--tls_address={address}", f"--tls_certificate={folder}/node-1.pem",
                f"--tls_key={folder}/node-1.key", f"--tls_client_ca={folder}/ca.pem",
                "--tls_readers=dns:client-1"))
            tls = ["--ca", folder / "ca.pem", "--server-name", "node-1"]
            own = ["--cert", folder / "client-1.pem", "--key", folder / "client-1.key"]
            good = daemon.ctl("doctor", *tls, *own, address=address)
            self.assertEqual(good.returncode, 0, good.stderr)
            self.assertEqual(daemon.ctl("doctor", *tls, address=address).returncode, 3)
            wrong_name = daemon.ctl("doctor", "--ca", folder / "ca.pem", *own, address=address)
            self.assertEqual(wrong_name.returncode, 3)
            self.assertIn("cannot reach", wrong_name.stderr)
            plain = daemon.ctl("doctor", address=address)
            self.assertEqual(plain.returncode, 3)


if __name__ == "__main__":
    os.environ["CCPLACED"], CCPLACECTL = (os.path.abspath(path) for path in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
