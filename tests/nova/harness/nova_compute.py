"""nova-compute's periodic update, run inside a root that holds real nova code.

The ResourceTracker, the SchedulerReportClient and the libvirt driver's update_provider_tree are
nova's own. Stood in for: what libvirt and the kernel say of the host, and nova's database.

  nova_compute.py PLACEMENT_URL                   one JSON command a line on standard input, each for
                                                  a node, as {"node": NAME, "uuid": UUID, "do": ...}:
    {"do": "update", "startup": false, "tdx": 63, "sev": 0, "stale": false}
        stale: the report client's cache of 300 s is past its time
    {"do": "delete_service"}                             what `compute service delete` does
    {"do": "restart"}                                    a new process: no cache
Answers a line for each: {"raised": "NAME: text" or null, "errors": [what nova logged]}.
"""

import json
import logging
import sys
from unittest import mock

ARGUMENTS, sys.argv = sys.argv[1:], sys.argv[:1]

# As nova-compute begins: the locks of nova 26 are eventlet's, which can be copied.
import nova.monkey_patch  # pylint: disable=wrong-import-position,unused-import
import nova.conf  # pylint: disable=wrong-import-position
from nova import context, objects  # pylint: disable=wrong-import-position
from nova.compute import resource_tracker  # pylint: disable=wrong-import-position
from nova.scheduler.client import report  # pylint: disable=wrong-import-position
from nova.virt.libvirt import driver as libvirt_driver  # pylint: disable=wrong-import-position

SEV_TRAIT = "HW_CPU_X86_AMD_SEV"
TDX_TRAIT = "HW_CPU_X86_INTEL_TDX"


class LoggedErrors(logging.Handler):
    """What nova says at ERROR and above."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage()[:2000])


class Host:
    """What nova's libvirt Host finds out."""

    def __init__(self):
        self.tdx = self.sev = 0

    @property
    def supports_amd_sev(self):
        return self.sev > 0

    def get_memory_mb_total(self):
        return 262144

    def get_mem_encryption_inventories(self):
        """As Host.get_mem_encryption_inventories of nova 34 has it."""
        found = {}
        for name, total, trait in (("amd_sev", self.sev, SEV_TRAIT), ("amd_sev_es", 0, None),
                                   ("amd_sev_snp", 0, None), ("intel_tdx", self.tdx, TDX_TRAIT)):
            found[name] = {"supported": total > 0, "total": total,
                           "traits": [trait] if trait else []}
        return found


def stand_in(driver, name, value):
    """Where this nova has a method of that name."""
    if hasattr(type(driver), name):
        setattr(driver, name, lambda *_args, **_options: value)


def make_driver(host):
    """A LibvirtDriver that never saw a libvirt."""
    driver = object.__new__(libvirt_driver.LibvirtDriver)
    driver._host = host
    driver._static_traits = {SEV_TRAIT: host.supports_amd_sev} if "26" in VERSION else {}
    driver._vpmems_by_rc = {}
    driver.capabilities = {}
    driver.provider_tree = None
    stand_in(driver, "_get_local_gb_info", {"total": 1000})
    stand_in(driver, "_get_vcpu_available", set(range(64)))
    stand_in(driver, "_get_pcpu_available", set())
    stand_in(driver, "_get_memory_encrypted_slots", host.sev)
    stand_in(driver, "_update_provider_tree_for_vgpu", None)
    stand_in(driver, "_update_provider_tree_for_pcpu", None)
    stand_in(driver, "_get_reserved_host_disk_gb_from_config", 0)
    stand_in(driver, "_get_disk_size_reserved_for_image_cache", 0)
    return driver


class Compute:
    """One nova-compute process."""

    def __init__(self, node_name, node_uuid):
        self.host = Host()
        self.context = context.get_admin_context()
        self.client = report.SchedulerReportClient()
        self.node = objects.ComputeNode(uuid=node_uuid, host=node_name,
                                        hypervisor_hostname=node_name)
        self.tracker = resource_tracker.ResourceTracker(node_name, None, self.client)
        self.tracker.pci_tracker = mock.Mock(pci_devs=[], stats=mock.Mock(pools=[]))

    def update(self, startup, tdx, sev, stale):
        self.host.tdx, self.host.sev = tdx, sev
        self.tracker.driver = make_driver(self.host)
        if stale:
            self.client._association_refresh_time = {}
        service = objects.Service(id=1, host=self.node.host, disabled=False)
        with mock.patch.object(objects.Service, "get_by_compute_host", return_value=service), \
                mock.patch.object(resource_tracker.pci_placement_translator,
                                  "update_provider_tree_for_pci", return_value=False):
            self.tracker._update_to_placement(self.context, self.node, startup)

    def delete_service(self):
        with mock.patch.object(objects.InstanceList, "get_uuids_by_host_and_node",
                               return_value=[]), \
                mock.patch.object(report.SchedulerReportClient,
                                  "_remove_allocations_for_evacuated_instances"):
            self.client.delete_resource_provider(self.context, self.node, cascade=True)


def configure(url):
    config = nova.conf.CONF
    config([], project="nova", default_config_files=[])
    config.import_group("placement", "nova.conf.placement")
    from keystoneauth1 import loading  # pylint: disable=import-outside-toplevel
    loading.register_auth_conf_options(config, "placement")
    plugin = loading.get_plugin_loader("admin_token")
    config.register_opts(loading.get_auth_plugin_conf_options(plugin), group="placement")
    for name, value in (("auth_type", "admin_token"), ("token", "admin"), ("endpoint", url),
                        ("endpoint_override", url)):
        config.set_override(name, value, group="placement")


def carry_out(computes, command):
    """Does it. What nova raised, or None."""
    what, node = command.pop("do"), (command.pop("node"), command.pop("uuid"))
    if node not in computes or what == "restart":
        computes[node] = Compute(*node)
    if what == "restart":
        return None
    try:
        getattr(computes[node], what)(**command)
    except Exception as error:  # pylint: disable=broad-except
        return f"{type(error).__name__}: {error}"
    return None


def main(url):
    configure(url)
    objects.register_all()
    errors = LoggedErrors()
    logging.getLogger("nova").addHandler(errors)
    computes = {}
    print(json.dumps({"version": VERSION}), flush=True)
    for line in sys.stdin:
        errors.texts.clear()
        raised = carry_out(computes, json.loads(line))
        print(json.dumps({"raised": raised, "errors": errors.texts}), flush=True)


from nova import version as nova_version  # pylint: disable=wrong-import-position,wrong-import-order
VERSION = nova_version.version_string()

if __name__ == "__main__":
    main(*ARGUMENTS)
