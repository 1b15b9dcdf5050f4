"""What the tests of ccplace-sync rely on in the real Keystone of each suite, before Placement."""

import json
import time
import unittest

import placement_client
import server_case

TOKEN_SECONDS = 8


class KeystoneCase(server_case.ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keystone_url = cls.start("keystone", "--token-seconds", str(TOKEN_SECONDS))
        cls.placement_url = cls.start("placement", "--auth", "keystone")

    def log_in(self, identity, scope=None):
        """(token, token body) of a Keystone v3 login."""
        body = {"auth": {"identity": identity, **({"scope": scope} if scope else {})}}
        connection = server_case.connect(self.keystone_url)
        status, headers, text = server_case.ask(connection, "POST", "/v3/auth/tokens",
                                                json.dumps(body),
                                                **{"Content-Type": "application/json"})
        self.assertEqual(status, 201, text)
        return headers["X-Subject-Token"], json.loads(text)["token"]

    def log_in_with_password(self):
        settings = self.settings("password")
        domain = {"name": settings["OS_USER_DOMAIN_NAME"]}
        user = {"name": settings["OS_USERNAME"], "password": settings["OS_PASSWORD"],
                "domain": domain}
        project = {"name": settings["OS_PROJECT_NAME"], "domain": domain}
        return self.log_in({"methods": ["password"], "password": {"user": user}},
                           {"project": project})

    def status_with(self, token):
        """Placement's status for a request that needs a role, with `token`."""
        client = placement_client.PlacementClient(self.placement_url, token)
        return client.request("GET", "/resource_providers")[0]

    def test_lets_a_password_login_write_to_placement(self):
        token, _ = self.log_in_with_password()
        client = placement_client.PlacementClient(self.placement_url, token)
        self.assertIsNotNone(client.create_provider("made-with-password"))

    def test_lets_an_application_credential_read_placement(self):
        settings = self.settings("application_credential")
        credential = {"id": settings["OS_APPLICATION_CREDENTIAL_ID"],
                      "secret": settings["OS_APPLICATION_CREDENTIAL_SECRET"]}
        token, _ = self.log_in({"methods": ["application_credential"],
                                "application_credential": credential})
        self.assertEqual(self.status_with(token), 200)

    def test_names_placement_in_the_catalog(self):
        _, body = self.log_in_with_password()
        urls = {endpoint["url"] for service in body["catalog"] if service["type"] == "placement"
                for endpoint in service["endpoints"]}
        self.assertEqual(urls, {self.placement_url})

    def test_refuses_a_made_up_token(self):
        self.assertEqual(self.status_with("made-up"), 401)

    def test_refuses_a_token_past_its_time(self):
        token, _ = self.log_in_with_password()
        self.assertEqual(self.status_with(token), 200)
        time.sleep(TOKEN_SECONDS + 1)
        self.assertEqual(self.status_with(token), 401)

    def test_refuses_a_revoked_token_at_once(self):
        token, _ = self.log_in_with_password()
        self.assertEqual(self.status_with(token), 200)
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        connection = server_case.connect(self.keystone_url)
        status, _, _ = server_case.ask(connection, "DELETE", "/v3/auth/tokens", **headers)
        self.assertEqual(status, 204)
        self.assertEqual(self.status_with(token), 401)


class BookwormKeystoneTest(KeystoneCase, unittest.TestCase):
    suite = "bookworm"


class SidKeystoneTest(KeystoneCase, unittest.TestCase):
    suite = "sid"
