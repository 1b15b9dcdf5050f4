"""What a test of ccplace-sync is made of: a host that can be told what to say, a real Placement
behind a proxy that counts and makes faults, and the process itself."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import fault_proxy
import placement_client
import server_case

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
import waiting  # pylint: disable=wrong-import-position

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("CCPLACE_BUILD", os.path.join(HERE, "..", "..", "build", "release"))
SYNC = os.path.join(BUILD, "client", "ccplace-sync")
FAKE_HOST = os.path.join(BUILD, "tests", "placement", "fake_host")
WAIT_S = 45
TDX_TRAIT = "HW_CPU_X86_INTEL_TDX"


class FakeHost:
    """A ccplaced that says what it is told to."""

    def __init__(self, directory, node_name):
        self.socket = os.path.join(directory, "host.sock")
        self._node_name = node_name
        self._process = subprocess.Popen([FAKE_HOST, self.socket], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def say(self, total=63, in_use=0, running=0, support="SUPPORTED", held_back=0,
            simulated=False, withheld="", tdx_module=""):
        """The host's state from now on. in_use None: unknown. withheld: why all keys are."""
        keys = {"total": {"value": total}, "reserved": {"value": total if withheld else held_back},
                "usable": {"value": 0 if withheld else total - held_back}, "withheld": withheld}
        if in_use is not None:
            keys["in_use"] = {"value": in_use}
            keys["unaccounted"] = {"value": max(0, in_use - running)}
        model = {"model": "ENCRYPTION_MODEL_INTEL_TDX", "verdict": f"SUPPORT_{support}",
                 "keys": keys}
        others = [{"model": f"ENCRYPTION_MODEL_{name}", "verdict": "SUPPORT_UNSUPPORTED"}
                  for name in ("AMD_SEV", "AMD_SEV_ES", "AMD_SEV_SNP")]
        state = {"capabilities": {"node_name": self._node_name, "models": [model, *others],
                                  "versions": {"tdx_module": tdx_module}},
                 "simulated": simulated}
        self._process.stdin.write(json.dumps(state) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "set\n"

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=WAIT_S)
        self._process.stdout.close()


class Sync:
    """A running ccplace-sync."""

    # Begins once it gets SIGCONT.
    _STOPPED = ("sh", "-c", 'kill -STOP $$; exec "$@"', "sh")

    def __init__(self, host, log_path, environment, *flags, stopped=False):
        self.log_path = log_path
        self._log = open(log_path, "ab")
        self.process = subprocess.Popen(
            [*(self._STOPPED if stopped else ()), SYNC, f"--ccplaced=unix:{host.socket}",
             "--most_retry=400ms", *flags],
            stderr=self._log, env={"PATH": os.environ["PATH"], **environment})
        if stopped:
            os.waitpid(self.process.pid, os.WUNTRACED)

    @contextlib.contextmanager
    def held_up(self):
        """It does nothing meanwhile."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def log(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def close(self):
        """Ends it if it still runs. Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=WAIT_S)
        self._log.close()
        return code


def wait_for(what, look, wanted=bool):
    """waiting.wait_for, as long as these tests wait."""
    return waiting.wait_for(what, look, WAIT_S, wanted)


_shared_urls = {}  # By suite.


def shared_placement(suite):
    """The URL of the one Placement that the module's classes share."""
    if suite not in _shared_urls:
        folder = tempfile.mkdtemp(prefix="ccplace-servers-")
        unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
        unittest.addModuleCleanup(server_case.servers, "stop", "placement", "--state", folder)
        _shared_urls[suite] = server_case.start_server("placement", suite, folder)
        unittest.addModuleCleanup(_shared_urls.pop, suite)
    return _shared_urls[suite]


class SyncCase(server_case.ServerCase):
    """A Placement shared by all; a node, a host and a proxy for each test."""

    trait = TDX_TRAIT
    numbers = iter(range(1_000_000))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = shared_placement(cls.suite)
        cls.placement = placement_client.PlacementClient(cls.url)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ccplace-sync-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.node = f"node-{next(self.numbers)}"
        self.child_name = f"{self.node}_intel_tdx"
        self.host = FakeHost(self.folder, self.node)
        self.addCleanup(self.host.close)
        self.proxy_log = os.path.join(self.folder, "requests")
        self.proxy = fault_proxy.FaultProxy(self.url, self.proxy_log)
        self.addCleanup(self.proxy.close)
        self.syncs = []
        self.addCleanup(self.close_syncs)
        self.root = None

    def close_syncs(self):
        for sync in self.syncs:
            sync.close()
        self.syncs.clear()

    def make_root(self):
        self.root = self.placement.create_compute_node(self.node)
        self.addCleanup(self.clear_tree)
        return self.root

    def clear_tree(self):
        """Leaves no child that a later test's query would find."""
        self.close_syncs()
        child = self.child()
        if child:
            for consumer in self.placement.get(
                    f"/resource_providers/{child['uuid']}/allocations")["allocations"]:
                self.placement.release(consumer)
            self.placement.delete_provider(child["uuid"])

    def environment(self):
        return {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": self.proxy.url}

    def start_sync(self, *flags, stopped=False):
        """stopped: it has yet to begin, and does with SIGCONT."""
        sync = Sync(self.host, os.path.join(self.folder, "log"), self.environment(), *flags,
                    stopped=stopped)
        self.syncs.append(sync)
        return sync

    def run_once(self, *flags):
        """(exit code, standard output, log) of a run that ends by itself."""
        result = subprocess.run(
            [SYNC, f"--ccplaced=unix:{self.host.socket}", *flags], capture_output=True, text=True,
            timeout=60, check=False, env={"PATH": os.environ["PATH"], **self.environment()})
        return result.returncode, result.stdout, result.stderr

    # What Placement holds.

    def child(self):
        return self.placement.provider(self.child_name)

    def keys(self):
        """(total, reserved) of the child, or None."""
        child = self.child()
        inventory = child and self.placement.inventories(child["uuid"]).get(
            placement_client.MEM_ENCRYPTION_CONTEXT)
        return (inventory["total"], inventory["reserved"]) if inventory else None

    def wait_for_keys(self, total, reserved=0):
        wait_for(f"{self.child_name} with total {total}, reserved {reserved}", self.keys,
                 lambda keys: keys == (total, reserved))

    def wait_for_log(self, sync, text):
        wait_for(f"{text!r} in the log", sync.log, lambda log: text in log)

    def query(self):
        return ("resources=VCPU:1,MEMORY_MB:512,MEM_ENCRYPTION_CONTEXT:1&required=" + self.trait)

    # What was sent.

    def requests(self):
        """The proxy's lines so far."""
        with open(self.proxy_log, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def writes(self):
        return [line for line in self.requests() if line["method"] != "GET"]

    def wait_for_looks(self, count):
        """That many reads of Placement that began after now, the first ones."""
        now = time.monotonic()
        return wait_for(
            f"{count} looks at Placement",
            lambda: [line for line in self.requests()
                     if line["start_s"] > now and line["method"] == "GET"],
            lambda looks: len(looks) >= count)[:count]
