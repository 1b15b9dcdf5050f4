"""clouds.yaml in its everyday forms, beside a Keystone whose catalog has Placement in two regions."""

import json
import os
import shutil
import subprocess
import unittest

import keystone_catalog
import server_tls
import sync_case
import sync_login_test

DATA = os.path.join(sync_case.HERE, "..", "data", "clouds")
VERIFIED = """clouds:
  c:
    auth_type: none
    {setting}
    placement_endpoint_override: {url}
"""


class RegionsTest(sync_login_test.LoginCase, unittest.TestCase):
    """RegionOne is a port where nobody listens, RegionTwo the Placement behind the test's proxy."""

    suite = "sid"

    def setUp(self):
        super().setUp()
        self.administrator = self.session()
        service = self.administrator.find("services", "placement")
        self.set_endpoint(service, "RegionOne", "http://127.0.0.1:1")
        self.set_endpoint(service, "RegionTwo", self.proxy.url)
        self.make_root()
        self.host.say()

    def session(self):
        with open(os.path.join(self.directory, "lab", "state.json"), encoding="utf-8") as text:
            password = json.load(text)["keystone"]["admin_password"]
        return keystone_catalog.Keystone(self.keystone_url, "admin", password, "admin")

    def set_endpoint(self, service, region, url):
        try:
            self.administrator.call("PUT", f"/regions/{region}", {"region": {"id": region}})
        except keystone_catalog.urllib.error.HTTPError as refused:
            self.assertEqual(refused.code, 409)  # It is there.
        listed = self.administrator.call(
            "GET", f"/endpoints?service_id={service}&region_id={region}")["endpoints"]
        for endpoint in listed:
            self.administrator.call("DELETE", f"/endpoints/{endpoint['id']}")
        for interface in ("public", "internal"):
            self.administrator.call("POST", "/endpoints", {"endpoint": {
                "interface": interface, "region_id": region, "service_id": service, "url": url}})

    def use(self, name):
        """Takes tests/data/clouds/NAME.yaml as the cloud's file."""
        os.makedirs(os.path.join(self.folder, "openstack"), exist_ok=True)
        shutil.copy(os.path.join(DATA, "clouds-public.yaml"), os.path.join(self.folder, "openstack"))
        with open(os.path.join(DATA, f"{name}.yaml"), encoding="utf-8") as text:
            filled = text.read().replace("KEYSTONE_URL", self.keystone.url + "/v3").replace(
                "PASSWORD", self.login["OS_PASSWORD"])
        path = os.path.join(self.folder, "openstack", "clouds.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(filled)
        os.chmod(path, 0o600)
        self.settings_in_use = {"XDG_CONFIG_HOME": self.folder, "OS_CLOUD": "c"}

    def requests(self):
        with open(self.proxy_log, encoding="utf-8") as lines:
            return len(lines.readlines())

    def test_writes_to_the_region_that_each_form_names(self):
        for name in ("merge-key", "regions-list", "profile", "placement-region"):
            self.use(name)
            before = self.requests()
            code, _, log = self.run_once("--once")
            self.assertEqual((name, code), (name, 0), log)
            self.assertGreater(self.requests(), before, name)

    def test_lists_the_regions_where_none_is_named(self):
        self.use("no-region")
        code, _, log = self.run_once("--once")
        self.assertEqual(code, 1)
        self.assertIn("'RegionOne', 'RegionTwo'", log)
        self.assertEqual(self.requests(), 0)
        code, _, log = self.run_once("--once", "--os_region_name=RegionTwo")
        self.assertEqual(code, 0, log)

    def test_says_that_a_variable_is_not_used_beside_os_cloud(self):
        self.use("no-password")
        self.settings_in_use["OS_PASSWORD"] = self.login["OS_PASSWORD"]
        code, _, log = self.run_once("--once")
        self.assertEqual(code, 2, log)
        self.assertIn("OS_PASSWORD is set, and not used beside OS_CLOUD", log)
        self.assertEqual(self.logins(), 0)

    def test_says_what_a_login_for_the_system_is(self):
        user = self.administrator.find("users", "ccplace")
        role = self.administrator.find("roles", "admin")
        self.administrator.call("PUT", f"/system/users/{user}/roles/{role}")
        self.use("system-scope")
        code, told, log = self.run_once("--explain_login")
        self.assertEqual((code, "scope: system" in told), (0, True), log)
        code, _, log = self.run_once("--once")
        if code != 0:  # Placement's policy decides.
            self.assertIn("system_scope", log)

    def test_says_that_the_user_has_no_role_for_placement(self):
        password = "no-role-for-it"
        project = self.administrator.find("projects", "service")
        user = self.administrator.find("users", "reader") or self.administrator.create(
            "user", "reader", domain_id="default", password=password)
        role = self.administrator.find("roles", "reader")
        self.administrator.call("PUT", f"/projects/{project}/users/{user}/roles/{role}")
        self.settings_in_use = {**self.login, "OS_USERNAME": "reader", "OS_PASSWORD": password,
                                "OS_REGION_NAME": "RegionTwo"}
        code, _, log = self.run_once("--once")
        self.assertEqual((code, "give the user the role service" in log), (1, True), log)


class AuthoritiesTest(sync_case.SyncCase, unittest.TestCase):
    """What `verify` and `cacert` name is what counts, and all that counts."""

    suite = "sid"

    @classmethod
    def setUpClass(cls):
        sync_case.server_case.ServerCase.setUpClass.__func__(cls)
        cls.url = cls.start("placement", "--tls", "server")
        cls.other = os.path.join(cls.directory, "other")
        server_tls.make(cls.other)

    def setUp(self):
        super().setUp()
        self.host.say()

    def environment(self):
        return {"XDG_CONFIG_HOME": self.folder, "OS_CLOUD": "c"}

    def use(self, setting):
        os.makedirs(os.path.join(self.folder, "openstack"), exist_ok=True)
        with open(os.path.join(self.folder, "openstack", "clouds.yaml"), "w",
                  encoding="utf-8") as out:
            out.write(VERIFIED.format(setting=setting, url=self.url))

    def own(self):
        return os.path.join(self.directory, "lab", "tls", "ca.crt")

    def test_tells_a_file_that_it_may_not_read_from_one_that_is_not_there(self):
        program = shutil.copy(sync_case.SYNC, os.path.join(self.folder, "sync"))
        os.chmod(self.folder, 0o711)
        self.use("image_format: raw")
        path = os.path.join(self.folder, "openstack", "clouds.yaml")
        os.chmod(path, 0o600)
        for there in (True, False):
            done = subprocess.run(
                ["setpriv", "--reuid=65534", "--clear-groups", program, "--explain_login"],
                capture_output=True, text=True, timeout=60, check=False, cwd="/",
                env={"PATH": os.environ["PATH"], **self.environment()})
            self.assertEqual((done.returncode, f"LoadCredential=clouds.yaml:{path}" in done.stderr),
                             (2, there), done.stderr)
            if there:
                os.unlink(path)

    def test_checks_by_the_file_that_verify_names(self):
        self.use(f"verify: {self.own()}")
        self.assertIn("waiting for nova", self.run_once("--once")[2])
        self.use(f"verify: {os.path.join(self.other, 'ca.crt')}")
        self.assertIn("certificate", self.run_once("--once")[2])
        for nonsense in ("Ture", '"False"', "/not/there.pem", "0"):
            self.use(f"verify: {nonsense}")
            code, _, log = self.run_once("--once")
            self.assertEqual((code, "verify" in log), (2, True), log)

    def test_trusts_the_named_authorities_alone(self):
        """With the server's authority among the system's."""
        hashed = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", self.own()],
                                capture_output=True, text=True, check=True).stdout.strip()
        for setting, trusted in (("image_format: raw", True),
                                 (f"cacert: {os.path.join(self.other, 'ca.crt')}", False)):
            self.use(setting)
            done = subprocess.run(
                ["unshare", "--mount", "sh", "-euc",
                 'mount -t tmpfs tmpfs /etc/ssl/certs; cp "$1" "/etc/ssl/certs/$2.0"; '
                 'cp "$1" /etc/ssl/certs/ca-certificates.crt; shift 2; exec "$@"', "sh", self.own(),
                 hashed, sync_case.SYNC, "--once", f"--ccplaced=unix:{self.host.socket}"],
                capture_output=True, text=True, timeout=60, check=False,
                env={"PATH": os.environ["PATH"], **self.environment()})
            self.assertEqual("waiting for nova" in done.stderr, trusted, done.stderr)
