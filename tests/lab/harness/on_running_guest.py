"""What the tests of a guest's life share: a full host, a daemon that nothing but events and the
kernel's own files make look, and a guest that runs."""

import contextlib
import json
import sys
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.host_views import HostViews
from harness.trust_domains import copy_of, domain_request, make_disk

sys.path.insert(0, str(harness.HERE.parent / "support"))
from loopback import free_port  # noqa: E402
from waiting import wait_for  # noqa: E402

UNREACHED = "1h"  # Between full readings: what is right in seconds is right because of an event.


class OnRunningGuest(unittest.TestCase):
    """One lab and one daemon for all tests of a module; a guest for each test."""

    lab = None

    @classmethod
    def setUpClass(cls):
        if OnRunningGuest.lab is None:
            OnRunningGuest.open_host()

    @classmethod
    def open_host(cls):
        port = free_port()
        with contextlib.ExitStack() as stack:
            cls.lab = stack.enter_context(harness.Lab("full"))
            cls.daemon = stack.enter_context(Daemon.on(
                cls.lab, f"--refresh_interval={UNREACHED}", f"--metrics_address=127.0.0.1:{port}"))
            cls.views = stack.enter_context(HostViews(cls.daemon, port))
            cls.disk = make_disk(cls.lab)
            stack.callback(lambda: print(f"right in {cls.views.slowest_ms} ms at most", flush=True))
            unittest.addModuleCleanup(stack.pop_all().close)

    def setUp(self):
        self.request = domain_request(self.disk)
        self.name, self.uuid = self.request.domain.name, self.request.domain.uuid
        self.guest = self.lab.guest(self.uuid)
        self.addCleanup(self.sweep)
        self.prepare()
        self.start()

    def prepare(self):
        """Before the guest starts."""

    def start(self):
        request = copy_of(self.request)
        request.start = True
        answer = self.daemon.call("DefineTdxDomain", request)
        self.assert_now("running", held=True)
        return answer

    def sweep(self):
        """Nothing is left for the next test, whatever became of this one."""
        self.lab.virsh("destroy", self.uuid, check=False)
        self.lab.virsh("undefine", "--snapshots-metadata", self.uuid, check=False)
        self.views.await_all({}, held=0)

    def assert_now(self, state, held):
        """Everything that says so says so soon: the guest's state, and whether it holds its key."""
        self.views.await_only(self.name, state, held)

    def virsh(self, *arguments, **options):
        return self.lab.virsh(*arguments, **options).stdout

    def define_otherwise(self, change):
        """virsh edit: `change` gets and gives the XML of the next start."""
        xml = self.virsh("dumpxml", "--inactive", "--security-info", self.uuid)
        changed = change(xml)
        self.assertNotEqual(xml, changed)
        self.virsh("define", "--validate", "/dev/stdin", stdin=changed)

    def qemu(self, command, **arguments):
        """What QEMU answers to a command of its own monitor."""
        return json.loads(self.virsh("qemu-monitor-command", self.uuid, json.dumps(
            {"execute": command, "arguments": arguments})))["return"]

    def qemu_pid(self):
        """Inside of the lab."""
        return self.lab.run("cat", f"/run/libvirt/qemu/{self.name}.pid").stdout.strip()

    def kill_qemu(self):
        self.lab.run("sh", "-c", f"kill -KILL {self.qemu_pid()}")

    def launches(self):
        """How often QEMU made the trust domain."""
        return len(self.guest.launches())

    def wait_for_launches(self, number):
        wait_for(f"launch {number}", self.launches, harness.COMMAND_SECONDS,
                 lambda seen: seen == number)

    def remove(self):
        return self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=self.uuid, stop=True))
