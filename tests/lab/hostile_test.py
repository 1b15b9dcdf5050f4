#!/usr/bin/python3
"""Requests that mean harm: refused by name, and nothing changes; or harmless text."""

import os
import xml.etree.ElementTree as ElementTree

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.full_host import OnFullHost
from harness.trust_domains import IMAGES, LOGS, domain_request, make_qcow2

EXTERNAL_DATA_FILE = 1 << 2  # QEMU, docs/interop/qcow2, incompatible features.
MAC = "52:54:00:12:34:56"

# Each would end a string, an element or a document if it were pasted into XML, or
# a line of a log.
HOSTILE = (
    "a'/><evil a='", 'a"/><evil a="', "<evil/>", "&evil;", "&#0;", "]]>", "<![CDATA[x]]>",
    "<!--", "-->", "<?x?>", "a\nb", "a\rb", "a\x00b", "a\x1b[2Jb", "a\x7fb", "\ufffe", "\ufeff",
    "\u202eb", "\u2028b", "%s%n", "$(x)", "`x`", "a;b", "a,b=c", "../x", "x" * 256,
)
# What a log or a terminal would obey: refused in free text too. The rest is text.
COMMANDS = "\n\r\x00\x1b\x7f\u202e\u2028"
NO_XML = "\ufffe"


class Hostile(OnFullHost):
    """After every test only what was there before."""

    def tearDown(self):
        self.assertEqual([], self.names())
        self.assertIsNone(self.daemon.process.poll())

    def refusal_of(self, change, code="INVALID_ARGUMENT"):
        """The refusal of a request that was right before `change`."""
        request = self.request()
        change(request)
        refusal = self.daemon.refusal("DefineTdxDomain", request)
        self.assertEqual(code, refusal.code, refusal)
        self.assertNotRegex(refusal.message, f"[{COMMANDS}]")
        return refusal

    def file(self, path, text=b""):
        """A file on the host, for this test; its path there."""
        place = self.lab.host_root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
        self.addCleanup(place.unlink)
        return path

    def link(self, path, target):
        """A symbolic link on the host, for this test; its path there."""
        place = self.lab.host_root / path.lstrip("/")
        place.symlink_to(target)
        self.addCleanup(place.unlink)
        return path


class Texts(Hostile):
    """Strings of every field that reaches XML."""

    def test_names_of_another_alphabet_are_refused(self):
        for text in HOSTILE:
            with self.subTest(text):
                self.assertIn("domain.name", self.refusal_of(
                    lambda request, text=text: setattr(request.domain, "name", text)).fields)

    def test_every_other_text_field_refuses_them(self):
        def rbd(request):
            return request.domain.disks[0].rbd

        def interface(request):
            return request.domain.interfaces.add(mac=MAC)
        fields = {
            "domain.uuid": lambda request, text: setattr(request.domain, "uuid", text),
            "domain.machine_type":
                lambda request, text: setattr(request.domain, "machine_type", text),
            "domain.disks[0].serial":
                lambda request, text: setattr(request.domain.disks[0], "serial", text),
            "domain.disks[0].rbd.image":
                lambda request, text: (setattr(rbd(request), "pool", "vms"),
                                       setattr(rbd(request), "image", text)),
            "domain.placement.cpuset":
                lambda request, text: setattr(request.domain.placement, "cpuset", text),
            "domain.interfaces[0].bridge.bridge":
                lambda request, text: setattr(interface(request).bridge, "bridge", text),
            "domain.interfaces[0].mac":
                lambda request, text: (request.domain.interfaces.add(mac=text).bridge.
                                       __setattr__("bridge", "br0")),
        }
        for field, spoil in fields.items():
            for text in HOSTILE:
                with self.subTest(field=field, text=text):
                    self.assertIn(field, self.refusal_of(
                        lambda request, spoil=spoil, text=text: spoil(request, text)).fields)

    def test_free_text_arrives_as_text_or_is_refused(self):
        for text in HOSTILE:
            with self.subTest(text):
                self.define_with_owner(text)

    def define_with_owner(self, text):
        request = self.request(owner=text)
        if len(text) > 255 or set(text) & set(COMMANDS + NO_XML):
            refusal = self.daemon.refusal("DefineTdxDomain", request)
            self.assertIn("domain.owner", refusal.fields)
            return
        self.daemon.call("DefineTdxDomain", request)
        held = self.lab.virsh("dumpxml", request.domain.name).stdout
        elements = list(ElementTree.fromstring(held).iter())
        self.assertIn(text, [element.text for element in elements])
        self.assertNotIn("evil", [element.tag for element in elements])
        owners = [each.owner for each in self.daemon.call("ListTdxDomains").domains]
        self.assertEqual([text], owners)
        self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=request.domain.uuid))

    def test_ten_megabytes_are_refused_by_the_message_limit(self):
        self.refusal_of(lambda request: setattr(request.domain, "name", "x" * (10 << 20)),
                        "RESOURCE_EXHAUSTED")

    def test_three_megabytes_are_refused_by_the_field_and_not_repeated(self):
        refusal = self.refusal_of(lambda request: setattr(request.domain, "name", "x" * (3 << 20)))
        self.assertIn("domain.name", refusal.fields)
        self.assertLess(len(str(refusal)) + sum(map(len, refusal.fields.values())), 8192)

    def test_log_has_one_line_for_each_step_of_a_refusal(self):
        self.refusal_of(lambda request: setattr(request.domain, "uuid", "a\n[audit] forged\x1b[2J"))
        entries = [entry for entry in self.daemon.audit() if "forged" in entry.get("uuid", "")]
        self.assertEqual([("BEGUN", r"a\x0a[audit] forged\x1b[2J"),
                          ("INVALID_ARGUMENT", r"a\x0a[audit] forged\x1b[2J")],
                         [(entry["verdict"], entry["uuid"]) for entry in entries])
        lines = [line for line in self.daemon.log().split("\n") if "forged" in line]
        self.assertEqual(len(entries), len(lines))
        self.assertNotIn("\x1b", self.daemon.log())


class Paths(Hostile):
    """Ways out of the allowed folders, and files that are not what they seem."""

    def disk_refusal(self, path, code, reason, disk_format=v1.DISK_FORMAT_RAW):
        def change(request):
            request.domain.disks[0].file.path = path
            request.domain.disks[0].format = disk_format
        self.assertEqual(reason, self.refusal_of(change, code).reason)

    def test_folders_that_are_not_allowed(self):
        self.file("/etc/shadow")
        self.disk_refusal("/etc/shadow", "PERMISSION_DENIED", "PATH_NOT_ALLOWED")

    def test_neighbour_whose_name_begins_alike(self):
        path = self.file("/var/lib/libvirt/images-of-others/x")
        self.disk_refusal(path, "PERMISSION_DENIED", "PATH_NOT_ALLOWED")

    def test_dots_are_refused_as_such(self):
        self.file("/etc/shadow")
        refusal = self.refusal_of(lambda request: setattr(
            request.domain.disks[0].file, "path", f"{IMAGES}/../../../../etc/shadow"),
            "PERMISSION_DENIED")
        self.assertEqual("PATH_NOT_ALLOWED", refusal.reason)

    def test_link_out_of_the_folder(self):
        self.file("/etc/shadow")
        for name, target in (("absolute", "/etc/shadow"),
                             ("relative", "../../../../etc/shadow")):
            with self.subTest(name):
                self.disk_refusal(self.link(f"{IMAGES}/{name}", target), "PERMISSION_DENIED",
                                  "PATH_NOT_ALLOWED")

    # The host's root is a folder here: an absolute link must not lead out of it.
    def test_link_to_a_file_of_the_machine_around_the_host(self):
        self.disk_refusal(self.link(f"{IMAGES}/outside", "/proc/self/status"),
                          "FAILED_PRECONDITION", "PATH_NOT_USABLE")

    def test_link_within_the_folder_is_followed_once_and_for_all(self):
        request = domain_request(self.link(f"{IMAGES}/inside", "root.img"))
        self.daemon.call("DefineTdxDomain", request)
        self.addCleanup(self.daemon.call, "UndefineTdxDomain",
                        v1.UndefineTdxDomainRequest(uuid=request.domain.uuid))
        held = ElementTree.fromstring(self.lab.virsh("dumpxml", request.domain.name).stdout)
        self.assertEqual(self.disk, held.find("devices/disk/source").get("file"))
        self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=request.domain.uuid))

    def test_links_in_a_circle(self):
        self.link(f"{IMAGES}/one", "two")
        self.disk_refusal(self.link(f"{IMAGES}/two", "one"), "FAILED_PRECONDITION",
                          "PATH_NOT_USABLE")

    def test_folder_pipe_and_socket_are_no_disks(self):
        place = self.lab.host_root / f"{IMAGES}/pipe".lstrip("/")
        os.mkfifo(place)
        self.addCleanup(place.unlink)
        self.disk_refusal(f"{IMAGES}/pipe", "FAILED_PRECONDITION", "PATH_NOT_USABLE")
        folder = place.with_name("folder")
        folder.mkdir()
        self.addCleanup(folder.rmdir)
        self.disk_refusal(f"{IMAGES}/folder", "FAILED_PRECONDITION", "PATH_NOT_USABLE")

    def test_file_that_is_not_there(self):
        self.disk_refusal(f"{IMAGES}/none", "FAILED_PRECONDITION", "PATH_NOT_USABLE")

    def test_qcow2_that_leads_to_another_file(self):
        for name, options in (("backed", {"backing": b"/etc/shadow"}),
                              ("split", {"incompatible_features": EXTERNAL_DATA_FILE})):
            with self.subTest(name):
                path = make_qcow2(self.lab, f"{name}.qcow2", **options)
                self.disk_refusal(path, "FAILED_PRECONDITION", "PATH_NOT_USABLE",
                                  v1.DISK_FORMAT_QCOW2)

    def test_raw_file_under_the_name_of_qcow2(self):
        self.disk_refusal(self.disk, "FAILED_PRECONDITION", "PATH_NOT_USABLE",
                          v1.DISK_FORMAT_QCOW2)

    def test_log_out_of_its_folder(self):
        self.link(f"{LOGS}/link.log", "/etc/cron.d/job")
        for path, code in (("/etc/cron.d/job", None), (f"{LOGS}/../../../etc/job", None),
                           (f"{LOGS}/link.log", None), (f"{LOGS}/..", None)):
            with self.subTest(path):
                request = self.request(serial_log_path=path)
                refusal = self.daemon.refusal("DefineTdxDomain", request)
                self.assertIn(refusal.code, ("PERMISSION_DENIED", "FAILED_PRECONDITION",
                                             "INVALID_ARGUMENT"), code)
                self.assertFalse((self.lab.host_root / "etc/cron.d/job").exists())

    def test_quote_socket_out_of_its_folders(self):
        self.file("/run/other/socket")
        self.refusal_of(lambda request: setattr(request.launch, "quote_service_path",
                                                "/run/other/socket"), "PERMISSION_DENIED")


class Roles(Hostile):
    """Who may change the host, and debug."""

    def test_readonly_socket_changes_nothing(self):
        with Daemon.on(self.lab) as daemon:
            daemon.use(daemon.readonly_socket)
            daemon.call("HostCapabilities")
            for name, request in (
                    ("DefineTdxDomain", self.request()),
                    ("UndefineTdxDomain", v1.UndefineTdxDomainRequest(uuid="x"))):
                self.assertEqual("PERMISSION_DENIED", daemon.refusal(name, request).code)

    def test_debug_needs_the_daemons_leave(self):
        refusal = self.refusal_of(lambda request: setattr(request.launch, "debug", True),
                                  "PERMISSION_DENIED")
        self.assertEqual("DEBUG_NOT_ALLOWED", refusal.reason)


if __name__ == "__main__":
    harness.main()
