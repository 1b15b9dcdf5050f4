"""What a deployer puts into a new Keystone for ccplace-sync, through Keystone's own REST API.

Service users `placement` and `ccplace` in project `service`, an application credential of the
latter, and the endpoints of Keystone itself and of Placement.
"""

import json
import secrets
import urllib.error
import urllib.request

REGION = "RegionOne"


class Keystone:
    """An administrator's session. Not for more than one thread."""

    def __init__(self, url, user, password, project, context=None):
        self._url = url
        self._context = context
        self._credentials = (user, password, project)
        self.token, self.body = self._log_in(*self._credentials)

    def _log_in(self, user, password, project):
        domain = {"name": "Default"}
        identity = {"methods": ["password"],
                    "password": {"user": {"name": user, "domain": domain, "password": password}}}
        scope = {"project": {"name": project, "domain": domain}}
        self.token = ""
        answer, headers = self._send("POST", "/auth/tokens",
                                     {"auth": {"identity": identity, "scope": scope}})
        return headers["X-Subject-Token"], answer["token"]

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-Auth-Token": self.token}
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30, context=self._context) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers

    def call(self, method, path, body=None):
        """The answer's JSON; urllib.error.HTTPError when Keystone refuses."""
        try:
            return self._send(method, path, body)[0]
        except urllib.error.HTTPError as refused:
            if refused.code != 401:
                raise
        # The token may live a few seconds only, and a slow machine takes longer than that.
        self.token, self.body = self._log_in(*self._credentials)
        return self._send(method, path, body)[0]

    def find(self, kind, name):
        """The id of the one `kind` (projects, users, roles, services) called `name`, or None."""
        found = self.call("GET", f"/{kind}?name={name}")[kind]
        return found[0]["id"] if found else None

    def create(self, kind, name, **fields):
        """The id of the new `kind` (project, user, role, service) called `name`."""
        return self.call("POST", f"/{kind}s", {kind: {"name": name, **fields}})[kind]["id"]


def add_service_users(admin):
    """Makes project service with users placement and ccplace. Returns their passwords by name."""
    project = admin.create("project", "service", domain_id="default")
    passwords = {}
    for name in ("placement", "ccplace"):
        passwords[name] = secrets.token_urlsafe(24)
        user = admin.create("user", name, domain_id="default", password=passwords[name])
        for role in ("admin", "service"):
            role_id = admin.find("roles", role) or admin.create("role", role)
            admin.call("PUT", f"/projects/{project}/users/{user}/roles/{role_id}")
    return passwords


def add_application_credential(user_session):
    """Makes an application credential of the session's user. Returns its id and secret."""
    user = user_session.body["user"]["id"]
    secret = secrets.token_urlsafe(32)
    body = {"application_credential": {"name": "ccplace-sync", "secret": secret}}
    path = f"/users/{user}/application_credentials"
    made = user_session.call("POST", path, body)["application_credential"]
    return {"id": made["id"], "secret": secret}


def set_endpoint(admin, name, kind, url):
    """Points the public, internal and admin endpoints of service `name`, type `kind`, at `url`."""
    service = admin.find("services", name) or admin.create("service", name, type=kind)
    for endpoint in admin.call("GET", f"/endpoints?service_id={service}")["endpoints"]:
        admin.call("DELETE", f"/endpoints/{endpoint['id']}")
    for interface in ("public", "internal", "admin"):
        admin.call("POST", "/endpoints", {"endpoint": {
            "interface": interface, "region_id": REGION, "service_id": service, "url": url}})
