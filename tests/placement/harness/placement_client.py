"""Plays nova, the scheduler and an operator against a real Placement, in end-to-end tests.

Every call that Placement refuses raises Refused, with its status and error code.
"""

import http.client
import json
import ssl
import urllib.parse
import uuid

MICROVERSION = "1.39"
# Without COMPUTE_NODE, by which nova marks its own: a control plane that is not nova.
COMPUTE_NODE_TRAITS = ("HW_CPU_X86_VMX", "COMPUTE_SECURITY_UEFI_SECURE_BOOT",
                       "COMPUTE_SECURITY_STATELESS_FIRMWARE")  # The last is not in Debian 12's.
MEM_ENCRYPTION_CONTEXT = "MEM_ENCRYPTION_CONTEXT"


class Refused(Exception):
    """An answer of 400 or above."""

    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body}")
        self.status = status
        self.code = (body.get("errors") or [{}])[0].get("code") if isinstance(body, dict) else None


class PlacementClient:
    """A new connection for each request, so that none is ever stale. For any number of threads."""

    def __init__(self, url, token="admin", ca_file=None):
        self._url = urllib.parse.urlsplit(url)
        self._headers = {"X-Auth-Token": token, "Content-Type": "application/json",
                         "OpenStack-API-Version": f"placement {MICROVERSION}"}
        self._ca_file = ca_file

    def request(self, method, path, body=None):
        """(status, JSON, text or None) of one request, whatever the status."""
        connection = _connection(self._url, self._ca_file)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, self._url.path.rstrip("/") + path, data, self._headers)
            answer = connection.getresponse()
            return answer.status, _parse(answer.headers, answer.read())
        finally:
            connection.close()

    def call(self, method, path, body=None):
        """The answer's JSON; Refused when Placement refuses."""
        status, answer = self.request(method, path, body)
        if status >= 400:
            raise Refused(method, path, status, answer)
        return answer

    def get(self, path):
        return self.call("GET", path)

    # Providers.

    def provider(self, name):
        """The provider called `name`, or None."""
        query = urllib.parse.urlencode({"name": name})
        found = self.get(f"/resource_providers?{query}")["resource_providers"]
        return found[0] if found else None

    def tree(self, root_uuid):
        """The providers of a tree by name, root included."""
        found = self.get(f"/resource_providers?in_tree={root_uuid}")["resource_providers"]
        return {provider["name"]: provider for provider in found}

    def create_provider(self, name, parent_uuid=None):
        body = {"name": name, "uuid": str(uuid.uuid4())}
        if parent_uuid:
            body["parent_provider_uuid"] = parent_uuid
        return self.call("POST", "/resource_providers", body)["uuid"]

    def delete_provider(self, provider_uuid):
        self.call("DELETE", f"/resource_providers/{provider_uuid}")

    def create_compute_node(self, name, vcpus=64, memory_mib=262144, disk_gib=1000):
        """The root provider of a compute node that nova does not look after. Returns its uuid."""
        root = self.create_provider(name)
        self.set_inventories(root, {
            "VCPU": _inventory(vcpus, allocation_ratio=4.0, max_unit=vcpus),
            "MEMORY_MB": _inventory(memory_mib, reserved=512, max_unit=memory_mib),
            "DISK_GB": _inventory(disk_gib, max_unit=disk_gib)})
        self.set_traits(root, filter(self.trait_exists, COMPUTE_NODE_TRAITS))
        return root

    def create_nova_child(self, root_uuid, name, total, trait):
        """The memory encryption child as nova 34 makes it. Returns its uuid."""
        child = self.create_provider(name, root_uuid)
        self.set_inventories(child, {MEM_ENCRYPTION_CONTEXT: _inventory(total)})
        self.set_traits(child, [trait, "OWNER_NOVA"])
        return child

    # Inventories and traits.

    def generation(self, provider_uuid):
        return self.get(f"/resource_providers/{provider_uuid}")["generation"]

    def inventories(self, provider_uuid):
        return self.get(f"/resource_providers/{provider_uuid}/inventories")["inventories"]

    def set_inventories(self, provider_uuid, inventories, generation=None):
        """Replaces all inventories; the generation is read first unless given."""
        self._replace(provider_uuid, "inventories", inventories, generation)

    def traits(self, provider_uuid):
        return set(self.get(f"/resource_providers/{provider_uuid}/traits")["traits"])

    def set_traits(self, provider_uuid, traits, generation=None):
        """Replaces all traits; the generation is read first unless given."""
        self._replace(provider_uuid, "traits", list(traits), generation)

    def _replace(self, provider_uuid, kind, value, generation):
        if generation is None:
            generation = self.generation(provider_uuid)
        self.call("PUT", f"/resource_providers/{provider_uuid}/{kind}",
                  {kind: value, "resource_provider_generation": generation})

    def trait_exists(self, trait):
        return self.request("GET", f"/traits/{trait}")[0] == 204

    def create_trait(self, trait):
        self.call("PUT", f"/traits/{trait}")

    # Scheduling.

    def candidates(self, query):
        """The allocation requests for `query`, as given after `/allocation_candidates?`."""
        return self.get(f"/allocation_candidates?{query}")["allocation_requests"]

    def candidate_hosts(self, query):
        """The uuids of the root providers that `query` could land on."""
        answer = self.get(f"/allocation_candidates?{query}")
        return {summary["root_provider_uuid"]
                for summary in answer["provider_summaries"].values()}

    def claim(self, query):
        """Allocates the first candidate of `query` as nova does. Its consumer; None without one."""
        requests = self.candidates(query)
        if not requests:
            return None
        consumer = str(uuid.uuid4())
        self.allocate(consumer, {provider: part["resources"] for provider, part
                                 in requests[0]["allocations"].items()})
        return consumer

    def allocate(self, consumer, resources_by_provider):
        """Allocates {provider uuid: {class: amount}} to a new consumer."""
        allocations = {provider: {"resources": resources}
                       for provider, resources in resources_by_provider.items()}
        self.call("PUT", f"/allocations/{consumer}", {
            "allocations": allocations, "consumer_generation": None, "consumer_type": "INSTANCE",
            "project_id": "ccplace-tests", "user_id": "ccplace-tests"})

    def release(self, consumer):
        self.call("DELETE", f"/allocations/{consumer}")

    def usages(self, provider_uuid):
        return self.get(f"/resource_providers/{provider_uuid}/usages")["usages"]


def _parse(headers, body):
    """A refused token is answered in plain text, all else in JSON."""
    if not body:
        return None
    is_json = headers.get_content_type() == "application/json"
    return json.loads(body) if is_json else body.decode()


def _inventory(total, reserved=0, max_unit=1, allocation_ratio=1.0):
    return {"total": total, "reserved": reserved, "min_unit": 1, "max_unit": max_unit,
            "step_size": 1, "allocation_ratio": allocation_ratio}


def _connection(parts, ca_file):
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    context = ssl.create_default_context(cafile=ca_file)
    return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=60, context=context)
