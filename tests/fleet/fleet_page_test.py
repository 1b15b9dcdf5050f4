"""ccplacectl fleet over a thousand hosts, and its page in headless Chromium.

usage: fleet_page_test.py CCPLACECTL FLEET_SERVER
"""
import html.parser
import json
import re
import subprocess
import sys
import tempfile
import unittest

from fleet_hosts import FleetHosts

HOSTS = 1000
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--virtual-time-budget=5000"]
CCPLACECTL = FLEET_SERVER = ""
PHONE_WIDTH = 390
# Says of the page, in a frame as wide as a phone, what a reader would notice.
PHONE = f"""<!DOCTYPE html><body><iframe id="page" src="fleet.html" width="{PHONE_WIDTH}" height="844"
style="border: 0"></iframe><pre id="seen"></pre><script>
document.getElementById("page").onload = event => {{
  const page = event.target.contentDocument, hosts = page.getElementById("hosts");
  const view = page.defaultView, cells = hosts.tBodies[0].rows[0].cells;
  document.getElementById("seen").textContent = JSON.stringify({{
    wide: page.documentElement.clientWidth, needed: page.documentElement.scrollWidth,
    rows: hosts.tBodies[0].rows.length, head: view.getComputedStyle(hosts.tHead).display,
    label: view.getComputedStyle(cells[2], "::before").content}});
}};
</script></body>"""


class Rows(html.parser.HTMLParser):
    """The text of each cell of the table of hosts, and of the counter, as the browser has them."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.sorted, self.count = [], {}, ""
        self._in_hosts = self._in_cell = self._in_count = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "table":
            self._in_hosts = given.get("id") == "hosts"
        elif tag == "th" and self._in_hosts:
            self.sorted[given["data-key"]] = given["aria-sort"]
        elif tag == "tr" and self._in_hosts:
            self.rows.append([])
        elif tag == "td" and self._in_hosts:
            self.rows[-1].append("")
            self._in_cell = True
        self._in_count = given.get("id") == "count"

    def handle_endtag(self, tag):
        if tag == "table":
            self._in_hosts = False
        if tag in ("td", "table"):
            self._in_cell = False
        self._in_count = False

    def handle_data(self, data):
        if self._in_cell and self._in_hosts:
            self.rows[-1][-1] += data
        if self._in_count:
            self.count += data


class FleetPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hosts = cls.enterClassContext(FleetHosts(FLEET_SERVER, HOSTS))
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        run = cls.hosts.ask(CCPLACECTL, "-o", "html")
        assert run.code == 0, run.err
        cls.page, cls.file = run.out, f"{folder}/fleet.html"
        with open(cls.file, "w", encoding="utf-8") as file:
            file.write(run.out)

    def shown(self, view=""):
        done = subprocess.run([*CHROMIUM, "--dump-dom", f"file://{self.file}#{view}"],
                              capture_output=True, text=True, timeout=120, check=True)
        parsed = Rows(done.stdout)
        return [row for row in parsed.rows if row], parsed

    def test_every_host_has_a_row(self):
        rows, parsed = self.shown()
        self.assertEqual(len(rows), HOSTS)
        self.assertEqual(parsed.count, f"{HOSTS} of {HOSTS}")
        self.assertEqual(rows[0][0], self.hosts.addresses[0])
        self.assertEqual(rows[0][1:6], ["intel-tdx", "63 of 63", "a7" * 6, "1.5.24", "SUPPORTED"])

    def test_the_view_in_the_address_filters(self):
        rows, _ = self.shown("state=odd")
        self.assertEqual([row[0] for row in rows], self.hosts.addresses[-4:])
        rows, _ = self.shown("query=1.5.16")
        self.assertEqual([row[0] for row in rows], self.hosts.addresses[-4:-1])
        rows, parsed = self.shown("state=failed")
        self.assertEqual((rows, parsed.count), ([], f"0 of {HOSTS}"))

    def test_the_view_in_the_address_sorts(self):
        rows, parsed = self.shown("sort=mrtd")
        self.assertEqual(rows[0][3], "5c" * 6)
        self.assertEqual(parsed.sorted["mrtd"], "ascending")
        rows, parsed = self.shown("sort=name&down=true")
        self.assertEqual(rows[0][0], self.hosts.addresses[-1])
        self.assertEqual(parsed.sorted["name"], "descending")

    def test_it_fits_a_phone(self):
        """In a frame as wide as one: nothing is to be moved sideways, and each figure has its name."""
        phone = f"{self.file}.phone.html"
        with open(phone, "w", encoding="utf-8") as file:
            file.write(PHONE)
        done = subprocess.run([*CHROMIUM, "--allow-file-access-from-files", "--dump-dom",
                               f"file://{phone}"],
                              capture_output=True, text=True, timeout=120, check=True)
        seen = json.loads(re.search(r"(\{.+\})</pre>", done.stdout)[1])
        self.assertLessEqual(seen["needed"], seen["wide"])
        self.assertLessEqual(seen["wide"], PHONE_WIDTH)
        self.assertEqual((seen["rows"], seen["head"], seen["label"]),
                         (HOSTS, "none", '"Keys free"'))

    def test_it_needs_nothing_else(self):
        for word in ("http://", "https://", "src=", "@import", "url("):
            self.assertNotIn(word, self.page)

    def test_text_and_json_say_what_differs(self):
        run = self.hosts.ask(CCPLACECTL)
        self.assertEqual(run.code, 0, run.err)
        self.assertIn(f"{HOSTS - 4} of {HOSTS} alike; what differs:", run.out)
        self.assertRegex(run.out, "1 (5c)+")
        summary = json.loads(self.hosts.ask(CCPLACECTL, "-o", "json").out)["summary"]
        counts = {difference["name"]: [group["count"] for group in difference["groups"]]
                  for difference in summary["differences"]}
        self.assertEqual(counts, {"firmware's MRTD": [HOSTS - 1, 1], "TDX module": [HOSTS - 3, 3]})
        self.assertEqual(summary["models"]["intel-tdx"]["free_keys"], 63 * HOSTS)


if __name__ == "__main__":
    FLEET_SERVER = sys.argv.pop(2)
    CCPLACECTL = sys.argv.pop(1)
    unittest.main()
