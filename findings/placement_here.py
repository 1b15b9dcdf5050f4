"""Placement on a database of its own, in this process: goes in front of a script that is run inside a root."""
import io
import json
import os
import sys
import uuid
import warnings

warnings.simplefilter("ignore")
CONFIG = "/etc/placement-here"
os.makedirs(CONFIG)
with open(CONFIG + "/placement.conf", "w") as file:
    file.write(f"[DEFAULT]\nlog_file = {CONFIG}/log\n[api]\nauth_strategy = noauth2\n"
               f"[placement_database]\nconnection = sqlite:///{CONFIG}/database\nsync_on_startup = true\n")
os.environ["OS_PLACEMENT_CONFIG_DIR"] = CONFIG
sys.argv = ["placement"]  # it reads them when it is imported

from webob import Request  # noqa: E402

try:
    from placement.wsgi.api import application  # noqa: E402
except ImportError:  # As in Debian 12.
    from placement.wsgi import init_application  # noqa: E402
    application = init_application()

HOST, CHILD = (str(uuid.uuid4()) for _ in range(2))


def send(method, path, body=None, version="1.39"):
    request = Request.blank(path, method=method, headers={
        "X-Auth-Token": "admin", "OpenStack-API-Version": "placement " + version, "Accept": "application/json"})
    if body is not None:
        request.body, request.content_type = json.dumps(body).encode(), "application/json"
    return request.get_response(application)


def ask(method, path, body=None, version="1.39"):
    """The answer in one line: status, and what it says or why it refuses."""
    answer = send(method, path, body, version)
    text = answer.text
    if answer.status_int >= 400:
        error = answer.json["errors"][0]
        text = error.get("code", "") + " " + error["detail"]
    return f"{answer.status_int} {' '.join(text.split())}".strip()


def generation(provider):
    return send("GET", f"/resource_providers/{provider}").json["generation"]


def set_inventories(provider, inventories, version="1.39"):
    return ask("PUT", f"/resource_providers/{provider}/inventories", {
        "resource_provider_generation": generation(provider), "inventories": inventories}, version)


def make_host():
    """A host with a child that has eight keys and the trait, as nova makes it."""
    send("POST", "/resource_providers", {"name": "host", "uuid": HOST})
    send("POST", "/resource_providers", {"name": "host_intel_tdx", "uuid": CHILD, "parent_provider_uuid": HOST})
    set_inventories(HOST, {"VCPU": {"total": 8}})
    set_inventories(CHILD, {"MEM_ENCRYPTION_CONTEXT": {"total": 8, "max_unit": 1}})
    send("PUT", f"/resource_providers/{CHILD}/traits", {
        "resource_provider_generation": generation(CHILD), "traits": ["HW_CPU_X86_INTEL_TDX"]})


def serve(said):
    """The address of this Placement on loopback; a line for each request is appended to said."""
    import threading
    from wsgiref import simple_server

    class Quiet(simple_server.WSGIRequestHandler):
        def log_message(self, *_):
            pass

    def listen(environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        query = "?" + environ["QUERY_STRING"] if environ["QUERY_STRING"] else ""
        said.append(" ".join([environ["REQUEST_METHOD"], environ["PATH_INFO"] + query,
                              environ.get("HTTP_OPENSTACK_API_VERSION", "no version"), body.decode()]))
        return application(environ, start_response)

    server = simple_server.make_server("127.0.0.1", 0, listen, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def sdk(said):
    """openstacksdk's connection to it."""
    import openstack
    return openstack.connection.Connection(auth_type="admin_token", auth={"endpoint": serve(said), "token": "admin"})
