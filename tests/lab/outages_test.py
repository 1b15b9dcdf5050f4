#!/usr/bin/python3
"""What callers see while the host changes, and while libvirt stalls, dies and returns."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon, Refusal
from harness.libvirt_proxy import START, LibvirtProxy
from harness.trust_domains import copy_of, domain_request, make_disk

sys.path.insert(0, str(harness.HERE.parent / "support"))
from waiting import wait_for  # noqa: E402

SHORT_SECONDS = 2
SETTLE_SECONDS = 60
# Before --hypervisor_timeout ends a call whose own deadline was overlooked.
DEADLINE_SECONDS = 20


class OnHostOfItsOwn(unittest.TestCase):
    """One lab and one daemon for each test: each leaves them in some state."""

    FLAGS = ()

    def setUp(self):
        self.lab = self.enterContext(harness.Lab("full"))
        self.daemon = self.enterContext(Daemon.on(self.lab, *self.flags()))
        self.request = domain_request(make_disk(self.lab))

    def flags(self):
        """The daemon's, once there is a lab."""
        return self.FLAGS

    def names(self):
        return self.lab.virsh("list", "--all", "--name").stdout.split()

    def freshness(self):
        return self.daemon.call("HostCapabilities").freshness

    def wait_until_fresh(self):
        wait_for("fresh facts", self.freshness, SETTLE_SECONDS, lambda seen: not seen.stale)

    def wait_until_stale(self):
        wait_for("word that libvirt is away", self.freshness, SETTLE_SECONDS,
                 lambda seen: seen.hypervisor.stale)

    def wait_until_no_domain(self):
        wait_for("end of the domain", self.names, SETTLE_SECONDS, lambda names: not names)


class Changes(OnHostOfItsOwn):
    """WatchHost tells each change of the host."""

    def told(self, watch, matches):
        """The first message that matches; all before it are looked at too."""
        for answer in watch:
            if matches(answer):
                return answer
        raise AssertionError("the stream ended")

    def test_watcher_hears_of_every_change(self):
        with self.daemon.watching() as watch:
            first = next(watch)
            self.assertEqual(63, first.tdx_keys.total.value)
            self.lab.set_capacity(5)
            answer = self.told(watch, lambda told: told.tdx_keys.total.value == 5)
            self.assertGreater(answer.freshness.revision, first.freshness.revision)
            self.lab.set_current(3)
            answer = self.told(watch, lambda told: told.tdx_keys.in_use.value == 3)
            self.assertEqual((2, 3), (answer.tdx_keys.free.value,
                                      answer.tdx_keys.unaccounted.value))
            self.daemon.call("DefineTdxDomain", self.request)
            self.told(watch, lambda told: told.tdx_keys.defined.value == 1)
            self.lab.virsh("undefine", self.request.domain.name)
            self.told(watch, lambda told: told.tdx_keys.defined.value == 0)
            with self.lab.killed():
                answer = self.told(watch, lambda told: told.freshness.hypervisor.stale)
                self.assertTrue(answer.freshness.hypervisor.reason)
                self.assertFalse(answer.freshness.host_files.stale)
            self.told(watch, lambda told: not told.freshness.stale)

    def test_capacity_that_goes_changes_the_verdict(self):
        with self.daemon.watching() as watch:
            next(watch)
            self.lab.set_capacity(0)
            answer = self.told(watch, lambda told: not told.tdx_keys.total.HasField("value"))
            self.assertEqual(v1.SUPPORT_UNKNOWN, answer.capabilities.models[0].verdict)


class StalledLibvirt(OnHostOfItsOwn):
    """libvirtd is stopped: it takes connections and calls, and answers none.

    CCPLACE_STOP_SECONDS, for runs by hand: how long reads are made while it is stopped.
    """

    STOP_SECONDS = float(os.environ.get("CCPLACE_STOP_SECONDS", "0"))

    def assert_reads_are_old(self, least_age_ms):
        for name in ("HostCapabilities", "TdxInventory", "ListTdxDomains", "ValidateRequest"):
            answer = self.daemon.call(name, seconds=SHORT_SECONDS)
            self.assertTrue(answer.freshness.hypervisor.stale, name)
            self.assertTrue(answer.freshness.hypervisor.reason, name)
            self.assertGreaterEqual(answer.freshness.hypervisor.age_ms, least_age_ms, name)
            self.assertFalse(answer.freshness.host_files.stale, name)

    def test_reads_go_on_and_say_how_old_they_are(self):
        with self.lab.paused():
            stopped = time.monotonic()
            self.wait_until_stale()
            while (passed := time.monotonic() - stopped) < self.STOP_SECONDS:
                self.assert_reads_are_old(passed * 1000)
                time.sleep(1)
            self.assert_reads_are_old((time.monotonic() - stopped) * 1000)
            self.assertEqual(63, self.daemon.call("TdxInventory").keys.total.value)
            self.lab.set_current(4)
            wait_for("fourth key in use", lambda: self.daemon.call("TdxInventory").keys,
                     SETTLE_SECONDS, lambda keys: keys.in_use.value == 4)
            refusal = self.daemon.refusal(
                "HostCapabilities", v1.HostCapabilitiesRequest(refresh=True), SHORT_SECONDS)
            self.assertEqual("DEADLINE_EXCEEDED", refusal.code)
        self.wait_until_fresh()

    def verdicts(self):
        return [line["verdict"] for line in self.daemon.audit()]

    def test_definition_meets_its_deadline_and_a_repeat_is_right(self):
        with self.lab.paused():
            refusal = self.daemon.refusal("DefineTdxDomain", self.request, SHORT_SECONDS)
            self.assertEqual("DEADLINE_EXCEEDED", refusal.code)
            # The caller's own clock would say so whatever the daemon does.
            wait_for("end of the call in the daemon", self.verdicts, DEADLINE_SECONDS,
                     lambda verdicts: verdicts == ["BEGUN", "DEADLINE_EXCEEDED"])
        self.wait_until_fresh()
        late = wait_for("line on how the work ended", self.daemon.audit, SETTLE_SECONDS,
                        lambda lines: any(line.get("late") for line in lines))[-1]
        self.assertIn("out of time before defining the domain", late["message"])
        self.daemon.call("DefineTdxDomain", self.request)
        self.assertEqual([self.request.domain.name], self.names())
        self.assertTrue(self.daemon.call("DefineTdxDomain", self.request).already_defined)

    def test_stop_waits_for_a_definition_whose_caller_has_left(self):
        with self.lab.paused():
            refusal = self.daemon.refusal("DefineTdxDomain", self.request, SHORT_SECONDS)
            self.assertEqual("DEADLINE_EXCEEDED", refusal.code)
            self.daemon.process.send_signal(signal.SIGTERM)
            self.daemon.wait_for_log("stopping")
            time.sleep(3)  # A reading that is stuck is given one second.
            self.assertIsNone(self.daemon.process.poll())
        self.assertEqual(0, self.daemon.process.wait(SETTLE_SECONDS))
        self.assertNotIn("left behind", self.daemon.log())

    def test_daemon_starts_and_stops_all_the_same(self):
        with self.lab.paused():
            self.assertEqual(0, self.daemon.end(signal.SIGTERM))
            self.daemon.start()
            self.assertTrue(self.daemon.call("HostCapabilities").freshness.hypervisor.stale)
            self.assertEqual("UNAVAILABLE", self.daemon.refusal("ListTdxDomains").code)
        self.wait_until_fresh()


class LostLibvirt(OnHostOfItsOwn):
    """libvirtd is killed, and comes back."""

    def test_calls_say_so_and_recover_without_a_restart(self):
        self.daemon.call("DefineTdxDomain", self.request)
        with self.lab.killed():
            self.wait_until_stale()
            refusal = self.daemon.refusal("DefineTdxDomain", copy_of(self.request))
            self.assertEqual("UNAVAILABLE", refusal.code)
            self.assertTrue(refusal.retry)
            self.assertEqual([self.request.domain.uuid], [
                domain.uuid for domain in self.daemon.call("ListTdxDomains").domains])
        self.wait_until_fresh()
        self.assertTrue(self.daemon.call("DefineTdxDomain", self.request).already_defined)

    def test_daemon_that_starts_without_libvirt_answers_unknown(self):
        self.daemon.hang_up()
        self.daemon.end(signal.SIGTERM)
        with self.lab.killed():
            self.daemon.start()
            tdx = self.daemon.call("HostCapabilities").capabilities.models[0]
            self.assertEqual(v1.SUPPORT_UNKNOWN, tdx.verdict)
        self.wait_until_fresh()
        self.assertEqual(v1.SUPPORT_SUPPORTED,
                         self.daemon.call("HostCapabilities").capabilities.models[0].verdict)


class ThroughProxy(OnHostOfItsOwn):
    """The daemon's connections to libvirtd can be met and cut."""

    def flags(self):
        self.proxy = self.enterContext(LibvirtProxy(self.lab.uri))
        return [f"--libvirt_uri={self.proxy.uri}"]

    def assert_lost(self, refusal):
        self.assertEqual(("UNAVAILABLE", True), (refusal.code, refusal.retry), refusal.message)

    def assert_repeat_leaves_one(self, already_defined):
        self.wait_until_fresh()
        answer = self.daemon.call("DefineTdxDomain", self.request)
        self.assertEqual(already_defined, answer.already_defined)
        self.assertEqual([self.request.domain.name], self.names())

    def wait_for_state(self, *states):
        """The daemon lists the request's domain in that state; without one, not at all."""
        wait_for(f"list of states {states}",
                 lambda: [domain.state for domain in self.daemon.call("ListTdxDomains").domains],
                 SETTLE_SECONDS, lambda listed: listed == [*states])

    def wait_for_keys(self, **figures):
        wait_for(f"keys {figures}", lambda: self.daemon.call("TdxInventory").keys, SETTLE_SECONDS,
                 lambda keys: all(getattr(keys, name).value == value
                                  for name, value in figures.items()))


class LostDefinition(ThroughProxy):
    """The connection to libvirtd is lost while a definition is under way on it."""

    def test_libvirtd_that_dies_with_it_in_hand(self):
        stop = contextlib.ExitStack()
        in_hand, refusals = threading.Event(), []
        self.proxy.before_call = lambda: stop.enter_context(self.lab.paused())
        self.proxy.after_call = in_hand.set
        caller = threading.Thread(target=lambda: refusals.append(
            self.daemon.refusal("DefineTdxDomain", self.request)))
        with stop:
            caller.start()
            self.assertTrue(in_hand.wait(SETTLE_SECONDS))
            self.assertEqual([], refusals)
            with self.lab.killed():
                caller.join(SETTLE_SECONDS)
                self.assert_lost(*refusals)
                self.proxy.before_call = lambda: None
        self.assertEqual([], self.names())
        self.assert_repeat_leaves_one(already_defined=False)

    def test_answer_that_is_lost_after_the_work(self):
        self.proxy.lose_answer = True
        self.assert_lost(self.daemon.refusal("DefineTdxDomain", self.request))
        self.proxy.lose_answer = False
        self.assertEqual([self.request.domain.name], self.names())
        self.assert_repeat_leaves_one(already_defined=True)


class LostStart(ThroughProxy):
    """libvirtd is restarted while a guest's start is under way: what it would have told is lost."""

    def setUp(self):
        super().setUp()
        self.request.start = True

    def lose_libvirtd(self, is_answer):
        """libvirtd is killed before it has the start, or once it has done it; and comes back."""
        gone = contextlib.ExitStack()

        def at_step(step, done):
            if (step, done) != (START, is_answer):
                return False
            gone.enter_context(self.lab.killed())
            return True

        self.proxy.at_step = at_step
        with gone:
            self.assert_lost(self.daemon.refusal("DefineTdxDomain", self.request))
            self.wait_until_stale()
            self.proxy.at_step = lambda step, done: False

    def test_start_that_libvirtd_never_had(self):
        self.lose_libvirtd(is_answer=False)
        self.wait_for_state(v1.DOMAIN_STATE_SHUT_OFF)
        self.wait_for_keys(running=0, in_use=0, unaccounted=0)
        self.assert_repeat_leaves_one(already_defined=True)
        self.wait_for_keys(running=1, in_use=1, unaccounted=0)

    def test_start_that_was_done_and_never_told(self):
        self.lose_libvirtd(is_answer=True)
        self.wait_for_state(v1.DOMAIN_STATE_RUNNING)
        self.wait_for_keys(running=1, in_use=1, unaccounted=0)
        self.assert_repeat_leaves_one(already_defined=True)
        self.wait_for_keys(running=1, in_use=1, unaccounted=0)


class LostEvents(ThroughProxy):
    """libvirtd works, and nobody hears what happens to its domains."""

    def test_next_reading_finds_what_happened(self):
        self.proxy.lose_events = True
        name = self.request.domain.name
        self.daemon.call("DefineTdxDomain", self.request)
        self.lab.virsh("start", name)
        self.wait_for_state(v1.DOMAIN_STATE_RUNNING)
        self.wait_for_keys(running=1, in_use=1, unaccounted=0)
        self.lab.virsh("destroy", name)
        self.wait_for_state(v1.DOMAIN_STATE_SHUT_OFF)
        self.lab.virsh("undefine", name)
        self.wait_for_state()
        self.assertGreater(self.proxy.lost_events, 3)


class ReplacedLibvirt(OnHostOfItsOwn):
    """libvirtd is replaced by this machine's own, of another version, and comes back.

    Through libvirt's test driver, which both have without an emulator.
    """

    # Its state goes to memory of its own, and it finds no driver but those built into it.
    SCRIPT = ("for d in /run /etc/libvirt /var/lib /var/cache /var/log; "
              "do mount -t tmpfs tmpfs $d; done && export LIBVIRT_DRIVER_DIR=/none && "
              "exec libvirtd -f $0/other.conf -p $0/other.pid")

    @property
    def folder(self):
        """Where libvirt's socket stands."""
        return pathlib.Path(self.lab.uri.partition("socket=")[2]).parent

    def flags(self):
        return [f"--libvirt_uri=test+unix:///default?socket={self.folder}/libvirt-sock"]

    @contextlib.contextmanager
    def other_libvirtd(self):
        """This machine's libvirtd in the lab's place."""
        (self.folder / "libvirt-sock").unlink(missing_ok=True)
        (self.folder / "other.conf").write_text(
            f'unix_sock_dir = "{self.folder}"\nauth_unix_rw = "none"\nauth_unix_ro = "none"\n')
        other = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private",
             "sh", "-c", self.SCRIPT, str(self.folder)], stdin=subprocess.DEVNULL)
        try:
            yield
        finally:
            other.kill()
            other.wait()

    def version(self):
        return self.daemon.call("HostCapabilities").capabilities.versions.libvirt

    def wait_for_version(self, wanted):
        wait_for("other version of libvirt", self.version, SETTLE_SECONDS, wanted)

    def test_facts_follow_the_version_without_a_restart(self):
        self.wait_until_fresh()
        lab_version = self.version()
        with self.lab.killed(), self.other_libvirtd():
            self.wait_for_version(lambda version: version not in ("", lab_version))
            self.wait_until_fresh()
        self.wait_for_version(lambda version: version == lab_version)


class RemovedEmulator(OnHostOfItsOwn):
    """QEMU is removed from a host that has domains."""

    def test_domains_stay_known_and_the_verdict_says_what_is_missing(self):
        self.daemon.call("DefineTdxDomain", self.request)
        self.lab.run("rm", "/usr/bin/qemu-system-x86_64")
        answer = self.daemon.call("HostCapabilities", v1.HostCapabilitiesRequest(refresh=True))
        self.assertFalse(answer.freshness.stale, answer.freshness)
        host = answer.capabilities
        self.assertEqual("", host.versions.qemu)
        self.assertTrue(host.versions.libvirt)
        self.assertEqual(v1.SUPPORT_UNSUPPORTED, host.models[0].verdict)
        self.assertEqual([self.request.domain.uuid], [
            domain.uuid for domain in self.daemon.call("ListTdxDomains").domains])


class KilledDaemon(OnHostOfItsOwn):
    """kill -9 of ccplaced at any moment of a definition: a repeat settles it."""

    def define_in_background(self):
        def define():
            with contextlib.suppress(Refusal):
                self.daemon.call("DefineTdxDomain", self.request)
        caller = threading.Thread(target=define)
        caller.start()
        return caller

    def kill(self):
        """The process alone: its object belongs to this thread's next start."""
        os.kill(self.daemon.process.pid, signal.SIGKILL)

    def test_repeat_after_a_death_defines_once(self):
        for delay in (0.001, 0.005, 0.01, 0.02, 0.04):
            with self.subTest(delay):
                caller = self.define_in_background()
                time.sleep(delay)
                self.kill()
                self.daemon.end(signal.SIGKILL)
                caller.join()
                self.daemon.start()
                self.daemon.call("DefineTdxDomain", self.request)
                self.assertTrue(self.daemon.call("DefineTdxDomain",
                                                 self.request).already_defined)
                self.assertEqual([self.request.domain.name], self.names())
                self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
                    uuid=self.request.domain.uuid))

    def test_death_after_libvirt_has_it_and_before_the_answer(self):
        seen = threading.Event()
        with self.daemon.watching() as watch:
            next(watch)
            caller = self.define_in_background()
            for answer in watch:
                if answer.tdx_keys.defined.value == 1:
                    seen.set()
                    self.kill()
                    break
        self.daemon.end(signal.SIGKILL)
        caller.join()
        self.assertTrue(seen.is_set())
        self.assertIn("BEGUN", [entry["verdict"] for entry in self.daemon.audit()
                                if entry.get("uuid") == self.request.domain.uuid])
        self.daemon.start()
        self.assertTrue(self.daemon.call("DefineTdxDomain", self.request).already_defined)


if __name__ == "__main__":
    harness.main()
