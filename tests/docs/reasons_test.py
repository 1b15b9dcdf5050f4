"""The reasons that docs/errors.md promises are those that the code sends, and no others."""

import pathlib
import re
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ("lib/lifecycle/reasons.h", "lib/hypervisor/hypervisor.h")


def promised():
    """Reason -> codes, from the table under the heading "Reasons"."""
    table = (TOP / "docs/errors.md").read_text().split("## Reasons", 1)[1]
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", table, re.MULTILINE)
    return {reason: re.findall(r"`([A-Z_]+)`", codes) for reason, codes in rows}


class ReasonsTest(unittest.TestCase):
    def test_every_reason_is_promised_and_no_other(self):
        headers = "".join((TOP / each).read_text() for each in HEADERS)
        sent = re.findall(r'absl::string_view k\w+ =\s*"([A-Z_]+)";', headers)
        self.assertGreater(len(sent), 10)
        self.assertEqual(sorted(promised()), sorted(sent))

    def test_every_code_is_one_of_grpc(self):
        known = {"INVALID_ARGUMENT", "PERMISSION_DENIED", "ALREADY_EXISTS",
                 "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED", "ABORTED", "UNAVAILABLE"}
        for reason, codes in promised().items():
            self.assertTrue(codes, reason)
            self.assertLessEqual(set(codes), known, reason)


if __name__ == "__main__":
    unittest.main()
