#!/usr/bin/python3
"""The lab itself: each kind of host is what its name says, and none lingers."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

import harness

sys.path.insert(0, str(harness.HERE.parent / "support"))
from waiting import wait_for  # noqa: E402

GONE_SECONDS = 60
STALL_SECONDS = 2

# What real libvirt says of each host: <tdx supported>, and sectype lists tdx.
EXPECTED = {
    "full": ("yes", True),
    "no-parameter": ("no", True),
    "no-module": ("no", True),
    "no-tdx": ("no", False),
    "cgroup-v1": ("yes", True),
    "no-misc": ("yes", True),
    "no-tdx-capacity": ("yes", True),
    "no-firmware": ("yes", True),
    "no-qgs": ("yes", True),
    "amd": ("no", False),
}

TRUST_DOMAIN = """
<domain type='kvm'>
  <name>td</name>
  <uuid>6a5b1c1e-52a4-4f0a-9d3c-0f6f1a3a7f01</uuid>
  <memory unit='MiB'>512</memory>
  <vcpu>1</vcpu>
  <os firmware='efi'>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader stateless='yes'/>
  </os>
  <features><acpi/></features>
  <cpu mode='host-passthrough'/>
  <launchSecurity type='tdx'>
    <policy>0x10000000</policy>
    <quoteGenerationService/>
  </launchSecurity>
</domain>
"""


def domain_capabilities(lab):
    text = lab.virsh("domcapabilities", "--virttype", "kvm",
                     "--machine", "q35").stdout
    features = ElementTree.fromstring(text).find("features")
    types = features.findall("launchSecurity/enum[@name='sectype']/value")
    return (features.find("tdx").get("supported"),
            "tdx" in [value.text for value in types])


def traces_of(text):
    """Processes and mounts anywhere on this machine that mention the text."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            for name in ("cmdline", "mountinfo"):
                if text in (process / name).read_bytes().decode("latin-1"):
                    found.append(f"{process}/{name}")
        except OSError:
            pass  # It ended meanwhile.
    return found


def wait_until_untraced(text):
    wait_for(f"end of what mentions {text}", lambda: traces_of(text), GONE_SECONDS,
             lambda traces: not traces)


def new_state(test):
    """A state folder's name; the lab there ends with the test."""
    folder = tempfile.TemporaryDirectory(prefix="ccplace-lab-")
    test.addCleanup(folder.cleanup)
    state = os.path.join(folder.name, "lab")
    test.addCleanup(harness.run_lab, "stop", "--state", state)
    return state


class Variants(unittest.TestCase):
    """Each variant, as the kernel's files and real libvirt show it."""

    def test_every_variant_is_tested(self):
        names = harness.run_lab("variants").stdout.split()
        self.assertEqual(sorted(EXPECTED), sorted(names))

    def test_libvirt_sees_the_host_that_the_variant_names(self):
        for variant, expected in EXPECTED.items():
            with self.subTest(variant), harness.Lab(variant) as lab:
                self.assertEqual(expected, domain_capabilities(lab))

    def test_capacity_stands_where_the_cgroup_version_puts_it(self):
        with harness.Lab("full") as lab:
            self.assertEqual("tdx 63\n", read(lab, "sys/fs/cgroup/misc.capacity"))
        with harness.Lab("cgroup-v1") as lab:
            self.assertEqual("tdx 63\n",
                             read(lab, "sys/fs/cgroup/misc/misc.capacity"))

    def test_capacity_and_use_change_while_running(self):
        with harness.Lab("full") as lab:
            lab.set_capacity(5)
            lab.set_current(3)
            self.assertEqual("tdx 5\n", read(lab, "sys/fs/cgroup/misc.capacity"))
            self.assertEqual("tdx 3\n", read(lab, "sys/fs/cgroup/misc.current"))
            lab.set_capacity(0)
            self.assertEqual("", read(lab, "sys/fs/cgroup/misc.capacity"))


def read(lab, path):
    return (lab.host_root / path).read_text()


class TrustDomains(unittest.TestCase):
    """What real libvirt makes of a TD."""

    def test_defines_with_validation_and_picks_the_tdx_firmware(self):
        with harness.Lab("full") as lab:
            lab.virsh("define", "--validate", "/dev/stdin", stdin=TRUST_DOMAIN)
            self.assertIn("/usr/share/ovmf/OVMF.inteltdx.ms.fd",
                          lab.virsh("dumpxml", "td").stdout)
            self.assertIn('"qom-type":"tdx-guest"', lab.virsh(
                "domxml-to-native", "qemu-argv", "--domain", "td").stdout)

    def test_start_fails_where_the_kernel_makes_no_trust_domain(self):
        with harness.Lab("full") as lab, lab.refusing_trust_domains():
            lab.virsh("define", "--validate", "/dev/stdin", stdin=TRUST_DOMAIN)
            started = lab.virsh("start", "td", check=False)
            self.assertNotEqual(0, started.returncode)
            self.assertIn("KVM_CREATE_VM", started.stderr)

    def test_define_fails_without_tdx_firmware(self):
        with harness.Lab("no-firmware") as lab:
            defined = lab.virsh("define", "--validate", "/dev/stdin",
                                stdin=TRUST_DOMAIN, check=False)
            self.assertIn("Unable to find 'efi' firmware", defined.stderr)

    def test_firmware_that_libvirt_names_is_under_the_host_root(self):
        with harness.Lab("full") as lab:
            path = "usr/share/ovmf/OVMF.inteltdx.ms.fd"
            self.assertEqual((lab.root / path).read_bytes(),
                             (lab.host_root / path).read_bytes())


class Hypervisor(unittest.TestCase):
    """libvirtd stalls, dies and comes back; a foreign client notices."""

    def uri_answers(self, lab, seconds=GONE_SECONDS):
        done = subprocess.run(
            ["timeout", str(seconds), "virsh", "-c", lab.uri, "list"],
            capture_output=True, check=False)
        return done.returncode == 0

    def test_outside_client_follows_a_pause_and_a_death(self):
        with harness.Lab("full") as lab:
            self.assertTrue(self.uri_answers(lab))
            with lab.paused():
                self.assertFalse(self.uri_answers(lab, STALL_SECONDS))
            self.assertTrue(self.uri_answers(lab))
            with lab.killed():
                self.assertFalse(self.uri_answers(lab))
            self.assertTrue(self.uri_answers(lab))

    def test_domains_outlive_a_restart_of_libvirtd(self):
        with harness.Lab("full") as lab:
            lab.virsh("define", "--validate", "/dev/stdin", stdin=TRUST_DOMAIN)
            with lab.killed():
                pass
            self.assertEqual("td", lab.virsh("list", "--all", "--name").stdout.strip())


class Cleanliness(unittest.TestCase):
    """Nothing stays behind: no process, no mount, no file."""

    def setUp(self):
        harness.require_root()
        self.state = new_state(self)

    def start_from_a_caller(self, *options):
        """A shell that starts a lab and stays."""
        script = f"{harness.COMMAND} start --state {self.state} {' '.join(options)}; echo; sleep 60"
        caller = subprocess.Popen(["bash", "-c", script], text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(caller.stdout.close)
        self.addCleanup(caller.wait)
        self.addCleanup(caller.kill)
        return caller

    def assert_gone(self):
        wait_until_untraced(self.state)
        wait_for(f"end of {self.state}", lambda: not os.path.exists(self.state), GONE_SECONDS)

    def test_after_stop(self):
        harness.run_lab("start", "--state", self.state)
        self.assertTrue(traces_of(self.state))
        harness.run_lab("stop", "--state", self.state)
        self.assertFalse(os.path.exists(self.state))
        wait_until_untraced(self.state)  # The supervisor goes last.

    def test_after_the_caller_is_killed(self):
        caller = self.start_from_a_caller()
        self.assertIn("VARIANT", caller.stdout.readline())
        caller.kill()
        self.assert_gone()

    def test_after_the_caller_is_killed_during_the_start(self):
        for delay in (0.05, 0.1, 0.2, 0.4):
            with self.subTest(delay):
                # By name: whom the command is orphaned by before it looks, it cannot tell.
                caller = self.start_from_a_caller("--owner", "$$")
                time.sleep(delay)
                caller.kill()
                self.assert_gone()

    def test_after_the_supervisor_is_killed(self):
        harness.run_lab("start", "--state", self.state, "--owner", "1")
        supervisor = pathlib.Path(self.state, "supervisor.lock").read_text()
        os.kill(int(supervisor), signal.SIGKILL)
        wait_until_untraced(self.state)
        harness.run_lab("start", "--state", self.state)
        harness.run_lab("stop", "--state", self.state)

    def test_after_the_making_of_a_root_is_killed(self):
        with tempfile.TemporaryDirectory() as cache:
            maker = subprocess.Popen(
                [harness.COMMAND, "make"], stderr=subprocess.DEVNULL,
                env={**os.environ, "CCPLACE_CACHE_DIR": cache})
            wait_for("root being made",
                     lambda: os.path.exists(f"{cache}/.making-lab/etc"), GONE_SECONDS)
            maker.kill()
            maker.wait()
            wait_until_untraced(cache)
            self.assertEqual([], list(pathlib.Path(cache).glob("lab-root-*")))


class AnyMachine(unittest.TestCase):
    """The lab is the same everywhere, and where it cannot run nothing passes for green."""

    # /dev with the usual files, but for the machine's own KVM.
    WITHOUT_KVM = """
      mount -t tmpfs tmpfs /mnt && cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom \\
        /dev/tty /mnt && mount --move /mnt /dev && exec "$@"
    """

    def test_trust_domains_start_on_a_machine_without_kvm(self):
        state = new_state(self)
        script = (f"set -e; cd {harness.HERE}; ./lab start --state {state} --owner {os.getpid()}; "
                  f"lab() {{ ./lab exec --state {state} virsh -q \"$@\"; }}; "
                  "[ ! -e /dev/kvm ]; lab define --validate /dev/stdin; lab start td; "
                  "lab domstate td")
        done = subprocess.run(["unshare", "--mount", "sh", "-c", self.WITHOUT_KVM, "sh", "bash",
                               "-c", script], input=TRUST_DOMAIN, capture_output=True, text=True,
                              check=False, env={**os.environ, "CI": "true"})
        self.assertEqual((0, "running"), (done.returncode, done.stdout.split()[-1]), done.stderr)

    def as_another_user(self, *command, **env):
        """In a user namespace that maps nobody: root is none there."""
        kept = {name: value for name, value in os.environ.items() if name != "CI"}
        return subprocess.run(["unshare", "--user", *command], capture_output=True, text=True,
                              check=False, env={**kept, **env})

    def test_tests_say_skipped_and_why_without_root(self):
        for command in ([harness.COMMAND, "start"], [harness.HERE / "capabilities_test.py"]):
            with self.subTest(command):
                done = self.as_another_user(*command)
                self.assertEqual(harness.SKIPPED, done.returncode, done.stderr)
                self.assertIn("SKIPPED", done.stdout)

    def test_where_nothing_may_be_skipped_that_is_a_failure(self):
        for command in ([harness.COMMAND, "start"], [harness.HERE / "capabilities_test.py"]):
            with self.subTest(command):
                self.assertEqual(1, self.as_another_user(*command, CI="true").returncode)


class Repetition(unittest.TestCase):
    """Every command may be repeated."""

    def test_start_of_a_running_lab_answers_the_same(self):
        state = new_state(self)
        first = harness.run_lab("start", "--state", state)
        self.assertEqual(first.stdout,
                         harness.run_lab("start", "--state", state).stdout)
        other = harness.run_lab("start", "--state", state, "--variant",
                                "no-tdx", check=False)
        self.assertIn("variant full runs in", other.stderr)

    def test_stop_without_a_lab_is_fine(self):
        harness.run_lab("stop", "--state", "/run/ccplace-no-such-lab")

    def test_start_refuses_a_folder_with_something_else_in_it(self):
        with tempfile.TemporaryDirectory() as state:
            kept = pathlib.Path(state, "kept")
            kept.write_text("mine")
            done = harness.run_lab("start", "--state", state, check=False)
            self.assertIn("is not empty", done.stderr)
            harness.run_lab("stop", "--state", state)
            self.assertEqual("mine", kept.read_text())

    def test_two_hosts_run_side_by_side(self):
        with harness.Lab("full") as one, harness.Lab("full") as other:
            one.virsh("define", "--validate", "/dev/stdin", stdin=TRUST_DOMAIN)
            self.assertEqual("", other.virsh("list", "--all", "--name").stdout.strip())


if __name__ == "__main__":
    harness.main()
