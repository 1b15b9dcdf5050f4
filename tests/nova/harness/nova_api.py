"""A real nova-api on sqlite, run inside a root that holds real nova code.

Reads a line of JSON for each pairing, {"flavor": {"extra_specs", "vcpus", "memory_mb", "root_gb"},
"image": {"status", "properties"}}, makes the flavor through the API, stands the image in at a Glance
of its own, and asks for a server of both. Answers each with {"refused_specs": [extra specs that the
newest microversion does not store], "code": of the server's creation, "says": TEXT}.

The API is nova's WSGI application with databases of its own. Stood in for: Keystone's middleware
(its headers are sent), Glance, and the conductor, whom the process's message bus does not reach.
"""

import http.server
import json
import os
import sys
import threading

sys.argv = sys.argv[:1]
FOLDER = os.path.dirname(os.path.abspath(__file__))
# Before nova reads them.
os.environ.update({"OS_NOVA_CONFIG_DIR": FOLDER, "OS_NOVA_CONFIG_FILES": "api-paste.ini;nova.conf"})

PASTE = """
[composite:osapi_compute]
use = call:nova.api.openstack.urlmap:urlmap_factory
/v2.1: openstack_compute_api_v21
[composite:openstack_compute_api_v21]
use = call:nova.api.auth:pipeline_factory_v21
keystone = keystonecontext osapi_compute_app_v21
[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
[app:osapi_compute_app_v21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
"""
CONFIG = """
[DEFAULT]
transport_url = fake:/
state_path = {folder}
log_file = {folder}/log
[api_database]
connection = sqlite:///{folder}/api.sqlite
[database]
connection = sqlite:///{folder}/cell.sqlite
[glance]
api_servers = http://127.0.0.1:{port}
num_retries = 0
[oslo_policy]
enforce_scope = false
[quota]
instances = -1
cores = -1
ram = -1
[oslo_concurrency]
lock_path = {folder}
[upgrade_levels]
compute = auto
"""
PROJECT = "f5ad8b5e0e2f4f0d9f3f6f4f3a1c0001"
HEADERS = {"X-User-Id": "admin", "X-Project-Id": PROJECT, "X-Roles": "admin,member,reader",
           "X-Auth-Token": "t", "X-Identity-Status": "Confirmed", "Content-Type": "application/json",
           "X-Service-Catalog": "[]"}
IMAGE_ID = "8e38e6f3-5241-4f94-b697-54d824b75974"
FIELDS = {"id": IMAGE_ID, "name": "i", "status": "active", "visibility": "public", "owner": PROJECT,
          "container_format": "bare", "disk_format": "qcow2", "min_ram": 0, "min_disk": 0, "size": 1,
          "protected": False, "os_hidden": False, "checksum": "0", "tags": [], "virtual_size": None,
          "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
SCHEMA = {"name": "image", "properties": {name: {} for name in FIELDS},
          "additionalProperties": {"type": "string"}, "links": []}


class Glance(http.server.BaseHTTPRequestHandler):
    """The image API, version 2, with one image: the one that is asked for next."""

    image = {}

    def do_GET(self):  # pylint: disable=invalid-name
        found = SCHEMA if self.path.startswith("/v2/schemas/") else self.image
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


def image_of(pairing):
    """As Glance shows it: properties stand beside the image's own fields."""
    image = pairing["image"]
    return {**image["properties"], **FIELDS, "status": image.get("status") or "active"}


class Api:
    """The application, with requests in its own process."""

    def __init__(self, application):
        self._application = application

    def ask(self, method, path, body=None, version="2.85"):
        """(status code, JSON)"""
        request = webob.Request.blank(f"/v2.1/{path}", method=method, headers={
            **HEADERS, "OpenStack-API-Version": f"compute {version}"})
        if body is not None:
            request.body = json.dumps(body).encode()
        answer = request.get_response(self._application)
        return answer.status_code, answer.json if answer.body else {}


def say(answer):
    return next(iter(answer.values()), {}).get("message", "")[:300] if answer else ""


def make_flavor(api, flavor):
    code, answer = api.ask("POST", "flavors", {"flavor": {
        "name": "f", "id": "f", "vcpus": flavor.get("vcpus", 1), "ram": flavor.get("memory_mb", 512),
        "disk": flavor.get("root_gb", 1)}})
    assert code == 200, answer


def store(api, key, value):
    """Whether the newest microversion stores the extra spec; the one before the checks always does."""
    path = "flavors/f/os-extra_specs"
    newest, answer = api.ask("POST", path, {"extra_specs": {key: value}}, "latest")
    if newest == 200:
        return True
    assert newest == 400, answer
    code, answer = api.ask("POST", path, {"extra_specs": {key: value}})
    assert code == 200, (key, value, answer)
    return False


def judge(api, pairing):
    make_flavor(api, pairing["flavor"])
    specs = pairing["flavor"]["extra_specs"].items()
    refused = sorted(key for key, value in specs if not store(api, key, value))
    Glance.image = image_of(pairing)
    code, answer = api.ask("POST", "servers", {"server": {
        "name": "s", "imageRef": IMAGE_ID, "flavorRef": "f", "networks": "none"}})
    deleted, _ = api.ask("DELETE", "flavors/f")
    assert deleted == 202
    return {"refused_specs": refused, "code": code, "says": say(answer) if code != 202 else ""}


def serve_images():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Glance)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def make_databases():
    from nova import context, objects  # pylint: disable=import-outside-toplevel
    from nova.db import migration  # pylint: disable=import-outside-toplevel
    migration.db_sync(database="api")
    migration.db_sync(database="main")
    admin = context.get_admin_context()
    connection = f"sqlite:///{FOLDER}/cell.sqlite"
    for name, uuid in (("cell0", objects.CellMapping.CELL0_UUID),
                       ("cell1", "11111111-1111-4111-8111-111111111111")):
        objects.CellMapping(admin, name=name, uuid=uuid, database_connection=connection,
                            transport_url="fake:/", disabled=False).create()
    # Without a nova-compute of its release the API takes the cloud for one under upgrade.
    objects.Service(admin, host="c", binary="nova-compute", topic="compute").create()


def write(name, text):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
        file.write(text)


def main():
    write("api-paste.ini", PASTE)
    write("nova.conf", CONFIG.format(folder=FOLDER, port=serve_images()))
    from nova.api.openstack import wsgi_app  # pylint: disable=import-outside-toplevel
    wsgi_app.init_global_data([f"{FOLDER}/nova.conf"], "osapi_compute", "nova-api")
    make_databases()
    api = Api(wsgi_app.init_application("osapi_compute", "nova-api"))
    for line in sys.stdin:
        print(json.dumps(judge(api, json.loads(line))), flush=True)


from nova import monkey_patch  # pylint: disable=wrong-import-position
monkey_patch.patch(backend="threading")
import webob  # pylint: disable=wrong-import-position

if __name__ == "__main__":
    main()
