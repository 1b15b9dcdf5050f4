"""ValidateRequest's rules beside real nova 34: its API's checks, its scheduler's query.

CCPLACE_NOVA_REQUESTS: how many requests (20000; half as many wild ones), CCPLACE_NOVA_SEED: of which
seed.
"""

import collections
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import nova_roots
import verdict_differences
import verdict_requests
import nova_case  # pylint: disable=unused-import
import server_inside

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["CCPLACE_BUILD"]
COUNT = int(os.environ.get("CCPLACE_NOVA_REQUESTS", "20000"))
SEED = int(os.environ.get("CCPLACE_NOVA_SEED", "34"))
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
        inside = server_inside.command(nova_roots.existing_root("sid"), folder,
                                       ["python3", f"/srv/{program}"])
        return lines_of(wrapper + inside, text)


def ask_rules(text):
    return lines_of([os.path.join(BUILD, "tests", "nova", "evaluate_lines")], text)


def judged_by_both(maker, count):
    """Each request with nova's verdict and ccplace's."""
    requests = [maker.make() for _ in range(count)]
    text = "\n".join(map(json.dumps, requests)) + "\n"
    return list(zip(requests, ask_nova(text), ask_rules(text), strict=True))


class VerdictTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.judged = judged_by_both(verdict_requests.Requests(SEED), COUNT)
        cls.wild = judged_by_both(verdict_requests.WildRequests(SEED), COUNT // 2)
        for name, judged in (("", cls.judged), ("wild ", cls.wild)):
            kinds = cls.kinds_of(judged)
            print(f"seed {SEED}, {len(judged)} {name}requests: {dict(kinds.most_common())}")

    @staticmethod
    def kinds_of(judged):
        return collections.Counter(verdict_differences.compare(*one) for one in judged)

    def test_every_difference_is_one_that_is_meant(self):
        known = {"same", *verdict_differences.DIFFERENCES}
        shown = [one for one in self.judged + self.wild
                 if verdict_differences.compare(*one) not in known]
        text = "\n".join(f"{verdict_differences.compare(*one)}: {json.dumps(one)}"
                         for one in shown[:20])
        self.assertEqual(shown, [], f"{len(shown)} unexplained:\n{text}")

    def test_every_difference_occurs_and_the_guide_has_a_row_for_it(self):
        with open(RULES, encoding="utf-8") as file:
            section = file.read().split("\n## Where it differs from nova\n")[1].split("\n## ")[0]
        documented = set(re.findall(r"^\| `(\w+)` \|", section, re.M))
        self.assertEqual(documented, verdict_differences.DIFFERENCES)
        kinds = self.kinds_of(self.judged + self.wild)
        self.assertEqual({name for name in documented if kinds[name] == 0}, set())

    def test_most_requests_get_past_the_first_check(self):
        errors = collections.Counter(verdict["error"] for _, verdict, _ in self.judged)
        self.assertGreater(errors[None], COUNT // 10)
        self.assertGreater(len(errors), 15, errors)


class TablesTest(unittest.TestCase):
    def test_the_tables_in_the_code_are_what_nova_says(self):
        result = subprocess.run([os.path.join(HERE, "nova_tables"), "--check"], check=False,
                                stdout=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
