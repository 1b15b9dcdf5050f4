"""ValidateRequest's rules beside real nova 34: its API's checks, its scheduler's query.

CCPLACE_NOVA_REQUESTS: how many requests (140000; half as many wild ones), CCPLACE_NOVA_SEED: of which
seed.
"""

import collections
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import verdict_differences
import verdict_requests
import nova_case  # pylint: disable=unused-import
import server_inside
import server_roots

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["CCPLACE_BUILD"]
COUNT = int(os.environ.get("CCPLACE_NOVA_REQUESTS", "140000"))
SEED = int(os.environ.get("CCPLACE_NOVA_SEED", "34"))
BATCH = 20000  # Requests that one process of nova's judges; as many processes as processors.
RULES = os.path.join(HERE, "..", "..", "docs", "rules.md")


def lines_of(argv, text):
    result = subprocess.run(argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, check=True, timeout=1000)
    return [json.loads(line) for line in result.stdout.splitlines()]


def ask_nova(text, program="nova_verdict.py"):
    """The answers of a program that runs beside real nova code."""
    with tempfile.TemporaryDirectory(prefix="ccplace-nova-") as folder:
        shutil.copy(os.path.join(HERE, "harness", program), folder)
        wrapper = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--"]
        inside = server_inside.command(server_roots.existing_root("sid"), folder,
                                       ["python3", f"/srv/{program}"])
        return lines_of(wrapper + inside, text)


def ask_rules(text):
    return lines_of([os.path.join(BUILD, "tests", "nova", "evaluate_lines")], text)


def batches(maker, count):
    """The requests as lines, so many of them in one text."""
    for first in range(0, count, BATCH):
        yield "".join(json.dumps(maker.make()) + "\n" for _ in range(min(BATCH, count - first)))


def judged_by_both(text):
    """Each request with nova's verdict and ccplace's."""
    requests = map(json.loads, text.splitlines())
    return list(zip(requests, ask_nova(text), ask_rules(text), strict=True))


class Tally:
    """What requests came to: all of them are too many to keep."""

    def __init__(self, maker, count):
        self.kinds = collections.Counter()
        self.errors = collections.Counter()
        self.unexplained = []
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for judged in pool.map(judged_by_both, batches(maker, count)):
                for one in judged:
                    self._add(*one)

    def _add(self, request, nova, ours):
        kind = verdict_differences.compare(request, nova, ours)
        self.kinds[kind] += 1
        self.errors[nova["error"]] += 1
        if kind != "same" and kind not in verdict_differences.DIFFERENCES:
            self.unexplained.append(f"{kind}: {json.dumps([request, nova, ours])}")


class VerdictTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plain = Tally(verdict_requests.Requests(SEED), COUNT)
        cls.wild = Tally(verdict_requests.WildRequests(SEED), COUNT // 2)
        for name, tally in (("", cls.plain), ("wild ", cls.wild)):
            count = sum(tally.kinds.values())
            print(f"seed {SEED}, {count} {name}requests: {dict(tally.kinds.most_common())}")

    def test_every_request_was_judged(self):
        self.assertEqual(sum(self.plain.kinds.values()), COUNT)
        self.assertEqual(sum(self.wild.kinds.values()), COUNT // 2)

    def test_every_difference_is_one_that_is_meant(self):
        shown = self.plain.unexplained + self.wild.unexplained
        self.assertEqual(len(shown), 0, "unexplained:\n" + "\n".join(shown[:20]))

    def test_every_difference_occurs_and_the_guide_has_a_row_for_it(self):
        with open(RULES, encoding="utf-8") as file:
            section = file.read().split("\n## Where it differs from nova\n")[1].split("\n## ")[0]
        documented = set(re.findall(r"^\| `(\w+)` \|", section, re.M))
        self.assertEqual(documented, verdict_differences.DIFFERENCES)
        kinds = self.plain.kinds + self.wild.kinds
        self.assertEqual({name for name in documented if kinds[name] == 0}, set())

    def test_most_requests_get_past_the_first_check(self):
        errors = self.plain.errors
        self.assertGreater(errors[None], COUNT // 10)
        self.assertGreater(len(errors), 15, errors)


def tdx_request(flavor):
    specs = {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx", **flavor}
    properties = {"hw_firmware_type": "uefi", "hw_machine_type": "q35",
                  "hw_firmware_stateless": "true", "hw_video_model": "none"}
    return {"flavor": {"extra_specs": specs, "vcpus": 4, "memory_mb": 512, "root_gb": 1},
            "image": {"status": "active", "properties": properties}}


# Settings that meet once in a million random requests, and what the two verdicts are to each other.
NO_THREADS = {"hw:cpu_thread_policy": ""}
RARE = (
    (NO_THREADS, "ACCEPTED", "same"),
    ({**NO_THREADS, "hw:mem_page_size": "any"}, "REJECTED", "same"),
    ({**NO_THREADS, "hw:cpu_policy": "dedicated"}, "REJECTED", "same"),
    ({**NO_THREADS, "resources:PCPU": "4"}, "REJECTED", "same"),
    ({**NO_THREADS, "hw:cpu_policy": "dedicated", "trait:HW_CPU_HYPERTHREADING": "required"},
     "ACCEPTED", "same"),
    ({"hw:emulator_threads_policy": "isolate", "resources:PCPU": "5"}, "ACCEPTED", "same"),
    ({"hw:emulator_threads_policy": "isolate", "resources:PCPU": "4"}, "ACCEPTED", "left_to_nova"),
)


class RareRequestsTest(unittest.TestCase):
    def test_the_verdicts_are_to_each_other_as_is_written(self):
        text = "".join(json.dumps(tdx_request(flavor)) + "\n" for flavor, _, _ in RARE)
        seen = [(ours["decision"], verdict_differences.compare(request, nova, ours))
                for request, nova, ours in judged_by_both(text)]
        self.assertEqual(seen, [(decision, kind) for _, decision, kind in RARE])


class TablesTest(unittest.TestCase):
    def test_the_tables_in_the_code_are_what_nova_says(self):
        result = subprocess.run([os.path.join(HERE, "nova_tables"), "--check"], check=False,
                                stdout=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
