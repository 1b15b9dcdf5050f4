"""nova's configuration as ccplaced reads it, against real oslo.config and real nova's options."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import oslo_forms
import server_inside
import server_roots

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("CCPLACE_BUILD", os.path.join(HERE, "..", "..", "build", "release"))
READER = os.path.join(BUILD, "tests", "nova", "nova_config_reader")
FORMS = 600
SEED = 20261130
SUITE = "sid"  # nova 34, which has options of TDX.


class OsloConfigTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ccplace-oslo-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        # Both find them at /srv: nova in its root, ccplaced below its host's.
        self.srv = os.path.join(self.folder, "srv")
        os.makedirs(self.srv)

    def write(self, number, form):
        """Writes a form's files. The paths that nova-compute would be given."""
        paths = []
        for name, content in form:
            path = os.path.join(self.srv, str(number), name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            given = f"/srv/{number}/{name}" if "/" not in name else f"/srv/{number}/conf.d"
            paths += [] if given in paths else [given]
        return paths

    def test_reads_what_nova_reads_or_refuses_what_nova_refuses(self):
        forms = oslo_forms.forms(FORMS, SEED)
        asked = [self.write(number, form) for number, form in enumerate(forms)]
        theirs, ours = self.novas_answers(asked), self.our_answers(asked)
        differences = [f"{form}\n  nova: {nova}\n  ours: {our}"
                       for form, nova, our in zip(forms, theirs, ours) if not agree(nova, our)]
        self.assertEqual(differences[:5], [], f"{len(differences)} of {FORMS} differ")
        understood = sum("refused" not in our for our in ours)
        refused = sum("refused" in nova for nova in theirs)
        not_followed = sum("UNIMPLEMENTED" in our.get("refused", "") for our in ours)
        print(f"  {FORMS} forms: {understood} read alike, {refused} refused by nova, "
              f"{not_followed} refer to another option")
        self.assertGreater(understood, FORMS / 2)
        self.assertGreater(refused, FORMS / 20)

    def novas_answers(self, asked):
        shutil.copy(os.path.join(HERE, "harness", "oslo_judge.py"), self.srv)
        command = server_inside.command(server_roots.existing_root(SUITE), self.srv,
                                        ["python3", "-W", "ignore", "/srv/oslo_judge.py"])
        return answers(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--", *command],
                       asked)

    def our_answers(self, asked):
        return answers([READER, self.folder], asked)


def answers(command, asked):
    lines = "".join(json.dumps(paths) + "\n" for paths in asked)
    result = subprocess.run(command, input=lines, capture_output=True, text=True, check=False,
                            timeout=300)
    found = [json.loads(line) for line in result.stdout.splitlines()]
    if len(found) != len(asked):
        raise AssertionError(f"{len(found)} answers to {len(asked)}: {result.stderr[-2000:]}")
    return found


def agree(nova, our):
    """Both refuse, both read the same, or a reference to another option is not followed."""
    if "refused" in nova or "refused" in our:
        return "refused" in our and ("refused" in nova or "UNIMPLEMENTED" in our["refused"])
    return nova == our


if __name__ == "__main__":
    unittest.main()
