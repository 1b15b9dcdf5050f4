"""ValidateRequest's rules beside a real nova-api on sqlite: flavors and servers through its calls.

CCPLACE_NOVA_PAIRINGS: how many pairings (200), CCPLACE_NOVA_SEED: of which seed.
"""

import collections
import json
import os
import re
import unittest

import verdict_differences
import verdict_requests
from verdict_test import ask_nova, ask_rules

COUNT = int(os.environ.get("CCPLACE_NOVA_PAIRINGS", "200"))
SEED = int(os.environ.get("CCPLACE_NOVA_SEED", "34"))
# What the API says, and the exception of nova's that says it. What it has no answer for is an
# "Unexpected API Error" (500) with the exception's name.
SAYS = (
    (r"Invalid image metadata", "InvalidRequest"),
    (r"Image \S+ is not active", "ImageNotActive"),
    (r"config drive option", "InvalidImageConfigDrive"),
    (r"cpu thread pinning policy in a non dedicated", "CPUThreadPolicyConfigurationInvalid"),
    (r"isolated CPU emulator threads option", "BadRequirementEmulatorThreadsPolicy"),
    (r"CPU emulator threads option requested is invalid", "InvalidEmulatorThreadsPolicy"),
    (r"CPU policy requested from", "InvalidCPUAllocationPolicy"),
    (r"CPU thread policy requested from", "InvalidCPUThreadAllocationPolicy"),
    (r"'hw_cpu_policy' is not permitted", "ImageCPUPinningForbidden"),
    (r"'hw_cpu_thread_policy' is not permitted", "ImageCPUThreadPolicyForbidden"),
    (r"'hw_pci_numa_affinity_policy' is not permitted", "ImagePCINUMAPolicyForbidden"),
    (r"forbidden when mem_page_size is not set", "LockMemoryForbidden"),
    (r"locked_memory value in image .* conflict", "FlavorImageLockedMemoryConflict"),
    (r"Page size .* forbidden", "MemoryPageSizeForbidden"),
    (r"requires stateless firmware", "StatelessFirmwareRequired"),
    (r"incompatible with an attached video device", "InvalidVideoMode"),
    (r"Machine type .* is not compatible", "InvalidMachineType"),
    (r"Mixed instance must have", "InvalidMixedInstanceDedicatedMask"),
    (r"Dedicated CPU set can be specified", "RequiredMixedOrRealtimeCPUMask"),
    (r"'hw:cpu_dedicated_mask' ", "RequiredMixedInstancePolicy"),
    (r"conflicting with image|doesn't have 'hw_firmware_type'|the image metadata doesn't have",
     "FlavorImageConflict"),
    (r"<class 'nova\.exception\.(\w+)'>", None),
)


def error_of(answer):
    """The name of nova's exception; None where the server was taken."""
    if answer["code"] == 202:
        return None
    for pattern, name in SAYS:
        found = re.search(pattern, answer["says"])
        if found:
            return name or found[1]
    return f"UNKNOWN {answer['code']}: {answer['says']}"


def verdict_of(answer, checks):
    """The API's verdict, as nova_verdict.py gives that of its checks; only that has the query."""
    error = error_of(answer)
    if error is None and (checks["error"] or "").startswith("scheduler:"):
        return checks  # The API takes the server; what the scheduler reads stops it there.
    if error is None and checks["error"] is not None:
        return {"error": f"none, but its checks say {checks['error']}", "says": "", "query": None}
    return {"error": error, "says": answer["says"] or "", "query": checks["query"]}


def extra_specs_differ(answer, ours):
    """The extra specs of which ccplace does not say what the newest API does."""
    if ours["decision"] == "NOT_CONFIDENTIAL":
        return set()
    refused = set(answer["refused_specs"])
    silent = refused - set(ours["refused_specs"]) - set(ours["told"])
    return silent | (set(ours["refused_specs"]) - refused)


class ApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        maker = verdict_requests.Requests(SEED)
        requests = [maker.make() for _ in range(COUNT)]
        text = "\n".join(map(json.dumps, requests)) + "\n"
        cls.judged = list(zip(requests, ask_nova(text, "nova_api.py"), ask_nova(text),
                              ask_rules(text), strict=True))

    def kind(self, request, answer, checks, ours):
        return verdict_differences.compare(request, verdict_of(answer, checks), ours)

    def test_every_difference_is_one_that_is_meant(self):
        kinds = collections.Counter(self.kind(*one) for one in self.judged)
        print(f"seed {SEED}, {COUNT} pairings through nova-api: {dict(kinds.most_common())}")
        known = {"same", *verdict_differences.DIFFERENCES}
        shown = [(self.kind(*one), one) for one in self.judged if self.kind(*one) not in known]
        self.assertEqual(shown, [])
        self.assertGreater(kinds["same"], COUNT // 3)

    def test_every_extra_spec_that_the_newest_api_refuses_is_told_and_no_other(self):
        shown = [(extra_specs_differ(answer, ours), request) for request, answer, _, ours
                 in self.judged if extra_specs_differ(answer, ours)]
        self.assertEqual(shown, [])
        self.assertTrue(any(answer["refused_specs"] for _, answer, _, _ in self.judged))

    def test_the_api_takes_servers_and_refuses_them_for_many_reasons(self):
        codes = collections.Counter(answer["code"] for _, answer, _, _ in self.judged)
        errors = {error_of(answer) for _, answer, _, _ in self.judged}
        self.assertGreater(codes[202], COUNT // 10)
        self.assertGreater(codes[400], COUNT // 10)
        self.assertGreater(len(errors), 10, errors)


if __name__ == "__main__":
    unittest.main()
