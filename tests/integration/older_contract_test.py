"""Today's programs beside those of an earlier day, which know its contract and no more: an older
client at today's ccplaced, today's ccplacectl at an older ccplaced.

usage: older_contract_test.py CCPLACED CCPLACECTL
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / folder)
                for folder in ("lab", "support", "reliability/helpers")]
from harness import contract  # noqa: E402
from harness.daemon import Daemon, open_channel  # noqa: E402
from older_contract import OlderClient, OlderContract, OlderDaemon  # noqa: E402
from requests_to_simulated import fill  # noqa: E402

EXAMPLES = ROOT / "examples"
UUID = "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24"
TDX = "ENCRYPTION_MODEL_INTEL_TDX"
KEYS = 63  # Of the simulated host.
CCPLACECTL = ""
OLD = OlderContract()


def number(message, field, name):
    """The number of an enum's value in the older contract."""
    return message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_name[name].number


def definition():
    """A request as an older client sends it."""
    return fill(OLD.DefineTdxDomainRequest(), UUID, "td-older")


class OlderClientTest(unittest.TestCase):
    """It is answered as on that day, and what is new in the answers does not disturb it."""

    def setUp(self):
        self.daemon = self.enterContext(Daemon(["--simulate"]))
        self.client = OlderClient(OLD, self.enterContext(open_channel(self.daemon.socket)))

    def refusal(self, name, request):
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.call(name, request)
        return caught.exception

    def assert_is_a_tdx_host(self, capabilities, keys):
        model = capabilities.models[0]
        self.assertEqual(model.model, number(model, "model", TDX))
        self.assertEqual(model.verdict, number(model, "verdict", "SUPPORT_SUPPORTED"))
        self.assertGreater(len(model.checks), 5)
        self.assertEqual(keys.total.value, KEYS)

    def test_is_told_what_the_host_can_do(self):
        answer = self.client.call("HostCapabilities")
        self.assertTrue(answer.simulated)
        self.assertFalse(answer.freshness.stale)
        self.assert_is_a_tdx_host(answer.capabilities, self.client.call("TdxInventory").keys)
        told = self.client.call("WatchHost")
        self.assert_is_a_tdx_host(told.capabilities, told.tdx_keys)

    def test_is_told_whether_a_request_may_run(self):
        request = OLD.ValidateRequestRequest(flavor=definition().flavor,
                                             image=definition().image)
        answer = self.client.call("ValidateRequest", request)
        self.assertEqual(answer.decision, number(answer, "decision", "DECISION_ACCEPTED"))
        self.assertEqual(answer.scheduling.resources["MEM_ENCRYPTION_CONTEXT"], 1)
        request.image.properties["hw_firmware_type"] = "bios"
        answer = self.client.call("ValidateRequest", request)
        self.assertEqual(answer.decision, number(answer, "decision", "DECISION_REJECTED"))
        self.assertTrue(answer.violations[0].message and answer.violations[0].remedy)

    def test_defines_starts_lists_and_removes_a_domain(self):
        request = definition()
        request.dry_run = True
        self.assertTrue(self.client.call("DefineTdxDomain", request).dry_run)
        request.dry_run = False
        first = self.client.call("DefineTdxDomain", request)
        self.assertTrue(first.running and not first.already_defined)
        self.assertEqual(first.reference.policy, 0x10000000)
        self.assertTrue(self.client.call("DefineTdxDomain", request).already_defined)
        listed = self.client.call("ListTdxDomains").domains
        self.assertEqual([(UUID, first.request_digest)],
                         [(each.uuid, each.request_digest) for each in listed])
        self.assertEqual(self.client.call("TdxInventory").keys.in_use.value, 1)
        removal = OLD.UndefineTdxDomainRequest(uuid=UUID, stop=True)
        self.assertTrue(self.client.call("UndefineTdxDomain", removal).stopped)
        self.assertTrue(self.client.call("UndefineTdxDomain", removal).already_gone)

    def test_knows_its_domain_by_the_digest_that_a_newer_client_gets(self):
        digest = self.client.call("DefineTdxDomain", definition()).request_digest
        newer = contract.v1.DefineTdxDomainRequest.FromString(definition().SerializeToString())
        answer = self.daemon.call("DefineTdxDomain", newer)
        self.assertTrue(answer.already_defined)
        self.assertEqual(answer.request_digest, digest)

    def test_is_refused_with_the_codes_and_reasons_of_that_day(self):
        self.client.call("DefineTdxDomain", definition())
        other = definition()
        other.domain.vcpus = 4
        refusal = self.refusal("DefineTdxDomain", other)
        self.assertEqual(refusal.code(), grpc.StatusCode.ALREADY_EXISTS)
        self.assertEqual(contract.details_of(refusal)["ErrorInfo"].reason, "UUID_HAS_OTHER_CONTENT")
        other.domain.uuid = "no uuid"
        refusal = self.refusal("DefineTdxDomain", other)
        self.assertEqual(refusal.code(), grpc.StatusCode.INVALID_ARGUMENT)
        fields = contract.details_of(refusal)["BadRequest"].field_violations
        self.assertIn("domain.uuid", [each.field for each in fields])
        removal = OLD.UndefineTdxDomainRequest(uuid=UUID)
        self.assertEqual(self.refusal("UndefineTdxDomain", removal).code(),
                         grpc.StatusCode.FAILED_PRECONDITION)


class OlderDaemonTest(unittest.TestCase):
    """Today's ccplacectl says what an older host tells, and takes nothing for told that was not."""

    def setUp(self):
        daemon = self.enterContext(Daemon(["--simulate"]))
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ccplace-older-"))
        channel = self.enterContext(open_channel(daemon.socket))
        self.older = self.enterContext(OlderDaemon(OLD, channel, f"{folder}/older.sock"))

    def ctl(self, *arguments, code=0):
        """What ccplacectl prints; held to its exit code."""
        run = subprocess.run([CCPLACECTL, *map(str, arguments), "--address",
                              f"unix:{self.older.socket}"], capture_output=True, text=True,
                             timeout=60, check=False)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run.stdout

    def json(self, *arguments):
        return json.loads(self.ctl(*arguments, "-o", "json"))

    def test_questions_are_answered(self):
        self.assertIn("intel-tdx: SUPPORTED", self.ctl("doctor"))
        self.assertIn("intel-tdx", self.ctl("capabilities"))
        self.assertEqual(self.json("inventory")["keys"]["total"]["value"], str(KEYS))
        self.assertIn("no", self.ctl("list").lower())

    def test_what_it_does_not_tell_is_not_told(self):
        host = self.json("capabilities")["capabilities"]
        # Fields of a later day.
        self.assertNotIn("tdx_firmware", host)
        self.assertEqual(host["versions"]["microcode"], "")
        self.ctl("reference", code=3)

    def test_a_request_is_judged(self):
        request = ["--flavor", EXAMPLES / "flavor-tdx.json", "--image", EXAMPLES / "image-tdx.json"]
        self.assertIn("accepted", self.ctl("validate", *request).lower())
        five = ["--flavor", EXAMPLES / "flavor-five-faults.json",
                "--image", EXAMPLES / "image-five-faults.json"]
        self.assertIn("rejected", self.ctl("validate", *five, code=1).lower())

    def test_a_domain_lives_and_goes(self):
        file = EXAMPLES / "domain-tdx.json"
        uuid = json.loads(file.read_text())["domain"]["uuid"]
        self.ctl("define", "--dry-run", file)
        self.ctl("define", "--start", file)
        self.assertIn(uuid, self.ctl("list"))
        self.ctl("undefine", "--stop", uuid)
        self.assertNotIn(uuid, self.ctl("list"))


if __name__ == "__main__":
    os.environ["CCPLACED"], CCPLACECTL = (os.path.abspath(path) for path in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
