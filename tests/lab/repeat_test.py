#!/usr/bin/python3
"""What an operator is told of trust domains that others had a hand in, on real libvirt and
real QEMU: a request that is repeated, guests that crashed, firmware that changed under them.
"""

import hashlib
import os
import re

import harness
from harness.contract import v1
from harness.daemon import wait_for
from harness.full_host import OnFullHost
from harness.trust_domains import LOGS, copy_of, make_disk, make_qcow2

FIRMWARE = "/usr/share/ovmf/OVMF.inteltdx.ms.fd"
TDX_MODULE = "/sys/devices/faux/tdx_host/version"
DEFINITION = v1.DOMAIN_SIDE_DEFINITION
WAIT_SECONDS = 20


class Life(OnFullHost):
    """Domains, and what others do to them."""

    def started(self, request):
        request = copy_of(request)
        request.start = True
        return self.define(request)

    def undefine(self, uuid):
        return self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=uuid, stop=True))

    def repeat(self, request):
        return self.daemon.call("DefineTdxDomain", request)

    def differences(self, request):
        return [(each.field, each.asked, each.found, each.side)
                for each in self.repeat(request).differences]

    def change(self, request, *changes):
        """As `virsh edit` does: the definition with each (pattern, text) replaced."""
        xml = self.lab.virsh("dumpxml", "--inactive", request.domain.uuid).stdout
        for pattern, text in changes:
            xml, count = re.subn(pattern, text, xml, flags=re.DOTALL)
            self.assertGreater(count, 0, pattern)
        self.lab.virsh("define", "--validate", "/dev/stdin", stdin=xml)

    def state(self, request):
        listed = {each.uuid: each.state for each in self.daemon.call("ListTdxDomains").domains}
        return listed.get(request.domain.uuid)

    def comes_to(self, request, state):
        wait_for("such state", lambda: self.state(request), WAIT_SECONDS,
                 lambda seen: seen == state)

    def keys(self):
        keys = self.daemon.call("TdxInventory").keys
        return {name: getattr(keys, name).value
                for name in ("in_use", "defined", "running", "unaccounted")}

    def keys_come_to(self, **figures):
        wait_for(f"inventory of {figures}", self.keys, WAIT_SECONDS,
                 lambda seen: seen.items() >= figures.items())


class Repetition(Life):
    """A request that is repeated says what is not as it was asked for."""

    def every_kind_of_device(self):
        """A request in which nearly every field is set, and which starts where there is no vsock."""
        request = self.request(owner="project-1", serial_log_path=f"{LOGS}/repeat.log")
        request.domain.disks[0].file.path = make_disk(self.lab, "repeat-root.img")
        request.domain.disks[0].discard = True
        request.domain.disks[0].serial = "root"
        request.domain.disks[0].queues = 2
        data = request.domain.disks.add()
        data.file.path = make_qcow2(self.lab, "repeat.qcow2")
        data.format, data.cache = v1.DISK_FORMAT_QCOW2, v1.DISK_CACHE_WRITEBACK
        scsi = request.domain.disks.add()
        scsi.file.path = make_disk(self.lab, "repeat-data.img")
        scsi.bus, scsi.read_only = v1.DISK_BUS_SCSI, True
        request.domain.placement.emulator_cpuset = "0"
        request.domain.placement.numa_nodeset = "0"
        request.domain.placement.cpuset = "0,1"
        request.domain.memory_backing.shared = True
        request.launch.mr_owner = b"\xff" * 48
        return request

    def test_says_nothing_of_what_libvirt_fills_in(self):
        with_vsock = self.every_kind_of_device()
        with_vsock.domain.vsock.SetInParent()
        for request in (self.request(), with_vsock):
            self.define(request)
            self.assertEqual([], self.differences(request))

    def test_says_nothing_of_network_disks_and_interfaces_as_libvirt_holds_them(self):
        request = self.request()
        rbd = request.domain.disks.add().rbd
        rbd.pool, rbd.image = "pool", "image"
        rbd.hosts.add(name="mon")
        iscsi = request.domain.disks.add().iscsi
        iscsi.portal.name, iscsi.target, iscsi.lun = "portal", "iqn.2026-01.org.example:a", 1
        for i, source in enumerate(("bridge", "ovs", "network")):
            interface = request.domain.interfaces.add(mac=f"52:54:00:00:00:0{i}", queues=2)
            getattr(interface, source).SetInParent()
            setattr(getattr(interface, source), "network" if source == "network" else "bridge",
                    "net0")
        self.define(request)
        self.assertEqual([], self.differences(request))

    def test_says_nothing_of_a_guest_as_libvirt_started_it(self):
        for request in (self.request(), self.every_kind_of_device()):
            self.started(request)
            answer = self.repeat(request)
            self.assertEqual([], list(answer.differences))
            self.assertTrue(answer.running and answer.already_defined)
            self.assertFalse(answer.transient)

    def test_says_at_once_all_that_was_changed_by_hand(self):
        request = self.request()
        self.define(request)
        other = make_disk(self.lab, "other.img")
        self.change(request, (r"<memory unit='KiB'>\d+<", "<memory unit='KiB'>2097152<"),
                    (r"<currentMemory unit='KiB'>\d+<", "<currentMemory unit='KiB'>2097152<"),
                    (re.escape(self.disk), other),
                    ("<on_crash>destroy", "<on_crash>preserve"))
        self.assertCountEqual(
            [("domain.memory_mib", "1024", "2048", DEFINITION),
             ("domain.disks[0].source", f"file {self.disk}", f"file {other}", DEFINITION),
             ("xml.on_crash", "destroy", "preserve", DEFINITION)],
            self.differences(request))
        self.assertTrue(self.repeat(request).already_defined)

    def test_names_another_loader(self):
        request = self.request()
        self.define(request)
        self.change(request, (f">{FIRMWARE}</loader>", ">/usr/share/ovmf/OVMF.amdsev.fd</loader>"),
                    (" firmware='efi'", ""), (r"<firmware>.*</firmware>", ""))
        self.assertIn(("xml.os.loader", FIRMWARE, "/usr/share/ovmf/OVMF.amdsev.fd", DEFINITION),
                      self.differences(request))

    def test_tells_what_was_edited_under_a_guest_from_the_guest(self):
        request = self.request()
        self.started(request)
        self.change(request, (r"<vcpu placement='static'>2<", "<vcpu placement='static'>4<"),
                    ("cores='2'", "cores='4'"))
        self.assertCountEqual([("domain.vcpus", "2", "4", DEFINITION),
                               ("domain.cpu_topology.cores", "2", "4", DEFINITION)],
                              self.differences(request))

    def test_answers_with_the_name_that_the_domain_was_given(self):
        request = self.request()
        self.define(request)
        self.lab.virsh("domrename", request.domain.name, f"{request.domain.name}-b")
        answer = self.repeat(request)
        self.assertEqual(f"{request.domain.name}-b", answer.name)
        self.assertEqual(["domain.name"], [each.field for each in answer.differences])

    def test_tells_of_a_guest_that_was_undefined_while_it_ran(self):
        request = self.request()
        self.started(request)
        self.lab.virsh("undefine", request.domain.uuid)
        answer = self.started(request)
        self.assertTrue(answer.transient and answer.running and answer.already_defined)
        self.assertEqual(v1.DOMAIN_STATE_RUNNING, self.state(request))
        self.assertTrue(self.undefine(request.domain.uuid).stopped)
        self.assertEqual(None, self.state(request))

    def test_a_guest_stays_a_trust_domain_whatever_its_definition_becomes(self):
        request = self.request()
        self.started(request)
        self.keys_come_to(in_use=1, running=1)
        self.change(request, (r"<launchSecurity.*</launchSecurity>", ""))
        self.daemon.refreshed()
        self.assertEqual({"in_use": 1, "defined": 1, "running": 1, "unaccounted": 0}, self.keys())
        refusal = self.daemon.refusal("DefineTdxDomain", request)
        self.assertEqual("UUID_HAS_OTHER_CONTENT", refusal.reason)
        self.assertIn("xml.launchSecurity.type of the definition is nothing", refusal.message)


class Crash(Life):
    """A guest that panics with on_crash preserve."""

    def crashed(self):
        request = self.request()
        self.define(request)
        self.change(request, ("<on_crash>destroy", "<on_crash>preserve"))
        self.started(request)
        self.lab.guest(request.domain.uuid).panic()
        self.comes_to(request, v1.DOMAIN_STATE_CRASHED)
        return request

    def test_holds_its_key_and_is_removed_with_stop(self):
        request = self.crashed()
        self.keys_come_to(in_use=1, running=1, unaccounted=0)
        refusal = self.daemon.refusal("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=request.domain.uuid))
        self.assertEqual(("FAILED_PRECONDITION", "DOMAIN_RUNS"), (refusal.code, refusal.reason))
        self.assertTrue(self.undefine(request.domain.uuid).stopped)
        self.keys_come_to(in_use=0, defined=0, running=0)

    def test_is_not_said_to_run(self):
        request = self.crashed()
        answer = self.repeat(request)
        self.assertEqual(v1.DOMAIN_STATE_CRASHED, answer.state)
        self.assertFalse(answer.running)
        request.start = True
        refusal = self.daemon.refusal("DefineTdxDomain", request)
        self.assertEqual(("FAILED_PRECONDITION", "DOMAIN_CRASHED"),
                         (refusal.code, refusal.reason))

    def test_paused_is_neither_crashed_nor_running(self):
        request = self.request()
        self.started(request)
        self.lab.virsh("suspend", request.domain.uuid)
        self.comes_to(request, v1.DOMAIN_STATE_PAUSED)
        answer = self.started(request)
        self.assertFalse(answer.running)
        self.assertEqual(v1.DOMAIN_STATE_PAUSED, answer.state)


class Reference(Life):
    """Reference values are those of the firmware that a guest was started with."""

    def setUp(self):
        self.file = self.lab.root / FIRMWARE.lstrip("/")
        self.original = self.file.read_bytes()
        self.addCleanup(self.replace, self.original)

    def replace(self, content):
        """As a package's upgrade does: another file under the same name."""
        new = self.file.with_suffix(".new")
        new.write_bytes(content)
        os.replace(new, self.file)

    def set_module(self, version):
        file = self.lab.host_root / TDX_MODULE.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{version}\n")
        self.addCleanup(file.unlink, missing_ok=True)
        wait_for(f"module {version}",
                 lambda: self.daemon.call("HostCapabilities").capabilities.tdx_module.version,
                 WAIT_SECONDS, lambda seen: seen == version)

    def wait_for_mrtd(self):
        return wait_for("MRTD",
                        lambda: self.daemon.call("HostCapabilities").capabilities.tdx_firmware.mrtd,
                        WAIT_SECONDS)

    def test_a_module_that_was_replaced_under_a_guest_is_told(self):
        self.set_module("1.5.20")
        request = self.request()
        started = self.started(request).reference
        self.assertEqual(("1.5.20", ""), (started.tdx_module, started.newer_tdx_module))
        self.set_module("1.5.24")
        listed, = [each.reference for each in self.daemon.call("ListTdxDomains").domains
                   if each.uuid == request.domain.uuid]
        self.assertEqual(("1.5.20", "1.5.24"), (listed.tdx_module, listed.newer_tdx_module))
        self.lab.virsh("destroy", request.domain.uuid)
        off = self.repeat(request).reference
        self.assertEqual(("1.5.24", ""), (off.tdx_module, off.newer_tdx_module))

    def test_a_file_that_changed_under_a_guest_is_told(self):
        mrtd = self.wait_for_mrtd()
        request = self.request()
        started = self.started(request).reference
        self.assertEqual(mrtd, started.mrtd)
        old = hashlib.sha384(self.original).digest()
        self.assertEqual((old, v1.FIRMWARE_MOMENT_START, b""),
                         (started.firmware_sha384, started.firmware_moment,
                          started.firmware_file_sha384))
        changed = self.original[:-1] + bytes([self.original[-1] ^ 1])
        self.replace(changed)
        again = self.repeat(request).reference
        new = hashlib.sha384(changed).digest()
        self.assertEqual((old, v1.FIRMWARE_MOMENT_START, new),
                         (again.firmware_sha384, again.firmware_moment,
                          again.firmware_file_sha384))
        # libvirt keeps what was noted at the start, over its own restart too.
        with self.lab.killed():
            pass
        self.daemon.refreshed()
        later = self.repeat(request).reference
        # Noted too: the file that it would be worked out from is gone.
        self.assertEqual(mrtd, later.mrtd)
        self.assertEqual(again, later)
        self.lab.virsh("destroy", request.domain.uuid)
        off = self.repeat(request).reference
        self.assertEqual((new, v1.FIRMWARE_MOMENT_NEXT_START, b""),
                         (off.firmware_sha384, off.firmware_moment, off.firmware_file_sha384))

    def test_a_guest_that_others_started_has_no_moment_of_its_own(self):
        request = self.request()
        self.define(request)
        self.lab.virsh("start", request.domain.uuid)
        self.assertEqual(v1.FIRMWARE_MOMENT_AFTER_START,
                         self.repeat(request).reference.firmware_moment)


class Debug(Life):
    """QEMU takes no debuggable trust domain."""

    FLAGS = ("--allow_debug",)

    def test_is_warned_of_at_the_dry_run_and_fails_at_the_start(self):
        request = self.request()
        request.launch.debug = True
        request.dry_run = True
        warnings = self.daemon.call("DefineTdxDomain", request).warnings
        self.assertEqual([v1.WARNING_REASON_DEBUG_NEVER_STARTS],
                         [each.reason for each in warnings])
        request.dry_run, request.start = False, True
        refusal = self.refusal(request)
        self.assertEqual("START_FAILED", refusal.reason)
        self.assertIn("attributes", refusal.message)


if __name__ == "__main__":
    harness.main()
