#!/usr/bin/python3
"""HostCapabilities and TdxInventory on every kind of host, against real libvirt."""

import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon

REPOSITORY = harness.HERE.parents[1]
PASS, FAIL, UNKNOWN = "PASS", "FAIL", "UNKNOWN"

# Every check of intel-tdx on a host where all is well, in the order of repair.
ALL_WELL = {
    "ARCHITECTURE": PASS,
    "KERNEL_PARAMETER": PASS,
    "KEY_CAPACITY": PASS,
    "DOMAIN_CAPABILITY": PASS,
    "VIRT_TYPE": PASS,
    "CPU_MODE": PASS,
    "FIRMWARE": PASS,
    "HIBERNATION": PASS,
    "FIRMWARE_DESCRIPTORS": PASS,
    "MACHINE_TYPE": PASS,
    "SECTYPE_AGREEMENT": PASS,
    "QUOTE_GENERATION_SERVICE": PASS,
    "QUOTE_SERVICE_ACCESS": PASS,
}
NO_TDX = {"KERNEL_PARAMETER": FAIL, "KEY_CAPACITY": FAIL, "DOMAIN_CAPABILITY": FAIL}
# QEMU knows TDX, and libvirt lists it, whatever the kernel says.
LISTED_ONLY = {**NO_TDX, "SECTYPE_AGREEMENT": FAIL}

# Per variant: the checks that differ, the verdict, whether guests can be attested.
EXPECTED = {
    "full": ({}, "SUPPORTED", "SUPPORTED"),
    "no-parameter": (LISTED_ONLY, "UNSUPPORTED", "SUPPORTED"),
    "no-module": (LISTED_ONLY, "UNSUPPORTED", "SUPPORTED"),
    "no-tdx": (NO_TDX, "UNSUPPORTED", "SUPPORTED"),
    "cgroup-v1": ({}, "SUPPORTED", "SUPPORTED"),
    "no-misc": ({"KEY_CAPACITY": UNKNOWN}, "UNKNOWN", "SUPPORTED"),
    "no-tdx-capacity": ({"KEY_CAPACITY": UNKNOWN}, "UNKNOWN", "SUPPORTED"),
    "no-firmware": ({"FIRMWARE": FAIL}, "UNSUPPORTED", "SUPPORTED"),
    "no-qgs": ({"QUOTE_GENERATION_SERVICE": FAIL, "QUOTE_SERVICE_ACCESS": UNKNOWN}, "SUPPORTED", "UNSUPPORTED"),
}
INFORMATION = {"HIBERNATION", "FIRMWARE_DESCRIPTORS", "MACHINE_TYPE", "SECTYPE_AGREEMENT",
               "QUOTE_GENERATION_SERVICE", "QUOTE_SERVICE_ACCESS"}

# Per variant: total and in use; None is unknown, which is not 0.
KEYS = {
    "full": (63, 0),
    "no-parameter": (0, 0),
    "no-module": (0, 0),
    "no-tdx": (0, 0),
    "cgroup-v1": (63, 0),
    "no-misc": (None, None),
    "no-tdx-capacity": (None, None),
    "no-firmware": (63, 0),
    "no-qgs": (63, 0),
}

# The AMD models on this Intel host: what the lab's libvirt, kernel files and
# Debian's firmware say.
AMD = {
    "AMD_SEV": {
        "ARCHITECTURE": PASS, "KERNEL_PARAMETER": FAIL, "KEY_CAPACITY": FAIL,
        "DOMAIN_CAPABILITY": FAIL, "VIRT_TYPE": PASS, "MACHINE_TYPE": PASS,
        "FIRMWARE": PASS, "FIRMWARE_DESCRIPTORS": PASS,
        "SECTYPE_AGREEMENT": PASS,
    },
    "AMD_SEV_ES": {
        "ARCHITECTURE": PASS, "KERNEL_PARAMETER": FAIL, "NOT_DISPLACED": UNKNOWN,
        "KEY_CAPACITY": FAIL, "DOMAIN_CAPABILITY": FAIL, "VIRT_TYPE": PASS,
        "MACHINE_TYPE": PASS, "FIRMWARE": PASS, "FIRMWARE_DESCRIPTORS": PASS,
    },
    "AMD_SEV_SNP": {
        "ARCHITECTURE": PASS, "KERNEL_PARAMETER": FAIL, "KEY_CAPACITY": FAIL,
        "DOMAIN_CAPABILITY": FAIL, "LAUNCH_SECURITY_TYPE": FAIL, "VIRT_TYPE": PASS,
        "MACHINE_TYPE": PASS, "FIRMWARE": PASS, "FIRMWARE_DESCRIPTORS": PASS,
        "NO_OLDER_GUESTS": PASS,
    },
}


def name_of(enum, value, prefix):
    return enum.Name(value).removeprefix(prefix)


def verdict_of(value):
    return name_of(v1.Support, value, "SUPPORT_")


def model_of(capabilities, name):
    models = {name_of(v1.EncryptionModel, model.model, "ENCRYPTION_MODEL_"): model
              for model in capabilities.models}
    return models[name]


def kind_of(check):
    return name_of(v1.CheckKind, check.kind, "CHECK_KIND_")


def results_of(model):
    return {kind_of(check): name_of(v1.CheckResult, check.result, "CHECK_RESULT_")
            for check in model.checks}


def found_of(model):
    return {kind_of(check): check for check in model.checks}


def value_of(figure):
    return figure.value if figure.HasField("value") else None


class Capabilities(unittest.TestCase):
    """One host of each variant, asked everything."""

    def test_every_variant_has_an_expectation(self):
        names = sorted(set(harness.run_lab("variants").stdout.split()) - {"amd"})  # amd_test.py.
        self.assertEqual(names, sorted(EXPECTED))
        self.assertEqual(names, sorted(KEYS))

    def test_checks_and_inventory_of_every_variant(self):
        for variant in EXPECTED:
            with self.subTest(variant), harness.Lab(variant) as lab, \
                    Daemon.on(lab) as daemon:
                answer = daemon.refreshed()
                self.check_tdx(variant, model_of(answer.capabilities, "INTEL_TDX"))
                self.check_amd(variant, answer.capabilities)
                self.check_keys(variant, daemon.call("TdxInventory").keys)
                self.assertFalse(answer.freshness.stale)
                self.assertFalse(answer.simulated)

    def check_tdx(self, variant, model):
        different, verdict, attestation = EXPECTED[variant]
        expected = {**ALL_WELL, **different}
        self.assertEqual(expected, results_of(model))
        self.assertEqual(list(expected), [kind_of(check) for check in model.checks])
        self.assertEqual(verdict, verdict_of(model.verdict))
        self.assertEqual(attestation, verdict_of(model.attestation))
        for check in model.checks:
            self.assertEqual(kind_of(check) not in INFORMATION, check.gate)
            self.assertTrue(check.found and check.source)
            passed = check.result == v1.CHECK_RESULT_PASS
            self.assertEqual(passed, not check.remedy)

    def check_amd(self, variant, capabilities):
        # Where no file can be read, no "no" can be read in it.
        different = {"KEY_CAPACITY": UNKNOWN} if variant == "no-misc" else {}
        for name, well_known in AMD.items():
            expected = {**well_known, **different}
            model = model_of(capabilities, name)
            self.assertEqual(expected, results_of(model), name)
            self.assertEqual("UNSUPPORTED", verdict_of(model.verdict))
            self.assertEqual("UNKNOWN", verdict_of(model.attestation))

    def check_keys(self, variant, keys):
        total, in_use = KEYS[variant]
        self.assertEqual(
            {"total": total, "limit": None, "reserved": 0, "usable": total,
             "in_use": in_use, "defined": 0, "running": 0, "unaccounted": in_use,
             "free": total, "peak": None},
            {field.name: value_of(figure) for field, figure in keys.ListFields()})
        for field, figure in keys.ListFields():
            self.assertTrue(figure.source, field.name)


class Findings(unittest.TestCase):
    """What was read, and where."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.daemon = cls.enterClassContext(Daemon.on(
            cls.lab, "--tdx_guest_limit=40", "--tdx_reserved_keys=8"))

    def found(self, kind):
        return found_of(model_of(self.daemon.refreshed().capabilities, "INTEL_TDX"))[kind]

    def test_each_finding_names_its_source(self):
        firmware = self.found("FIRMWARE")
        self.assertEqual("/usr/share/ovmf/OVMF.inteltdx.ms.fd", firmware.found)
        self.assertEqual("libvirt, from /usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json",
                         firmware.source)
        self.assertEqual("/sys/module/kvm_intel/parameters/tdx",
                         self.found("KERNEL_PARAMETER").source)
        self.assertIn("/sys/fs/cgroup/misc.capacity", self.found("KEY_CAPACITY").source)

    def test_versions_are_libvirts_own(self):
        versions = self.daemon.refreshed().capabilities.versions
        shown = self.lab.virsh("version").stdout
        self.assertIn(f"library: libvirt {versions.libvirt}", shown)
        self.assertIn(f"hypervisor: QEMU {versions.qemu}", shown)

    def test_limit_and_reserve_take_from_what_the_kernel_has(self):
        self.lab.set_current(5)
        self.daemon.refreshed()
        keys = self.daemon.call("TdxInventory").keys
        self.lab.set_current(0)
        self.assertEqual((63, 40, 8, 32, 5, 0, 5, 27), tuple(
            value_of(figure) for figure in (
                keys.total, keys.limit, keys.reserved, keys.usable, keys.in_use,
                keys.running, keys.unaccounted, keys.free)))

    def test_firmware_file_that_is_gone_fails_the_check(self):
        file = self.lab.host_root / "usr/share/ovmf/OVMF.inteltdx.ms.fd"
        hidden = file.with_suffix(".hidden")
        file.rename(hidden)
        try:
            self.assertEqual(v1.CHECK_RESULT_FAIL, self.found("FIRMWARE").result)
        finally:
            hidden.rename(file)
        self.assertEqual(v1.CHECK_RESULT_PASS, self.found("FIRMWARE").result)

    def test_descriptor_in_etc_masks_the_packaged_one(self):
        mask = self.lab.host_root / "etc/qemu/firmware/60-edk2-x86_64-inteltdx.json"
        mask.touch()
        try:
            found = self.found("FIRMWARE")
            self.assertEqual(v1.CHECK_RESULT_FAIL, found.result)
            self.assertIn("Unable to find 'efi' firmware", found.found)
        finally:
            mask.unlink()

    def test_kernel_parameter_that_is_no_boolean_is_unknown(self):
        parameter = self.lab.host_root / "sys/module/kvm_intel/parameters/tdx"
        parameter.write_text("maybe\n")
        try:
            self.assertEqual(v1.CHECK_RESULT_UNKNOWN, self.found("KERNEL_PARAMETER").result)
        finally:
            parameter.write_text("Y\n")


class Policies(unittest.TestCase):
    """The daemon's own options, and libvirt's answer to what they ask."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))

    def tdx_with(self, *flags):
        with Daemon.on(self.lab, *flags) as daemon:
            return model_of(daemon.refreshed().capabilities, "INTEL_TDX")

    def test_cpu_mode_of_another_kind_fails(self):
        model = self.tdx_with("--cpu_mode=host-model")
        self.assertEqual({**ALL_WELL, "CPU_MODE": FAIL}, results_of(model))
        self.assertEqual("UNSUPPORTED", verdict_of(model.verdict))

    def test_emulated_guests_have_no_trust_domains(self):
        results = results_of(self.tdx_with("--virt_type=qemu"))
        for kind in ("VIRT_TYPE", "CPU_MODE", "DOMAIN_CAPABILITY"):
            self.assertEqual(FAIL, results[kind], kind)

    def test_cpu_mode_maximum_is_as_good(self):
        self.assertEqual(ALL_WELL, results_of(self.tdx_with("--cpu_mode=maximum")))

    def test_default_machine_type_that_is_no_q35_is_the_requests_business(self):
        model = self.tdx_with("--default_machine_type=pc")
        self.assertEqual(ALL_WELL, results_of(model))
        self.assertEqual("SUPPORTED", verdict_of(model.verdict))

    def test_image_without_machine_type_is_refused_where_novas_default_is_pc(self):
        (self.lab.host_root / "etc/nova").mkdir(exist_ok=True)
        (self.lab.host_root / "etc/nova/nova.conf").write_text(
            "[libvirt]\ncpu_mode = host-passthrough\n")  # nova's own default machine type is pc.
        with Daemon.on(self.lab, "--nova_config=/etc/nova/nova.conf") as daemon:
            model = model_of(daemon.refreshed().capabilities, "INTEL_TDX")
            self.assertEqual("SUPPORTED", verdict_of(model.verdict))
            self.assertIn("pc:", found_of(model)["MACHINE_TYPE"].found)
            answer = daemon.ctl("validate", "--this-host", "--flavor",
                                str(REPOSITORY / "examples/flavor-tdx.json"), "--image",
                                str(REPOSITORY / "tests/data/openstack/i_nomachine.json"), code=1)
        self.assertEqual("DECISION_REJECTED", answer["decision"])
        self.assertEqual(["VIOLATION_REASON_MACHINE_NOT_Q35"],
                         [violation["reason"] for violation in answer["violations"]])

    def test_machine_type_that_qemu_has_not_fails_the_domain_capability(self):
        results = results_of(self.tdx_with("--default_machine_type=pc-q35-99.9"))
        self.assertEqual(FAIL, results["DOMAIN_CAPABILITY"])

    def test_limit_stands_in_for_a_kernel_that_counts_no_keys(self):
        with harness.Lab("no-misc") as lab, \
                Daemon.on(lab, "--tdx_guest_limit=4") as daemon:
            model = model_of(daemon.refreshed().capabilities, "INTEL_TDX")
            self.assertEqual(ALL_WELL, results_of(model))
            self.assertEqual(4, value_of(model.keys.usable))
            self.assertIsNone(value_of(model.keys.free))


if __name__ == "__main__":
    harness.main()
