#!/usr/bin/python3
"""Disks, interfaces and sizes of a trust domain, against real libvirt.

Every definition goes through libvirt's own schema validation; what is looked at
is libvirt's own XML and the command line that it would give to QEMU.
"""

import os
import stat
import xml.etree.ElementTree as ElementTree

import harness
from harness.contract import v1
from harness.full_host import OnFullHost, block_device, objects
from harness.trust_domains import LOGS, make_disk, make_qcow2

MAC = "52:54:00:12:34:56"
SECRET = "8f1d1a4e-6c0b-4a53-9c39-5d4d2e1f0a01"


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
        os.mknod(folder / "port", stat.S_IFSOCK | 0o600)

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


if __name__ == "__main__":
    harness.main()
