"""ccplace-sync logs in where openstacksdk does, or refuses: the same files and variables, drawn from
a seeded grammar, given to both.

CCPLACE_SEED, CCPLACE_FORMS: the first seed and how many (default 1 and 150).
"""

import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

import login_forms
import server_inside
import server_roots
import sync_case

HARNESS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness")
SEED = int(os.environ.get("CCPLACE_SEED", "1"))
FORMS = int(os.environ.get("CCPLACE_FORMS", "150"))
# Settings of which a login that is sent tells nothing.
CHECKED = {True: "checked by the system's authorities", False: "not checked"}


class Keystone(http.server.ThreadingHTTPServer):
    """Refuses every login and keeps the last."""

    def __init__(self):
        self.logins = {}
        super().__init__(("127.0.0.1", 0), _Refuse)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class _Refuse(http.server.BaseHTTPRequestHandler):
    def do_POST(self):  # pylint: disable=invalid-name
        """A login."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.logins[json.dumps(json.loads(body), sort_keys=True)] = self.path
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """Says nothing."""


class SdkLoginCase:
    """Becomes a unittest.TestCase in one subclass for each suite."""

    suite = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ccplace-login-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.keystone = Keystone()
        self.addCleanup(self.keystone.close)
        self.forms = []

    def write(self, form):
        """A case of its own folder."""
        number = len(self.forms)
        folder = os.path.join(self.folder, str(number))
        os.makedirs(os.path.join(folder, "home"))
        for path, text in form["files"].items():
            whole = os.path.join(folder, path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "w", encoding="utf-8") as out:
                out.write(self.fill(text, number))
            os.chmod(whole, 0o600)
        variables = {name: self.fill(value, number) for name, value in form["variables"].items()}
        self.forms.append({**form, "variables": variables})

    def fill(self, text, number):
        """`text` with its placeholders filled in."""
        port = str(self.keystone.server_address[1])
        return text.replace("/srv/CASE", f"/srv/{number}").replace("KEYSTONE_PORT", port)

    def judged(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as text:
            return json.load(text)

    def judge(self):
        """[(the SDK's verdict, ours)] of all forms."""
        with open(os.path.join(self.folder, "cases.json"), "w", encoding="utf-8") as cases:
            json.dump([form["variables"] for form in self.forms], cases)
        shutil.copy(os.path.join(HARNESS, "sdk_judge.py"), self.folder)
        server_inside.run(server_roots.existing_root(self.suite), self.folder,
                          ["python3", "/srv/sdk_judge.py", "/srv"])
        host = sync_case.FakeHost(self.folder, "node")
        self.addCleanup(host.close)
        host.say()
        subprocess.run(["unshare", "--mount", "sh", "-euc", 'mount --bind "$1" /srv; shift; exec "$@"',
                        "sh", self.folder, sys.executable, os.path.join(HARNESS, "login_ours.py"),
                        "/srv", os.path.abspath(sync_case.SYNC), host.socket], check=True)
        return list(zip(self.judged("judged.json"), self.judged("ours.json")))

    def differences(self, theirs, ours):
        """What differs between two verdicts; nothing where ours is a refusal."""
        if ours["code"] != 0:
            return [] if ours["code"] == 2 else [f"ended with {ours['code']}: {ours['error']}"]
        if "error" in theirs:
            return [f"openstacksdk refuses: {theirs['error']}"]
        lines = ours["lines"]
        endpoint = lines["placement_endpoint"]
        checked = theirs["verify"]
        pairs = {
            "region": (theirs["region"] or "none named", lines["region"]),
            "interface": (theirs["interface"], lines["interface"].split(", ")),
            "endpoint": (theirs["endpoint"] or "from Keystone's catalog", endpoint),
            "certificates": (CHECKED.get(checked, f"checked by {checked}"), lines["certificates"]),
            "cert": (theirs["cert"], lines.get("client_certificate", "")),
            "key": (theirs["key"], lines.get("client_key", "")),
            "login": (bool(theirs["login"]), "auth_url" in lines),
        }
        pairs["interface"] = tuple([word.rstrip("URL") for word in words]
                                   for words in pairs["interface"])
        found = [f"{name}: {a!r} and {b!r}" for name, (a, b) in pairs.items() if a != b]
        return found + self.login_difference(theirs)

    def login_difference(self, theirs):
        """Whether the SDK's login was sent by ours, to the same path."""
        if not theirs["login"] or found_elsewhere(theirs["login"][0], self.keystone):
            return []
        url, body = theirs["login"]
        sent = self.keystone.logins.get(json.dumps(body, sort_keys=True))
        return [] if sent and url.endswith(sent) else [f"login {url} {body} was not sent: {sent}"]

    def test_logs_in_as_openstacksdk_does_or_refuses(self):
        for seed in range(SEED, SEED + FORMS):
            self.write(login_forms.draw(seed))
        refused, differences = 0, []
        for form, seed, (theirs, ours) in zip(self.forms, range(SEED, SEED + FORMS), self.judge()):
            refused += ours["code"] == 2
            found = self.differences(theirs, ours)
            if found:
                differences.append(f"seed {seed} ({form['what']}): {found}\n{form}")
        print(f"  {self.suite}: {FORMS} forms from seed {SEED}: {refused} refused, "
              f"{len(differences)} differ")
        self.assertEqual(differences, [], "\n".join(differences))
        self.assertLess(refused, 0.7 * FORMS)


def found_elsewhere(url, keystone):
    """Whether a login goes to a server that is not there to see it."""
    return f":{keystone.server_address[1]}/" not in url


class SidSdkLoginTest(SdkLoginCase, unittest.TestCase):
    suite = "sid"


class BookwormSdkLoginTest(SdkLoginCase, unittest.TestCase):
    suite = "bookworm"
