"""A whole nova with its Placement, in this process: goes in front of a script that is run inside a root.

API, scheduler, conductor and compute service are nova's own, put together with what nova's package has for its
functional tests. The hypervisor is nova's fake one; on it eight TDX keys stand where nova's libvirt driver puts them.
"""
import contextlib
import io
import logging
import os
import sys
import time
import unittest
import warnings

warnings.simplefilter("ignore")
CONFIG = "/etc/nova-here"
os.makedirs(CONFIG)
with open(CONFIG + "/api-paste.ini", "w") as file:
    file.write("""
[composite:osapi_compute]
use = call:nova.api.openstack.urlmap:urlmap_factory
/v2.1: api
[pipeline:api]
pipeline = request_id token context application
[filter:request_id]
paste.filter_factory = oslo_middleware:RequestId.factory
[filter:token]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
[filter:context]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
[app:application]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
""")

from nova import context, objects  # noqa: E402
from nova.tests.functional import integrated_helpers  # noqa: E402
from nova.tests.functional.api import client  # noqa: E402
from nova.virt import fake, hardware  # noqa: E402

CAPABLE = {"hw_firmware_type": "uefi", "hw_machine_type": "q35", "hw_firmware_stateless": "true",
           "hw_video_model": "none"}
ENCRYPTED = {**CAPABLE, "hw_mem_encryption": "true", "hw_mem_encryption_model": "intel-tdx"}
ENCRYPTING = {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"}  # the same, of a flavor
OUTPUT = sys.stdout  # nova's tests put another one in its place


class Hypervisor(fake.MediumFakeDriver):
    def update_provider_tree(self, tree, node, allocations=None):
        super().update_provider_tree(tree, node, allocations)
        child = node + "_intel_tdx"
        if not tree.exists(child):
            tree.new_child(child, node)
        tree.update_inventory(child, {"MEM_ENCRYPTION_CONTEXT": {
            "total": 8, "reserved": 0, "min_unit": 1, "max_unit": 1, "step_size": 1, "allocation_ratio": 1.0}})
        tree.add_traits(child, "OWNER_NOVA", "HW_CPU_X86_INTEL_TDX")
        tree.add_traits(node, "COMPUTE_SECURITY_STATELESS_FIRMWARE")


fake.Hypervisor = Hypervisor  # nova looks for drivers in its own package


class Cloud(integrated_helpers.ProviderUsageBaseTestCase):
    compute_driver = "fake.Hypervisor"
    story, options = None, {}

    def setUp(self):
        for group, options in self.options.items():
            self.flags(group=group, **options)
        self.flags(api_paste_config=CONFIG + "/api-paste.ini", group="wsgi")
        super().setUp()
        self._start_compute("host")

    def runTest(self):
        type(self).story(self)

    def image(self, properties):
        return self.glance.create(context.get_admin_context(), {
            "name": "image", "disk_format": "raw", "container_format": "bare", "status": "active", "size": 1,
            "visibility": "public", "min_disk": 0, "min_ram": 0, "tags": [], "protected": False,
            "properties": properties})["id"]

    def flavor(self, extra_specs):
        return self._create_flavor(vcpu=1, memory_mb=64, disk=1, ephemeral=0, extra_spec=extra_specs)

    def settled(self, server):
        """The server as it is when nova works on it no more."""
        while True:
            server = self.api.get_server(server["id"])
            if server["status"] not in ("BUILD", "REBUILD", "RESIZE") and not server["OS-EXT-STS:task_state"]:
                return server
            time.sleep(0.1)

    def create(self, properties, extra_specs):
        return self.settled(self.api.post_server({"server": self._build_server(
            image_uuid=self.image(properties), flavor_id=self.flavor(extra_specs), networks="none")}))

    def keys(self, server):
        """How many keys the server has in Placement."""
        return sum(provider["resources"].get("MEM_ENCRYPTION_CONTEXT", 0)
                   for provider in self._get_allocations_by_server_uuid(server["id"]).values())

    def wants_encryption(self, server):
        """What a driver of nova's makes of flavor and image when it starts the server."""
        kept = objects.Instance.get_by_uuid(context.get_admin_context(), server["id"],
                                            expected_attrs=["flavor", "system_metadata"])
        return bool(hardware.get_mem_encryption_constraint(kept.flavor, kept.image_meta))


def say(*words):
    print(*words, file=OUTPUT, flush=True)


def outcome(function, *arguments):
    """The status of the server that comes of it, with its fault; or the refusal."""
    try:
        server = function(*arguments)
    except client.OpenStackApiException as error:
        return f"{error.response.status_code} {next(iter(error.response.json().values()))['message']}"
    return f"{server['status']} {server.get('fault', {}).get('message', '')}".strip()


@contextlib.contextmanager
def captured():
    """What is printed, as a command of nova-manage does it."""
    kept, sys.stdout = sys.stdout, io.StringIO()
    try:
        yield sys.stdout
    finally:
        sys.stdout = kept


def tell(story, **options):
    """Runs the story in a cloud of its own, with these options by group of nova.conf."""
    logging.disable(logging.INFO)
    Cloud.story, Cloud.options = story, options
    ended = unittest.TextTestRunner(stream=sys.stderr).run(Cloud())
    sys.exit(0 if ended.wasSuccessful() else 1)
