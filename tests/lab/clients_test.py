#!/usr/bin/python3
"""Clients of others' making: buf, which knows the service by reflection alone, and
Python's gRPC with stubs from the same proto. Every RPC with each."""

import json
import pathlib
import subprocess

import harness
from harness.contract import v1
from harness.full_host import OnFullHost
from harness.trust_domains import new_uuid

BUF = pathlib.Path(__file__).resolve().parents[1] / "node_modules/.bin/buf"
SERVICE = "ccplace.v1.HostService"
RPCS = {"HostCapabilities", "TdxInventory", "WatchHost", "ValidateRequest",
        "DefineTdxDomain", "UndefineTdxDomain", "ListTdxDomains"}
CONFIDENTIAL = {
    "flavor": {"extraSpecs": {"hw:mem_encryption": "true",
                              "hw:mem_encryption_model": "intel-tdx"}},
    "image": {"properties": {"hw_firmware_type": "uefi", "hw_firmware_stateless": "true",
                             "hw_machine_type": "q35", "hw_video_model": "none",
                             # Debian's firmware for trust domains has secure boot on.
                             "os_secure_boot": "optional"}},
}


class Buf(OnFullHost):
    """Nothing but the address is known beforehand."""

    def curl(self, *arguments):
        """The command line of buf curl on the daemon's socket."""
        return [str(BUF), "curl", "--protocol", "grpc", "--http2-prior-knowledge",
                "--unix-socket", str(self.daemon.socket), *arguments]

    def run_curl(self, *arguments):
        return subprocess.run(self.curl(*arguments), capture_output=True, text=True,
                              timeout=60, check=False)

    def call(self, rpc, request, service=SERVICE):
        done = self.run_curl("--data", json.dumps(request), f"http://localhost/{service}/{rpc}")
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)


    def test_reflection_shows_every_rpc(self):
        done = self.run_curl("--list-methods", "http://localhost")
        self.assertEqual({f"{SERVICE}/{rpc}" for rpc in RPCS},
                         {line for line in done.stdout.split() if line.startswith(SERVICE)})
        self.assertIn("grpc.health.v1.Health/Check", done.stdout)

    def test_health(self):
        for service in ("", SERVICE):
            self.assertEqual({"status": "SERVING"}, self.call(
                "Check", {"service": service}, "grpc.health.v1.Health"))

    def test_reads(self):
        answer = self.call("HostCapabilities", {"refresh": True})
        self.assertEqual("SUPPORT_SUPPORTED", answer["capabilities"]["models"][0]["verdict"])
        self.assertEqual("63", self.call("TdxInventory", {})["keys"]["total"]["value"])
        answer = self.call("ValidateRequest", CONFIDENTIAL)
        self.assertEqual("DECISION_ACCEPTED", answer["decision"])
        self.assertIn("HW_CPU_X86_INTEL_TDX", answer["scheduling"]["requiredTraits"])
        self.assertEqual("SUPPORT_SUPPORTED", answer["host"]["canRunNow"])

    def test_stream(self):
        with subprocess.Popen(self.curl("--data", "{}", f"http://localhost/{SERVICE}/WatchHost"),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as process:
            try:
                text, decoder = "", json.JSONDecoder()
                for line in process.stdout:
                    text += line
                    if line.startswith("}") or line.rstrip().endswith("}}"):
                        break
                told, _ = decoder.raw_decode(text)
            finally:
                process.terminate()
        self.assertEqual("63", told["tdxKeys"]["total"]["value"])

    def test_life_of_a_domain(self):
        uuid = new_uuid()
        request = {"domain": {"uuid": uuid, "name": "by-buf", "vcpus": 1, "memoryMib": "512",
                              "disks": [{"file": {"path": self.disk}}]}, **CONFIDENTIAL}
        self.assertEqual("by-buf", self.call("DefineTdxDomain", request)["name"])
        self.assertTrue(self.call("DefineTdxDomain", request)["alreadyDefined"])
        listed = self.call("ListTdxDomains", {})["domains"]
        self.assertEqual([uuid], [domain["uuid"] for domain in listed])
        self.assertEqual(uuid, self.call("UndefineTdxDomain", {"uuid": uuid})["uuid"])

    def test_error_comes_with_its_details(self):
        done = self.run_curl("--data", '{"uuid": "x"}',
                             f"http://localhost/{SERVICE}/UndefineTdxDomain")
        self.assertNotEqual(0, done.returncode)
        error = json.loads(done.stderr)
        self.assertEqual("invalid_argument", error["code"])
        details = {detail["type"]: detail for detail in error["details"]}
        self.assertIn("google.rpc.BadRequest", details)


class Python(OnFullHost):
    """Stubs from this tree's proto, over Debian's python3-grpcio."""

    def test_every_rpc(self):
        self.assertTrue(self.daemon.call("HostCapabilities").capabilities.models)
        self.assertEqual(63, self.daemon.call("TdxInventory").keys.total.value)
        with self.daemon.watching() as watch:
            self.assertEqual(63, next(watch).tdx_keys.total.value)
        request = self.request()
        self.assertEqual(v1.DECISION_ACCEPTED, self.daemon.call(
            "ValidateRequest", v1.ValidateRequestRequest(
                flavor=request.flavor, image=request.image)).decision)
        self.daemon.call("DefineTdxDomain", request)
        self.assertEqual(1, len(self.daemon.call("ListTdxDomains").domains))
        self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=request.domain.uuid))
        self.assertEqual(0, len(self.daemon.call("ListTdxDomains").domains))

    def test_errors_carry_fields_by_name(self):
        refusal = self.daemon.refusal("DefineTdxDomain", v1.DefineTdxDomainRequest(
            domain=v1.TdxDomainSpec(uuid="x", name="a b", vcpus=1, memory_mib=512)))
        self.assertEqual("INVALID_ARGUMENT", refusal.code)
        self.assertEqual({"domain.uuid", "domain.name"}, set(refusal.fields))


if __name__ == "__main__":
    harness.main()
