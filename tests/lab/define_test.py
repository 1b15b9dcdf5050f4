#!/usr/bin/python3
"""DefineTdxDomain against real libvirt: what it makes of each request.

Every definition goes through libvirt's own schema validation; what is looked at
is libvirt's own XML and the command line that it would give to QEMU.
"""

import base64
import hashlib
import json
import os
import re
import shlex
import stat
import unittest
import xml.etree.ElementTree as ElementTree

import harness
from contract import v1
from daemon import Daemon
from trust_domains import IMAGES, LOGS, copy_of, domain_request, make_disk, make_qcow2

SEPT_VE_DISABLE = 1 << 28  # Intel TDX Module ABI, TD attributes.
DEBUG = 1
DEFAULT_QUOTE_SOCKET = "/var/run/tdx-qgs/qgs.socket"
FIRMWARE = "/usr/share/ovmf/OVMF.inteltdx.ms.fd"
MAC = "52:54:00:12:34:56"
SECRET = "8f1d1a4e-6c0b-4a53-9c39-5d4d2e1f0a01"


class OnFullHost(unittest.TestCase):
    """One lab and one daemon for all tests of a class."""

    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.daemon = cls.enterClassContext(Daemon.on(cls.lab, *cls.FLAGS))
        cls.disk = make_disk(cls.lab)

    def request(self, **fields):
        return domain_request(self.disk, **fields)

    def define(self, request):
        """Defines, and removes it after the test; the answer."""
        self.addCleanup(self.undefine, request.domain.uuid)
        return self.daemon.call("DefineTdxDomain", request)

    def undefine(self, uuid):
        return self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(uuid=uuid))

    def refusal(self, request):
        """Refused, and nothing is there that was not there before."""
        before = self.names()
        refusal = self.daemon.refusal("DefineTdxDomain", request)
        self.assertEqual(before, self.names())
        return refusal

    def names(self):
        return sorted(self.lab.virsh("list", "--all", "--name").stdout.split())

    def held(self, request):
        """The domain as libvirt holds it."""
        return ElementTree.fromstring(
            self.lab.virsh("dumpxml", "--inactive", request.domain.name).stdout)

    def command_line(self, request):
        """The arguments that libvirt would start QEMU with."""
        return shlex.split(self.lab.virsh("domxml-to-native", "qemu-argv", "--domain",
                                          request.domain.name).stdout)


def objects(arguments):
    """The JSON arguments of a command line."""
    return [json.loads(argument) for argument in arguments if argument.startswith("{")]


def guest_object(arguments):
    return next(each for each in objects(arguments) if each.get("qom-type") == "tdx-guest")


def block_device(arguments, filename):
    return next(each for each in objects(arguments) if each.get("filename") == filename)


class LaunchSecurity(OnFullHost):
    """What makes a guest a trust domain, as QEMU gets it."""

    FLAGS = ("--allow_debug",)

    def test_plain_request_becomes_a_trust_domain_of_the_safe_policy(self):
        request = self.request()
        answer = self.define(request)
        arguments = self.command_line(request)
        self.assertEqual(
            {"qom-type": "tdx-guest", "id": "lsec0", "attributes": SEPT_VE_DISABLE,
             "quote-generation-socket": {"type": "unix", "path": DEFAULT_QUOTE_SOCKET}},
            guest_object(arguments))
        machine = arguments[arguments.index("-machine") + 1].split(",")
        self.assertIn("confidential-guest-support=lsec0", machine)
        self.assertIn("kernel_irqchip=split", machine)
        self.assertIn("smm=off", machine)
        self.assertIn("pmu=off", arguments[arguments.index("-cpu") + 1].split(","))
        self.assertEqual(FIRMWARE, arguments[arguments.index("-bios") + 1])
        self.assertFalse(answer.already_defined or answer.running or answer.simulated)

    def test_reference_values_are_those_of_libvirt_and_of_the_file(self):
        request = self.request()
        reference = self.define(request).reference
        held = self.held(request)
        self.assertEqual(held.findtext("os/loader"), reference.firmware_path)
        self.assertEqual(held.find("os/type").get("machine"), reference.machine_type)
        self.assertRegex(reference.machine_type, r"^pc-q35-\d+\.\d+$")
        firmware = (self.lab.root / FIRMWARE.lstrip("/")).read_bytes()
        self.assertEqual(hashlib.sha384(firmware).digest(), reference.firmware_sha384)
        self.assertEqual("", reference.firmware_unread)
        self.assertEqual(SEPT_VE_DISABLE, reference.policy)

    def test_answers_with_the_xml_that_libvirt_holds(self):
        request = self.request()
        shown = self.lab.virsh
        answer = self.define(request)
        self.assertEqual(shown("dumpxml", "--inactive", request.domain.name).stdout.strip(),
                         answer.xml.strip())

    def test_measured_fields_arrive_byte_for_byte(self):
        request = self.request()
        fields = {"mr_config_id": bytes(range(48)), "mr_owner": b"\xff" * 48,
                  "mr_owner_config": b"\0" * 47 + b"\1"}
        for name, value in fields.items():
            setattr(request.launch, name, value)
        reference = self.define(request).reference
        guest = guest_object(self.command_line(request))
        for name, value in fields.items():
            self.assertEqual(value, base64.b64decode(guest[name.replace("_", "")]), name)
            self.assertEqual(value, getattr(reference, name), name)

    def test_measured_fields_of_another_length_are_refused(self):
        for name in ("mr_config_id", "mr_owner", "mr_owner_config"):
            for length in (1, 47, 49, 96):
                with self.subTest(name=name, length=length):
                    request = self.request()
                    setattr(request.launch, name, b"x" * length)
                    refusal = self.refusal(request)
                    self.assertEqual("INVALID_ARGUMENT", refusal.code)
                    self.assertIn(f"launch.{name}", refusal.fields)

    def test_quote_socket_of_the_request_reaches_qemu(self):
        request = self.request()
        request.launch.quote_service_path = "/run/tdx-qgs/qgs.socket"
        self.assertEqual("/run/tdx-qgs/qgs.socket",
                         self.define(request).reference.quote_service_path)
        self.assertEqual("/run/tdx-qgs/qgs.socket", guest_object(
            self.command_line(request))["quote-generation-socket"]["path"])

    def test_attestation_that_is_required_is_there(self):
        request = self.request()
        request.require_attestation = True
        self.define(request)

    def test_debug_is_a_policy_bit_that_qemu_gets(self):
        request = self.request()
        request.launch.debug = True
        self.assertEqual(SEPT_VE_DISABLE | DEBUG, self.define(request).reference.policy)
        self.assertEqual(SEPT_VE_DISABLE | DEBUG,
                         guest_object(self.command_line(request))["attributes"])

    def test_older_machine_type_is_kept(self):
        self.assertEqual("pc-q35-9.2", self.define(
            self.request(machine_type="pc-q35-9.2")).reference.machine_type)

    def test_machine_type_that_qemu_has_not_is_refused_in_libvirts_words(self):
        refusal = self.refusal(self.request(machine_type="pc-q35-99.9"))
        self.assertEqual("FAILED_PRECONDITION", refusal.code)
        self.assertEqual("DEFINITION_REFUSED", refusal.reason)
        self.assertIn("pc-q35-99.9", refusal.message)

    def test_dry_run_shows_xml_that_libvirt_takes_and_changes_nothing(self):
        request = self.request()
        request.dry_run = True
        before = self.names()
        answer = self.daemon.call("DefineTdxDomain", request)
        self.assertTrue(answer.dry_run)
        self.assertEqual(before, self.names())
        self.lab.virsh("define", "--validate", "/dev/stdin", stdin=answer.xml)
        self.lab.virsh("undefine", request.domain.name)


class Disks(OnFullHost):
    """Each kind of disk, as libvirt holds it and QEMU gets it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.lab.host_root / "dev/lab"
        folder.mkdir(parents=True)
        os.mknod(folder / "disk0", 0o600 | stat.S_IFBLK, os.makedev(7, 0))

    def defined(self, request):
        self.define(request)
        return self.held(request).find("devices/disk")

    def test_raw_file_is_never_probed(self):
        request = self.request()
        disk = self.defined(request)
        self.assertEqual(("raw", "none", "native"), tuple(
            disk.find("driver").get(key) for key in ("type", "cache", "io")))
        device = block_device(self.command_line(request), self.disk)
        self.assertEqual("file", device["driver"])
        self.assertTrue(device["cache"]["direct"])

    def test_qcow2_stands_alone(self):
        request = self.request()
        disk = request.domain.disks[0]
        disk.file.path = make_qcow2(self.lab, "alone.qcow2")
        disk.format = v1.DISK_FORMAT_QCOW2
        disk.cache = v1.DISK_CACHE_WRITETHROUGH
        disk.queues, disk.serial, disk.discard = 4, "abc_1-2", True
        held = self.defined(request)
        driver = held.find("driver").attrib
        self.assertEqual(("qcow2", "writethrough", "4", "unmap"), tuple(
            driver[key] for key in ("type", "cache", "queues", "discard")))
        self.assertEqual("abc_1-2", held.findtext("serial"))
        layers = [each for each in objects(self.command_line(request))
                  if each.get("driver") == "qcow2"]
        self.assertEqual([None], [layer["backing"] for layer in layers])

    def test_block_device_keeps_the_name_that_was_asked_for(self):
        link = self.lab.host_root / "dev/lab/by-id"
        link.symlink_to("disk0")
        self.addCleanup(link.unlink)
        request = self.request()
        request.domain.disks[0].block.path = "/dev/lab/by-id"
        self.assertEqual("/dev/lab/by-id", self.defined(request).find("source").get("dev"))

    def test_rbd_names_pool_image_monitors_and_secret(self):
        request = self.request()
        rbd = request.domain.disks[0].rbd
        rbd.pool, rbd.image = "vms", "image-1"
        rbd.hosts.add(name="mon1.example")
        rbd.hosts.add(name="2001:db8::1", port=3300)
        rbd.auth.username, rbd.auth.secret_uuid = "nova", SECRET
        source = self.defined(request).find("source")
        self.assertEqual({"protocol": "rbd", "name": "vms/image-1"},
                         {key: source.get(key) for key in ("protocol", "name")})
        self.assertEqual(["mon1.example", "2001:db8::1"],
                         [host.get("name") for host in source.findall("host")])
        self.assertEqual("3300", source.findall("host")[1].get("port"))
        self.assertEqual(SECRET, source.find("auth/secret").get("uuid"))

    # libvirt writes 0 where no port is stated, and Ceph takes that for its own ports
    # (src/mon/MonMap.cc, _add_ambiguous_addr).
    def test_rbd_monitor_without_a_port_reaches_qemu_as_port_0(self):
        request = self.request()
        rbd = request.domain.disks[0].rbd
        rbd.pool, rbd.image = "vms", "image-1"
        rbd.hosts.add(name="mon1.example")
        self.defined(request)
        storage = next(each for each in objects(self.command_line(request))
                       if each.get("driver") == "rbd")
        self.assertEqual([{"host": "mon1.example", "port": "0"}], storage["server"])

    def test_iscsi_names_portal_target_and_unit(self):
        request = self.request()
        iscsi = request.domain.disks[0].iscsi
        iscsi.portal.name, iscsi.target, iscsi.lun = "192.0.2.1", "iqn.2026-01.org.example:t1", 3
        self.defined(request)
        storage = next(each for each in objects(self.command_line(request))
                       if each.get("driver") == "iscsi")
        self.assertEqual(("192.0.2.1:3260", "iqn.2026-01.org.example:t1", 3), tuple(
            storage[key] for key in ("portal", "target", "lun")))

    def test_data_disk_may_be_scsi_and_read_only(self):
        request = self.request()
        data = request.domain.disks.add()
        data.file.path = make_disk(self.lab, "data.img")
        data.bus, data.read_only = v1.DISK_BUS_SCSI, True
        self.define(request)
        held = self.held(request).findall("devices/disk")
        self.assertEqual(["virtio", "scsi"], sorted(
            (disk.find("target").get("bus") for disk in held), reverse=True))
        scsi = next(disk for disk in held if disk.find("target").get("bus") == "scsi")
        self.assertIsNotNone(scsi.find("readonly"))
        self.assertTrue(block_device(self.command_line(request), data.file.path)["read-only"])

    def test_scsi_boot_disk_is_refused_before_libvirt_takes_it(self):
        request = self.request()
        request.domain.disks[0].bus = v1.DISK_BUS_SCSI
        self.assertEqual(["domain.disks[0].bus"], list(self.refusal(request).fields))

    def test_sixty_four_disks_fit(self):
        request = self.request()
        for number in range(63):
            request.domain.disks.add().file.path = make_disk(self.lab, f"data-{number}.img")
        self.define(request)
        self.assertEqual(64, len(self.held(request).findall("devices/disk")))


class Interfaces(OnFullHost):
    """Each kind of interface, as libvirt holds it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.lab.host_root / "run/vhost"
        folder.mkdir(parents=True)
        (folder / "port").touch()

    def defined(self, prepare):
        request = self.request()
        interface = request.domain.interfaces.add(mac=MAC)
        prepare(interface)
        self.define(request)
        held = self.held(request)
        found = held.find("devices/interface")
        self.assertEqual(MAC, found.find("mac").get("address"))
        self.assertEqual("virtio", found.find("model").get("type"))
        return held, found

    def test_bridge(self):
        def prepare(interface):
            interface.bridge.bridge, interface.mtu = "br0", 9000
            interface.queues, interface.target_device = 4, "tap0"
        _, held = self.defined(prepare)
        self.assertEqual("br0", held.find("source").get("bridge"))
        self.assertEqual("9000", held.find("mtu").get("size"))
        self.assertEqual("4", held.find("driver").get("queues"))
        self.assertEqual("tap0", held.find("target").get("dev"))

    def test_open_vswitch_port(self):
        def prepare(interface):
            interface.ovs.bridge, interface.ovs.interface_id = "br-int", SECRET
        _, held = self.defined(prepare)
        self.assertEqual("openvswitch", held.find("virtualport").get("type"))
        self.assertEqual(SECRET, held.find("virtualport/parameters").get("interfaceid"))

    def test_vhost_user_comes_with_shared_memory(self):
        for server, path in ((False, "/run/vhost/port"), (True, "/run/vhost/new")):
            with self.subTest(server=server):
                def prepare(interface, server=server, path=path):
                    interface.vhost_user.socket_path = path
                    interface.vhost_user.server = server
                domain, held = self.defined(prepare)
                self.assertEqual({"type": "unix", "path": path,
                                  "mode": "server" if server else "client"},
                                 held.find("source").attrib)
                self.assertEqual("shared", domain.find("memoryBacking/access").get("mode"))

    def test_libvirt_network(self):
        _, held = self.defined(lambda interface: setattr(
            interface.network, "network", "default"))
        self.assertEqual("default", held.find("source").get("network"))

    # libvirt takes such a name at define, and drops it in silence.
    def test_name_that_libvirt_would_drop_is_refused(self):
        request = self.request()
        interface = request.domain.interfaces.add(mac=MAC, target_device="vnet7")
        interface.bridge.bridge = "br0"
        self.assertIn("domain.interfaces[0].target_device", self.refusal(request).fields)


class Sizes(OnFullHost):
    """From the smallest to the largest, and where they live."""

    def sizes(self, vcpus, memory_mib):
        request = self.request(vcpus=vcpus, memory_mib=memory_mib)
        self.define(request)
        held = self.held(request)
        return request, (int(held.findtext("vcpu")), int(held.findtext("memory")))

    def test_smallest_and_largest_are_taken_whole(self):
        for vcpus, memory_mib in ((1, 64), (255, 4096), (1024, 16777216)):
            with self.subTest(vcpus):
                _, held = self.sizes(vcpus, memory_mib)
                self.assertEqual((vcpus, memory_mib * 1024), held)

    # Unasked: interrupts of more processors than 255 need it.
    def test_more_than_255_processors_bring_an_iommu(self):
        few, _ = self.sizes(255, 1024)
        many, _ = self.sizes(256, 1024)
        self.assertIsNone(self.held(few).find("devices/iommu"))
        self.assertEqual("intel", self.held(many).find("devices/iommu").get("model"))

    def test_placement_topology_and_backing_are_kept(self):
        request = self.request(vcpus=8, owner="project <&>'\"]]> é")
        topology = request.domain.cpu_topology
        topology.sockets, topology.cores, topology.threads = 2, 2, 2
        place = request.domain.placement
        place.cpuset, place.numa_nodeset, place.emulator_cpuset = "0-1", "0", "0"
        request.domain.memory_backing.hugepage_size_kib = 2048
        request.domain.vsock.cid = 77
        request.domain.serial_log_path = f"{LOGS}/td.log"
        answer = self.define(request)
        held = self.held(request)
        self.assertEqual({"sockets": "2", "dies": "1", "cores": "2", "threads": "2"},
                         {key: held.find("cpu/topology").get(key)
                          for key in ("sockets", "dies", "cores", "threads")})
        self.assertEqual("0-1", held.find("vcpu").get("cpuset"))
        self.assertEqual("0", held.find("numatune/memory").get("nodeset"))
        self.assertEqual("0", held.find("cputune/emulatorpin").get("cpuset"))
        self.assertEqual("2048", held.find("memoryBacking/hugepages/page").get("size"))
        self.assertEqual("77", held.find("devices/vsock/cid").get("address"))
        self.assertIn(f"logfile={LOGS}/td.log", " ".join(self.command_line(request)))
        self.assertIn("project <&>'\"]]> é",
                      [element.text for element in ElementTree.fromstring(answer.xml).iter()])
        self.assertIn(v1.WARNING_REASON_HUGE_PAGES_DEMOTED,
                      [warning.reason for warning in answer.warnings])

    def test_vsock_without_a_number_is_the_kernels_choice(self):
        request = self.request()
        request.domain.vsock.SetInParent()
        self.define(request)
        self.assertEqual("yes", self.held(request).find("devices/vsock/cid").get("auto"))


class Repetition(OnFullHost):
    """The same again, another under the same name, and what belongs to others."""

    def test_repeat_is_already_defined(self):
        request = self.request()
        first = self.define(request)
        again = self.define(request)
        self.assertTrue(again.already_defined)
        self.assertEqual(first.xml, again.xml)
        self.assertEqual(first.request_digest, again.request_digest)
        self.assertEqual(first.reference, again.reference)

    def test_uuid_with_other_content_is_refused(self):
        request = self.request()
        self.define(request)
        for change in ({"memory_mib": 2048}, {"vcpus": 3}, {"owner": "another"}):
            with self.subTest(change):
                other = copy_of(request)
                for name, value in change.items():
                    setattr(other.domain, name, value)
                refusal = self.refusal(other)
                self.assertEqual(("ALREADY_EXISTS", "UUID_HAS_OTHER_CONTENT"),
                                 (refusal.code, refusal.reason))

    def test_name_of_another_domain_is_refused(self):
        request = self.request()
        self.define(request)
        refusal = self.refusal(self.request(name=request.domain.name))
        self.assertEqual(("ALREADY_EXISTS", "NAME_TAKEN"), (refusal.code, refusal.reason))

    def test_domain_of_somebody_else_is_left_alone(self):
        own = self.request()
        own.dry_run = True
        xml = self.daemon.call("DefineTdxDomain", own).xml
        foreign = re.sub("<metadata>.*</metadata>", "", xml, flags=re.DOTALL)
        self.lab.virsh("define", "--validate", "/dev/stdin", stdin=foreign)
        self.addCleanup(self.lab.virsh, "undefine", own.domain.name)
        own.dry_run = False
        refusal = self.refusal(own)
        self.assertEqual(("ALREADY_EXISTS", "DOMAIN_OF_SOMEBODY_ELSE"),
                         (refusal.code, refusal.reason))
        refusal = self.daemon.refusal("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=own.domain.uuid))
        self.assertEqual(("FAILED_PRECONDITION", "DOMAIN_OF_SOMEBODY_ELSE"),
                         (refusal.code, refusal.reason))
        self.assertIn(own.domain.name, self.names())
        self.assertNotIn(own.domain.uuid, [
            domain.uuid for domain in self.daemon.call("ListTdxDomains").domains])
        # It is a trust domain all the same, and counts.
        self.assertEqual(1, self.daemon.call("TdxInventory").keys.defined.value)

    def test_undefine_removes_it_once(self):
        request = self.request()
        self.define(request)
        self.assertFalse(self.undefine(request.domain.uuid).already_gone)
        self.assertNotIn(request.domain.name, self.names())
        self.assertTrue(self.undefine(request.domain.uuid).already_gone)

    def test_list_shows_it_with_its_owner(self):
        request = self.request(owner="project-1")
        answer = self.define(request)
        listed = self.daemon.call("ListTdxDomains").domains
        self.assertEqual(
            [(request.domain.uuid, request.domain.name, v1.DOMAIN_STATE_SHUT_OFF, "project-1",
              answer.request_digest)],
            [(each.uuid, each.name, each.state, each.owner, each.request_digest)
             for each in listed])


class FailedStart(OnFullHost):
    """KVM makes no trust domain here: every start fails, as on a host that refuses."""

    def test_leaves_nothing_behind(self):
        request = self.request()
        request.start = True
        request.domain.serial_log_path = f"{LOGS}/failed.log"
        refusal = self.refusal(request)
        self.assertEqual(("ABORTED", "START_FAILED"), (refusal.code, refusal.reason))
        self.assertIn("KVM_CREATE_VM", refusal.message)
        self.assertEqual([], list(self.daemon.call("ListTdxDomains").domains))
        self.assertEqual(0, self.daemon.call("TdxInventory").keys.running.value)

    def test_keeps_a_definition_that_was_there_before(self):
        request = self.request()
        self.define(request)
        request.start = True
        self.assertEqual("START_FAILED", self.refusal(request).reason)
        self.assertIn(request.domain.name, self.names())

    def test_is_not_tried_without_a_free_key(self):
        self.lab.set_current(63)
        self.addCleanup(self.daemon.refreshed)
        self.addCleanup(self.lab.set_current, 0)
        self.daemon.refreshed()
        request = self.request()
        request.start = True
        refusal = self.refusal(request)
        self.assertEqual(("RESOURCE_EXHAUSTED", "NO_FREE_KEY"), (refusal.code, refusal.reason))
        request.start = False
        self.define(request)


if __name__ == "__main__":
    harness.main()
