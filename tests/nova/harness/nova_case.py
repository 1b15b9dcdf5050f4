"""What a test of the stage "nova" is made of: a real Placement, real nova code, and ccplace-sync."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in (".", "../../placement/harness", "../../support"):
    sys.path.insert(0, os.path.join(HERE, folder))
# pylint: disable=wrong-import-position
import placement_client
import server_config
import server_inside
import server_process
import server_roots
import sync_case

PLACEMENT_SUITE = "sid"
OPTIONS = {"suite": "sid", "auth": "noauth2", "front": "gunicorn", "workers": 1,
           "threads": 8, "tls": None}


class Placement:
    """The newest Debian's, in the root that nova 34 is in."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="ccplace-nova-")
        root = server_roots.existing_root(PLACEMENT_SUITE)
        server_process.write(os.path.join(self._folder, "placement.conf"),
                             server_config.placement("noauth2"))
        # nova 34 moves SEV's keys from the root to a child, which Placement lets services alone do;
        # without Keystone nobody is one.
        server_process.write(os.path.join(self._folder, "policy.yaml"),
                             '"placement:reshaper:reshape": "role:admin"\n')
        server_process.write(os.path.join(self._folder, "app.py"),
                             server_config.application("placement", "sid"))
        server_inside.run(root, self._folder, ["placement-manage", "--config-file",
                                               "/srv/placement.conf", "db", "sync"])
        with server_process.listen(self._folder) as listener:
            port = listener.getsockname()[1]
            server_process.launch(root, self._folder, listener, OPTIONS, os.getpid())
        server_process.await_answer(self._folder, port, None)
        self.url = f"http://127.0.0.1:{port}"

    def close(self):
        server_process.stop(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)


class NovaProcess:
    """Real nova code of one Debian suite, for any number of nodes."""

    def __init__(self, suite, url):
        self._folder = tempfile.mkdtemp(prefix="ccplace-nova-")
        shutil.copy(os.path.join(HERE, "nova_compute.py"), self._folder)
        wrapper = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--"]
        argv = ["python3", "/srv/nova_compute.py", url]
        self._process = subprocess.Popen(
            wrapper + server_inside.command(server_roots.existing_root(suite), self._folder, argv),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.version = self._answer()["version"]

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError("nova_compute.py ended without an answer")
        return json.loads(line)

    def do(self, what, **options):
        self._process.stdin.write(json.dumps({"do": what, **options}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Nova:
    """nova-compute of one node."""

    def __init__(self, process, node, node_uuid):
        self._process = process
        self._who = {"node": node, "uuid": node_uuid}

    def update(self, tdx=0, sev=0, startup=False, stale=False):
        """A periodic update of a host with that many keys. What nova raised and logged."""
        return self._process.do("update", tdx=tdx, sev=sev, startup=startup, stale=stale,
                                **self._who)

    def delete_service(self):
        return self._process.do("delete_service", **self._who)

    def restart(self):
        return self._process.do("restart", **self._who)


class NovaCase(unittest.TestCase):
    """A Placement and both novas for all of a class; a node for each test."""

    numbers = iter(range(1_000_000))

    @classmethod
    def setUpClass(cls):
        server = Placement()
        cls.addClassCleanup(server.close)
        cls.url = server.url
        cls.placement = placement_client.PlacementClient(cls.url)
        cls.processes = {}
        for suite in server_roots.SUITES:
            cls.processes[suite] = NovaProcess(suite, cls.url)
            cls.addClassCleanup(cls.processes[suite].close)

    def setUp(self):
        self.node = f"node-{next(self.numbers)}"
        self.node_uuid = str(uuid.uuid4())
        self.novas_child = f"{self.node}_intel_tdx"
        self.own_child = f"{self.node}_ccplace_intel_tdx"

    def nova(self, release, node_uuid=None):
        """nova-compute of release 26 or 34 on this test's node."""
        suite = {26: "bookworm", 34: "sid"}[release]
        return Nova(self.processes[suite], self.node, node_uuid or self.node_uuid)

    def assert_well(self, answer):
        """nova raised and logged nothing."""
        self.assertEqual(answer, {"raised": None, "errors": []})

    # What Placement holds.

    def keys(self, name, resource_class="MEM_ENCRYPTION_CONTEXT"):
        """(total, reserved) of a provider's keys, or None."""
        provider = self.placement.provider(name)
        inventory = provider and self.placement.inventories(provider["uuid"]).get(resource_class)
        return (inventory["total"], inventory["reserved"]) if inventory else None


class BesideCase(NovaCase):
    """With a host that has 63 TDX keys, and ccplace-sync."""

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="ccplace-nova-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.host = sync_case.FakeHost(self.folder, self.node)
        self.addCleanup(self.host.close)
        self.host.say(total=63)

    def start_sync(self, *flags):
        sync = sync_case.Sync(self.host, os.path.join(self.folder, "log"),
                              {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": self.url},
                              "--interval=1s", *flags)
        self.addCleanup(sync.close)
        return sync

    def sync_once(self, *flags):
        """(exit code, standard output) of one round."""
        result = subprocess.run(
            [sync_case.SYNC, f"--ccplaced=unix:{self.host.socket}", "--once", *flags],
            capture_output=True, text=True, timeout=60, check=False,
            env={"PATH": os.environ["PATH"], "OS_AUTH_TYPE": "none", "OS_ENDPOINT": self.url})
        return result.returncode, result.stdout + result.stderr

    def own_keys(self):
        return self.keys(self.own_child, "CUSTOM_CCPLACE_INTEL_TDX_KEY")

    def wait_for(self, what, look, wanted=bool):
        return sync_case.wait_for(what, look, wanted)
