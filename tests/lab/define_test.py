#!/usr/bin/python3
"""DefineTdxDomain against real libvirt: launch security, repetition, failed starts.

Every definition goes through libvirt's own schema validation; what is looked at
is libvirt's own XML and the command line that it would give to QEMU.
"""

import base64
import hashlib
import re

import harness
from harness.contract import v1
from harness.daemon import Refusal
from harness.full_host import OnFullHost, guest_object
from harness.trust_domains import LOGS, copy_of

SEPT_VE_DISABLE = 1 << 28  # Intel TDX Module ABI, TD attributes.
DEBUG = 1
DEFAULT_QUOTE_SOCKET = "/var/run/tdx-qgs/qgs.socket"
FIRMWARE = "/usr/share/ovmf/OVMF.inteltdx.ms.fd"


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


class DryRun(OnFullHost):
    """The verdict of a definition, with nothing defined."""

    def words(self, request, dry_run):
        """libvirt's own of a request that it refuses; empty: it takes it."""
        request = copy_of(request)
        request.dry_run = dry_run
        try:
            self.daemon.call("DefineTdxDomain", request)
        except Refusal as refusal:
            self.assertEqual("DEFINITION_REFUSED", refusal.reason)
            return refusal.message.partition("libvirt: ")[2]
        if not dry_run:
            self.undefine(request.domain.uuid)
        return ""

    def test_refuses_what_a_definition_would_in_the_same_words(self):
        for machine, is_refused in (("q35", False), ("pc-q35-9.2", False), ("pc-q35-99.9", True)):
            with self.subTest(machine):
                request = self.request(machine_type=machine)
                before = self.names()
                words = self.words(request, dry_run=True)
                self.assertEqual(before, self.names())
                self.assertEqual(self.words(request, dry_run=False), words)
                self.assertEqual(is_refused, bool(words))


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
        self.daemon.refreshed()
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
    """KVM makes no trust domain: every start fails, as on a host that refuses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(cls.lab.refusing_trust_domains())

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
