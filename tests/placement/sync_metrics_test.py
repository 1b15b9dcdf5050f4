"""What ccplace-sync serves to Prometheus: every metric of its own that alerts and dashboards may
name, and none that they cannot know."""

import os
import re
import subprocess
import unittest
import urllib.request

import sync_case

NAMES = os.path.join(sync_case.HERE, "..", "deploy", "metric_names.txt")
OWN = "ccplace_sync_"


def known_names():
    with open(NAMES, encoding="utf-8") as lines:
        return {line.strip() for line in lines if line.startswith(OWN)}


class SidMetricsTest(sync_case.SyncCase, unittest.TestCase):
    suite = "sid"

    def scrape(self, sync):
        """What its /metrics answers."""
        self.wait_for_log(sync, "metrics on ")
        port = re.search(r"metrics on .*\(port (\d+)\)", sync.log()).group(1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            return answer.read().decode()

    def synced(self):
        """A sync that told Placement of a host's 63 keys."""
        self.make_root()
        self.host.say()
        sync = self.start_sync("--metrics_address=127.0.0.1:0")
        self.wait_for_keys(63)
        sync_case.wait_for("end of the round", lambda: self.scrape(sync),
                           lambda text: "ccplace_sync_in_sync 1" in text)
        return sync

    def test_serves_exactly_the_names_that_alerts_and_dashboards_may_use(self):
        text = self.scrape(self.synced())
        served = set(re.findall(rf"^({OWN}\w+)[ {{]", text, re.MULTILINE))
        self.assertEqual(served, known_names())
        self.assertEqual(set(re.findall(rf"^# TYPE ({OWN}\w+) ", text, re.MULTILINE)), served)

    def test_serves_what_promtool_accepts_and_what_a_first_sync_costs(self):
        text = self.scrape(self.synced())
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                 capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        child = f'child="{self.child_name}"'
        for line in ('ccplace_sync_requests_total{method="POST",code="200"} 1',
                     f'ccplace_sync_child_state{{model="intel-tdx",{child},state="true"}} 1',
                     f'ccplace_sync_stand_back{{model="intel-tdx",{child}}} 0',
                     "ccplace_sync_host_connected 1", "ccplace_sync_failures_total 0"):
            self.assertIn(line + "\n", text)

    def test_refuses_an_address_that_other_machines_reach(self):
        for address in ("0.0.0.0:0", "localhost:0", "127.0.0.1.example.org:0"):
            code, _, log = self.run_once(f"--metrics_address={address}")
            self.assertEqual((code, "must be a loopback IP and a port" in log), (2, True), log)
