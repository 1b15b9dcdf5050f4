#!/bin/bash
# python-openstackclient 10.3.0, openstacksdk 4.20.0 and nova 34.0.0 (Debian sid), on Debian as root with mmdebstrap.
#
# Guessed: "openstack flavor create" with a misspelt property fails, with nova's reason, and makes no flavor: nova checks
# extra specs from microversion 2.86 on, and the client speaks the newest that both know.
# Seen: it speaks 2.61, at which nova checks nothing (2.1 by its --help), and so does openstacksdk. With a version that
# has nova refuse a property the flavor is made all the same, public and without any property, those that are right
# among them, and the client ends with 0; what nova said is a line on standard error:
#   hw:mem_encryption=true, hw:mem_encryption_modell=intel-tdx    exit status   flavor
#   create                                                        0             has both
#   create, --os-compute-api-version 2.86                         0             has neither: servers are not encrypted
#   set                                                           0             has both
#   set, --os-compute-api-version 2.86                            1             has neither
# So whoever wants nova's checks creates a flavor without properties, and sets them with the option.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 python3-openstackclient=10.3.0-5 \
  python3-openstacksdk=4.20.0-2 python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
import json  # noqa: E402

import openstack  # noqa: E402
from nova.api import auth  # noqa: E402
from openstackclient import shell  # noqa: E402
from osc_lib import clientmanager  # noqa: E402
from wsgi_intercept import interceptor  # noqa: E402

PROPERTIES = {"hw:mem_encryption": "true", "hw:mem_encryption_modell": "intel-tdx"}
asked = []  # The microversion of each change that nova's API was asked for.


def keystone(compute):
    """As much of Keystone as a client needs: a token for everybody, with a catalog that has this nova."""
    def endpoint(service, url):
        return {"type": service, "name": service, "endpoints": [{
            "interface": "public", "region": "here", "region_id": "here", "url": url}]}

    token = {"methods": ["password"], "expires_at": "2099-01-01T00:00:00.000000Z", "issued_at": "2026-01-01T00:00:00.000000Z",
             "user": {"id": "u", "name": "u", "domain": {"id": "default", "name": "Default"}},
             "project": {"id": "p", "name": "p", "domain": {"id": "default", "name": "Default"}},
             "catalog": [endpoint("identity", "http://identity/v3"), endpoint("compute", compute)]}
    version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://identity/v3"}]}

    def answer(environ, start_response):
        created = environ["REQUEST_METHOD"] == "POST"
        start_response("201 Created" if created else "200 OK", [
            ("Content-Type", "application/json"), ("X-Subject-Token", "token")])
        return [json.dumps({"token": token} if created else {"version": version}).encode()]

    return answer


def connect(cloud):
    """Lets nova take whoever speaks to it for its administrator, and note the version that he speaks."""
    made = auth.NovaKeystoneContext._create_context

    def administrator(environ, **more):
        if environ["REQUEST_METHOD"] != "GET":
            asked.append(environ.get("HTTP_OPENSTACK_API_VERSION", "none").split()[-1])
        return made({"HTTP_X_AUTH_USER": "admin", "HTTP_X_AUTH_PROJECT_ID": cloud.api.project_id,
                     "HTTP_X_ROLES": "reader,member,admin", **environ}, **more)

    auth.NovaKeystoneContext._create_context = staticmethod(administrator)
    answer = keystone(cloud.api_fixture.base_url)
    interceptor.RequestsInterceptor(lambda: answer, url="http://identity:80/").install_intercept()
    os.environ["OS_CLIENT_CONFIG_FILE"] = CONFIG + "/clouds.yaml"
    with open(CONFIG + "/clouds.yaml", "w") as file:
        json.dump({"clouds": {"cloud": {"region_name": "here", "auth": {
            "auth_url": "http://identity/v3", "username": "u", "password": "p", "project_name": "p",
            "user_domain_id": "default", "project_domain_id": "default"}}}}, file)


def command(*words):
    """The exit status of the client, which makes its connection anew as in a process of its own."""
    for kept in vars(clientmanager.ClientManager).values():
        if isinstance(kept, clientmanager.ClientCache):
            kept._handle = None
    options = [f"--property={name}={value}" for name, value in PROPERTIES.items()]
    with captured(), contextlib.redirect_stderr(io.StringIO()):
        return shell.main(["--os-cloud", "cloud", *words, *options])


def story(cloud):
    connect(cloud)

    def attempt(name, doing, flavor):
        asked.clear()
        ended = doing()
        kept = cloud.api.api_get(f"/flavors/{flavor}/os-extra_specs").body["extra_specs"]
        say(f"{name}: ended with {ended}, spoke {' '.join(sorted(set(asked)))}, flavor has {len(kept)} properties")

    def server(flavor):
        made = cloud.settled(cloud.api.post_server({"server": cloud._build_server(
            image_uuid=cloud.image(CAPABLE), flavor_id=flavor, networks="none")}))
        say(f"server of {flavor}: {made['status']}, encrypted {cloud.wants_encryption(made)}")

    def sdk(flavor):
        openstack.connect(cloud="cloud").compute.create_flavor_extra_specs(flavor, PROPERTIES)

    for name, version in ("default", []), ("2.86", ["--os-compute-api-version=2.86"]):
        create = ["flavor", "create", "--vcpus=1", "--ram=64", "--disk=1", f"--id=created-{name}", f"created-{name}"]
        attempt(f"create, {name}", lambda: command(*version, *create), f"created-{name}")
        flavor = cloud.flavor({})
        attempt(f"set, {name}", lambda: command(*version, "flavor", "set", flavor), flavor)
    server("created-2.86")
    flavor = cloud.flavor({})
    attempt("sdk", lambda: sdk(flavor), flavor)


tell(story)
PYTHON

seen "^create, default: ended with 0, spoke 2.61, flavor has 2 properties$" \
  "^set, default: ended with 0, spoke 2.61, flavor has 2 properties$" \
  "^create, 2.86: ended with 0, spoke 2.86, flavor has 0 properties$" \
  "^set, 2.86: ended with 1, spoke 2.86, flavor has 0 properties$" \
  "^server of created-2.86: ACTIVE, encrypted False$" "^sdk: ended with None, spoke 2.61, flavor has 2 properties$"
echo "as it was"
