"""How nova's verdict on a request and ccplace's are held against each other.

nova stops at its first error: it must be among ccplace's reasons. Where the two differ on purpose, the
difference has a name, and docs/rules.md says why ("Where it differs from nova").
"""

import re
import urllib.parse

# nova's error, a piece of what it says, and the reasons of which one must be ccplace's.
WORD = ("INVALID_VALUE", "FIRMWARE_NOT_UEFI", "UNKNOWN_MODEL", "VIDEO_MODEL_NOT_NONE")
SAME = (
    ("FlavorImageConflict", "hw:mem_encryption_model extra", ("MODEL_CONFLICT",)),
    ("FlavorImageConflict", "hw:mem_encryption extra spec explicitly", ("ENCRYPTION_CONFLICT",)),
    ("FlavorImageConflict", "'hw_firmware_type'", ("FIRMWARE_NOT_UEFI",)),
    ("FlavorImageConflict", "hw:pmu", ("PMU_CONFLICT",)),
    ("FlavorImageConflict", "os:secure_boot", ("SECURE_BOOT_CONFLICT",)),
    ("FlavorImageConflict", "hw:maxphysaddr_mode", ("SETTING_CONFLICT",)),
    ("Invalid", "memory encryption model", ("UNKNOWN_MODEL",)),
    ("Invalid", "secure boot policy", ("INVALID_VALUE",)),
    ("Invalid", "Maxphyaddr mode", ("INVALID_VALUE",)),
    # The API has no answer for these, and so none of the text.
    ("Invalid", "Unexpected API Error", ("INVALID_VALUE", "UNKNOWN_MODEL")),
    ("InvalidMachineType", "", ("MACHINE_NOT_Q35",)),
    ("StatelessFirmwareRequired", "", ("FIRMWARE_NOT_STATELESS",)),
    ("InvalidVideoMode", "", ("VIDEO_MODEL_NOT_NONE",)),
    ("InvalidRequest", "Invalid image metadata", WORD),
    ("InvalidImageConfigDrive", "", ("INVALID_VALUE",)),
    ("ImageNotActive", "", ("IMAGE_NOT_ACTIVE",)),
    ("MemoryPageSizeForbidden", "", ("PAGE_SIZE_CONFLICT",)),
    ("MemoryPageSizeInvalid", "", ("INVALID_VALUE",)),
    ("LockMemoryForbidden", "", ("LOCKED_MEMORY_WITHOUT_PAGE_SIZE",)),
    ("FlavorImageLockedMemoryConflict", "", ("LOCKED_MEMORY_CONFLICT",)),
    ("ImageCPUPinningForbidden", "", ("CPU_POLICY_CONFLICT",)),
    ("ImageCPUThreadPolicyForbidden", "", ("CPU_POLICY_CONFLICT",)),
    ("InvalidCPUAllocationPolicy", "", ("INVALID_VALUE",)),
    ("InvalidCPUThreadAllocationPolicy", "", ("INVALID_VALUE",)),
    ("InvalidEmulatorThreadsPolicy", "", ("INVALID_VALUE",)),
    ("CPUThreadPolicyConfigurationInvalid", "", ("DEDICATED_CPUS_NEEDED",)),
    ("BadRequirementEmulatorThreadsPolicy", "", ("DEDICATED_CPUS_NEEDED",)),
    ("ImagePCINUMAPolicyForbidden", "", ("SETTING_CONFLICT",)),
    ("InvalidPCINUMAAffinity", "", ("INVALID_VALUE",)),
    # An empty thread policy where a NUMA topology is made.
    ("ValueError", "Field value  is invalid", ("INVALID_VALUE",)),
)
# nova's errors on settings that ccplace does not judge, and pieces of what they say.
LEFT_TO_NOVA = (
    ("RequiredMixedOrRealtimeCPUMask", ""), ("RequiredMixedInstancePolicy", ""),
    ("InvalidMixedInstanceDedicatedMask", ""), ("ImageSerialPortNumberInvalid", ""),
    ("ImageSerialPortNumberExceedFlavorValue", ""), ("ImageVCPULimitsRangeImpossible", ""),
    ("ImageVCPUTopologyRangeExceeded", ""), ("ImageVCPULimitsRangeExceeded", ""),
    ("InvalidRequest", "Invalid flavor extra spec"), ("InvalidRequest", "'resources:VCPU'"),
    ("InvalidRequest", "number of PCPUs"), ("InvalidRequest", "number of VCPUs"),
    ("InvalidRequest", "sufficient PCPUs"),
    ("InvalidNUMANodesNumber", ""), ("ImageNUMATopologyIncomplete", ""),
    ("ImageNUMATopologyAsymmetric", ""), ("ImageNUMATopologyCPUOutOfRange", ""),
    ("ImageNUMATopologyCPUsUnassigned", ""), ("ImageNUMATopologyForbidden", ""),
    ("Invalid", "inclusion expression"), ("Invalid", "range expression"),
    ("Invalid", "exclusion expression"), ("InvalidMaxphysaddrBits", ""),
)
TRUE = ("1", "t", "true", "on", "y", "yes")
FALSE = ("0", "f", "false", "off", "n", "no")
# Reasons of ccplace's alone: nova starts the server, and what comes of it is not what was meant.
STRICTER = {
    "strict_boolean": {"INVALID_BOOLEAN"},
    "scsi_boot_disk": {"SCSI_BOOT_DISK"},
    "pmu": {"PMU_REQUESTED"},
    "empty_model": {"UNKNOWN_MODEL"},
    "trait": {"INVALID_VALUE"},
    "placement_spec": {"INVALID_VALUE"},
    "other_digits": {"INVALID_VALUE"},
}
SPEC = re.compile(r"(trait|resources)[A-Za-z0-9_-]{0,64}:(.*)", re.S)
LARGEST_AMOUNT = 2147483647


def same_error(verdict, reasons):
    """Whether nova's error is among the reasons."""
    error = verdict["error"].removeprefix("scheduler:")
    return any(name == error and piece in verdict["says"] and set(ours) & reasons
               for name, piece, ours in SAME)


def settings_of(request):
    return request["flavor"]["extra_specs"], request["image"]["properties"]


def is_left_to_nova(verdict):
    error = verdict["error"].removeprefix("scheduler:")
    return any(name == error and piece in verdict["says"] for name, piece in LEFT_TO_NOVA)


def asked(request):
    """The values that ask for encryption, or do not."""
    values = (request["flavor"]["extra_specs"].get("hw:mem_encryption"),
              request["image"]["properties"].get("hw_mem_encryption"))
    return [value.strip().lower() for value in values if value is not None]


def is_clearly_off(request):
    return all(value in FALSE for value in asked(request))


def is_off_for_nova(request):
    """What is no boolean is false."""
    return not any(value in TRUE for value in asked(request))


def has_empty_model(request):
    return (request["flavor"]["extra_specs"].get("hw:mem_encryption_model") == "" or
            request["image"]["properties"].get("hw_mem_encryption_model") == "")


def has_odd_trait(request):
    """One that is forbidden where it is required, or that an image forbids, which nova ignores."""
    flavor, image = request["flavor"]["extra_specs"], request["image"]["properties"]
    return (any(key.startswith("trait:") and value == "forbidden" for key, value in image.items())
            or flavor.get("trait:HW_CPU_X86_INTEL_TDX") == "forbidden")


def is_odd_spec(key, value):
    """A resource or a trait whose name or value is none that Placement takes: nova drops it, with a
    line in its log."""
    found = SPEC.fullmatch(key)
    if found is None:
        return False
    if not re.fullmatch(r"[A-Z0-9_]{1,255}", found[2]):
        return True
    if found[1] == "trait":
        return value not in ("required", "forbidden")
    return not re.fullmatch(r"[0-9]+", value) or int(value) > LARGEST_AMOUNT


def has_odd_spec(request):
    return any(is_odd_spec(key, value) for side in settings_of(request)
               for key, value in side.items())


def has_other_digits(request):
    return any(c.isdigit() and not c.isascii() for side in settings_of(request)
               for value in side.values() for c in value)


# Where a difference needs more than its reasons.
NEEDS = {"empty_model": has_empty_model, "trait": has_odd_trait, "placement_spec": has_odd_spec,
         "other_digits": has_other_digits}


def parameters(query):
    """A query's parameters, each a set of its parts."""
    parsed = urllib.parse.parse_qs(query)
    return {name: set(values[0].split(",")) for name, values in parsed.items() if name != "limit"}


def same_query(verdict, ours):
    """Whether both ask Placement for the same: what belongs to the server as a whole, and each group
    of the flavor's own."""
    novas = parameters(verdict["query"])
    whole, groups = parameters(ours["query"]), parameters(ours["granular"])
    if not all(novas.get(name, set()) == whole.get(name, set())
               for name in ("resources", "required")):
        return False
    return all(novas[name] == groups.get(name) for name in novas
               if name not in ("resources", "required"))


def stricter(request, reasons):
    """The name of the difference where ccplace alone refuses; None where it must not."""
    if is_off_for_nova(request):
        return "strict_boolean" if "INVALID_BOOLEAN" in reasons else None
    left = set(reasons)
    names = []
    for name, own in STRICTER.items():
        if own & left and NEEDS.get(name, lambda _: True)(request):
            names.append(name)
            left -= own
    return names[0] if names and not left else None


def accepted(request, verdict, ours):
    """Of a request that ccplace accepts."""
    if verdict["error"] is not None:
        return "left_to_nova" if is_left_to_nova(verdict) else "UNEXPLAINED: nova refuses"
    if same_query(verdict, ours):
        return "same"
    mixed = "mixed" in (request["flavor"]["extra_specs"].get("hw:cpu_policy"),
                        request["image"]["properties"].get("hw_cpu_policy"))
    return "mixed_cpus" if mixed else "UNEXPLAINED: another query"


def compare(request, verdict, ours):
    """"same", the name of a difference that is meant, or "UNEXPLAINED: ..."."""
    reasons = set(ours["reasons"])
    if ours["decision"] == "NOT_CONFIDENTIAL":
        asks = verdict["query"] is not None and "MEM_ENCRYPTION_CONTEXT" in verdict["query"]
        by_flavor = "resources:MEM_ENCRYPTION_CONTEXT" in request["flavor"]["extra_specs"]
        return "UNEXPLAINED: nova encrypts" if asks and not by_flavor else "not_asked"
    if ours["decision"] == "ACCEPTED":
        return accepted(request, verdict, ours)
    if is_clearly_off(request) and verdict["error"] is not None:
        # Its model is unknown, and nova may have stopped at another error.
        return "not_asked" if reasons == {"UNKNOWN_MODEL"} else "UNEXPLAINED: judged"
    if verdict["error"] is None:
        return stricter(request, reasons) or "UNEXPLAINED: nova accepts"
    if same_error(verdict, reasons):
        return "same"
    if is_left_to_nova(verdict):
        return "left_to_nova"
    return "strict_boolean" if "INVALID_BOOLEAN" in reasons else "UNEXPLAINED: another reason"


DIFFERENCES = {"not_asked", "left_to_nova", "mixed_cpus", *STRICTER}
