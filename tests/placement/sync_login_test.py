"""ccplace-sync's ways into a cloud: real Keystone with short-lived tokens, TLS, and secrets
that must stay secret."""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
import unittest

import fault_proxy
import keystone_catalog
import placement_client
import server_case
import sync_case

SHORT_TOKEN_SECONDS = 60
RENEWED_AFTER_S = 0.8 * SHORT_TOKEN_SECONDS
KEYS = 63


class Operator(placement_client.PlacementClient):
    """An operator's client: a token of its own, renewed whenever it is refused."""

    def __init__(self, url, new_token):
        super().__init__(url, new_token())
        self._new_token = new_token

    def request(self, method, path, body=None):
        status, answer = super().request(method, path, body)
        if status != 401:
            return status, answer
        self._headers["X-Auth-Token"] = self._new_token()
        return super().request(method, path, body)


class LoginCase(sync_case.SyncCase):
    """Keystone and Placement of one lab."""

    token_seconds = 600

    @classmethod
    def setUpClass(cls):
        server_case.ServerCase.setUpClass.__func__(cls)
        cls.keystone_url = cls.start("keystone", "--token-seconds", str(cls.token_seconds))
        cls.url = cls.start("placement", "--auth", "keystone")
        cls.placement = Operator(cls.url, cls.new_token)

    def setUp(self):
        super().setUp()
        self.keystone_log = os.path.join(self.folder, "keystone-requests")
        self.keystone = fault_proxy.FaultProxy(self.keystone_url.removesuffix("/v3"),
                                               self.keystone_log)
        self.addCleanup(self.keystone.close)
        self.login = self.settings("password")
        self.settings_in_use = self.login

    @classmethod
    def new_token(cls):
        return password_token(cls.keystone_url, cls.settings("password"))

    def make_root(self):
        """Without inventories and traits: each request costs some of Keystone's."""
        self.root = self.placement.create_provider(self.node)
        self.addCleanup(self.clear_tree)

    def environment(self):
        environment = dict(self.settings_in_use)
        if "OS_AUTH_URL" in environment:
            environment["OS_AUTH_URL"] = self.keystone.url + "/v3"
        return environment

    def logins(self):
        return logins_in(self.keystone_log)


def logins_in(log_path):
    with open(log_path, encoding="utf-8") as lines:
        return sum("auth/tokens" in line for line in lines)


def password_token(keystone_url, settings):
    """A token by Keystone's own API."""
    domain = {"name": settings["OS_USER_DOMAIN_NAME"]}
    user = {"name": settings["OS_USERNAME"], "password": settings["OS_PASSWORD"], "domain": domain}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}},
                     "scope": {"project": {"name": settings["OS_PROJECT_NAME"],
                                           "domain": domain}}}}
    status, headers, text = server_case.ask(
        server_case.connect(keystone_url), "POST", "/v3/auth/tokens", json.dumps(body),
        **{"Content-Type": "application/json"})
    assert status == 201, text
    return headers["X-Subject-Token"]


class Logins(LoginCase):
    def test_logs_in_with_a_password_and_finds_placement_in_the_catalog(self):
        self.make_root()
        self.host.say()
        self.start_sync()
        self.wait_for_keys(KEYS)
        self.assertEqual(self.logins(), 1)

    def test_logs_in_with_an_application_credential(self):
        self.settings_in_use = self.settings("application_credential")
        self.make_root()
        self.host.say()
        self.start_sync()
        self.wait_for_keys(KEYS)

    def test_logs_in_by_clouds_yaml(self):
        self.settings_in_use = {
            "OS_CLIENT_CONFIG_FILE": os.path.join(self.directory, "lab", "clouds.yaml")}
        self.make_root()
        self.host.say()
        for cloud in ("ccplace-password", "ccplace-application-credential"):
            code, _, log = self.run_once("--once", f"--os_cloud={cloud}")
            self.assertEqual(code, 0, log)


class LastingSync:
    """A ccplace-sync that outlives its first token while other tests run."""

    def __init__(self, case):
        self._folder = tempfile.mkdtemp(prefix="ccplace-sync-")
        self._logs = [os.path.join(self._folder, name) for name in ("placement", "keystone")]
        keystone_url = case.keystone_url.removesuffix("/v3")
        self._proxies = [fault_proxy.FaultProxy(url, log)
                         for url, log in zip((case.url, keystone_url), self._logs)]
        case.placement.create_provider("lasting")
        self._host = sync_case.FakeHost(self._folder, "lasting")
        self._host.say()
        environment = {**case.settings("password"),
                       "OS_PLACEMENT_ENDPOINT_OVERRIDE": self._proxies[0].url,
                       "OS_AUTH_URL": self._proxies[1].url + "/v3"}
        self.started = time.monotonic()
        self.sync = sync_case.Sync(self._host, os.path.join(self._folder, "log"), environment,
                                   "--interval=2s")

    def statuses(self):
        """Placement's answers so far."""
        with open(self._logs[0], encoding="utf-8") as lines:
            return [json.loads(line)["status"] for line in lines]

    def logins(self):
        return logins_in(self._logs[1])

    def close(self):
        self.sync.close()
        self._host.close()
        for proxy in self._proxies:
            proxy.close()
        shutil.rmtree(self._folder)


class Renewals(LoginCase):
    token_seconds = SHORT_TOKEN_SECONDS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lasting = LastingSync(cls)
        cls.addClassCleanup(cls.lasting.close)

    # The last by its name: the others run while the token ages.
    def test_uses_a_token_again_and_renews_it_before_it_expires(self):
        age_s = time.monotonic() - self.lasting.started
        time.sleep(max(0, RENEWED_AFTER_S - age_s))
        sync_case.wait_for("second login", self.lasting.logins, lambda count: count >= 2)
        before = len(self.lasting.statuses())
        sync_case.wait_for("answers to the second token", self.lasting.statuses,
                           lambda statuses: len(statuses) >= before + 2)
        age_s = time.monotonic() - self.lasting.started
        self.assertLessEqual(self.lasting.logins(), 1 + age_s // RENEWED_AFTER_S)
        self.assertNotIn(401, self.lasting.statuses())


class Tokens(LoginCase):
    def test_renews_a_token_that_was_refused(self):
        self.settings_in_use = {**self.login, "OS_PLACEMENT_ENDPOINT_OVERRIDE": self.proxy.url}
        self.make_root()
        self.proxy.add(kind="status", status=401, times=1)
        self.host.say()
        self.start_sync()
        self.wait_for_keys(KEYS)
        self.assertEqual(self.logins(), 2)

    def test_outlives_keystone_being_down(self):
        self.make_root()
        self.keystone.refuse()
        self.host.say()
        sync = self.start_sync()
        self.wait_for_log(sync, "/auth/tokens")
        self.keystone.clear()
        self.wait_for_keys(KEYS)

    def test_says_when_the_password_is_wrong_and_never_what_it_is(self):
        self.settings_in_use = {**self.login, "OS_PASSWORD": "wrong-and-secret"}
        self.make_root()
        self.host.say()
        sync = self.start_sync("--log_level=debug")
        self.wait_for_log(sync, "refused the credentials")
        self.assertNotIn("wrong-and-secret", sync.log())

    def test_says_when_the_password_has_expired_and_what_to_do(self):
        """As [security_compliance] password_expires_days of keystone.conf would have it."""
        user, password = "ccplace-of-old", "expired-and-secret"
        self.add_user_with_expired_password(user, password)
        self.settings_in_use = {**self.login, "OS_USERNAME": user, "OS_PASSWORD": password}
        self.host.say()
        code, _, log = self.run_once("--once")
        self.assertEqual(code, 1, log)
        self.assertIn("The password is expired", log)  # Keystone's words.
        self.assertIn("renew the password", log)
        self.assertNotIn(password, log)

    def add_user_with_expired_password(self, name, password):
        """Keystone lets no administrator say when a password expires: its table does."""
        with open(os.path.join(self.directory, "lab", "state.json"), encoding="utf-8") as file:
            administrator = json.load(file)["keystone"]["admin_password"]
        admin = keystone_catalog.Keystone(self.keystone_url, "admin", administrator, "admin")
        project = admin.find("projects", "service")
        user = admin.create("user", name, domain_id="default", password=password)
        admin.call("PUT", f"/projects/{project}/users/{user}/roles/{admin.find('roles', 'admin')}")
        path = os.path.join(self.directory, "lab", "keystone", "keystone.sqlite")
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database, database:
            changed = database.execute(
                "UPDATE password SET expires_at = '2026-01-01 00:00:00', expires_at_int = "
                "1767225600000000 WHERE local_user_id = (SELECT id FROM local_user WHERE name = ?)",
                (name,))
            self.assertEqual(changed.rowcount, 1)

    def test_names_the_variable_whose_password_is_no_utf8_and_ends(self):
        self.settings_in_use = {**self.login, "OS_PASSWORD": os.fsdecode(b"latin-\xe9")}
        code, _, log = self.run_once("--once")
        self.assertEqual((code, "OS_PASSWORD" in log), (2, True), log)

    def test_keeps_secrets_out_of_log_and_process_title(self):
        self.make_root()
        self.host.say()
        sync = self.start_sync("--log_level=debug")
        self.wait_for_keys(KEYS)
        with open(f"/proc/{sync.process.pid}/cmdline", "rb") as line:
            told = sync.log() + line.read().decode()
        self.assertNotIn(self.login["OS_PASSWORD"], told)


class SidLoginsTest(Logins, Tokens, Renewals, unittest.TestCase):
    suite = "sid"


class BookwormLoginsTest(Logins, unittest.TestCase):
    suite = "bookworm"
    trait = "CUSTOM_" + sync_case.TDX_TRAIT
    test_logs_in_by_clouds_yaml = None  # The file is read alike whatever the server.


class SidTlsTest(sync_case.SyncCase, unittest.TestCase):
    suite = "sid"

    @classmethod
    def setUpClass(cls):
        server_case.ServerCase.setUpClass.__func__(cls)
        cls.url = cls.start("placement", "--tls", "mutual")

    def tls(self, name):
        return os.path.join(self.directory, "lab", "tls", name)

    def test_shows_a_client_certificate_and_checks_the_servers(self):
        self.host.say()
        everything = {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": self.url,
                      "OS_CACERT": self.tls("ca.crt"), "OS_CERT": self.tls("client.crt"),
                      "OS_KEY": self.tls("client.key")}
        for left_out in (None, "OS_CACERT", "OS_CERT"):
            self.environment = lambda l=left_out: {k: v for k, v in everything.items() if k != l}
            _, _, log = self.run_once("--once")
            self.assertEqual("waiting for nova" in log, left_out is None, log)
