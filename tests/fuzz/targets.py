"""What fuzz targets begin with and how long their inputs grow, for the programs of this folder."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "fuzz"

# Folders of real input, beside a target's kept corpus.
SEEDS = {
    "clouds": "tests/data/clouds",
    "domain_capabilities": "tests/data/domcaps",
    "domain_read": "tests/data/domains",
    "firmware": "tests/data/firmware",
    "openstack_json": "examples",
    "tdvf": "tests/data/tdvf",
}
# Longest new input, in bytes. An execution takes time by its input's length, and what decides is
# short; libFuzzer would go by the longest input that it begins with, 200 KB of capabilities. The
# two images of `tdvf` have their metadata at the end, and are no longer than this.
LONGEST = {"audit_catalog": 2048, "domain_read": 2048, "keystone_token": 2048, "misc_cgroup": 256,
           "placement_sync": 4096, "property_string": 256, "qcow2": 128, "tdvf": 20480}
USUAL_LONGEST = 1024
# The files that each target is for; it reaches others on the way.
PURPOSE = {
    "audit_catalog": r"client/ctl/input/(catalog|image_devices)",
    "caller_text": r"lib/observability/trace_context|lib/base/text|server/auth/revocations",
    "clouds": r"client/sync/cloud/",
    "command_line": r"lib/hypervisor/command_line",
    "define_xml": r"lib/domain/(domain_build|domain_valid|disk_|interface_|os_xml|xml_writer|"
                  r"text_rules|field_|domain_settings|spec_defaults)",
    "domain_capabilities": r"lib/hypervisor/domain_capabilities|lib/xml/",
    "domain_read": r"lib/domain/domain_read|lib/xml/",
    "firmware": r"lib/host/firmware",
    "host_text": r"lib/host/(distribution|kernel_config|tdx_module)",
    "keystone_token": r"client/sync/keystone/",
    "misc_cgroup": r"lib/host/misc_cgroup",
    "nova_config": r"lib/host/(nova_config|oslo_file)",
    "openstack_json": r"client/ctl/input/openstack_json",
    "placement_answer": r"client/sync/placement/placement_json",
    "placement_sync": r"client/sync/(sync/(host_sync|tree_change|overwritten|removed)|placement/)|"
                      r"lib/placement/",
    "property_string": r"client/ctl/input/(openstack_json|property)",
    "qcow2": r"lib/domain/qcow2",
    "tdvf": r"lib/measurement/(tdvf|mrtd)",
    "tdvf_sections": r"lib/measurement/(tdvf|mrtd)",
    "validate_request": r"lib/request/",
    "write_request": r"server/rpc/unknown_fields|lib/domain/(request_digest|deterministic_bytes)",
}

# Whole real inputs, for a first pass that mutates nothing.
ANY_LENGTH = 1 << 20

RUNS = re.compile(r"^stat::number_of_executed_units: *(\d+)$", re.MULTILINE)
REACHED = re.compile(r"cov: \d+ ft: \d+")


def names(build):
    """The targets of a build, in order."""
    return sorted(path.name.removesuffix("_fuzz")
                  for path in (build / "tests/fuzz").glob("*_fuzz"))


def program(build, target):
    return str(build / "tests/fuzz" / f"{target}_fuzz")


def folders(target):
    """The kept corpus and the seeds, as far as there are any."""
    found = [HERE / "corpus" / target]
    if target in SEEDS:
        found.append(ROOT / SEEDS[target])
    return [str(folder) for folder in found if folder.is_dir()]


def options(target, seconds, findings):
    """libFuzzer's, for `seconds` of new inputs; what is found goes to the folder `findings`."""
    dictionary = HERE / f"{target}.dict"
    return [f"-max_total_time={seconds}", f"-max_len={LONGEST.get(target, USUAL_LONGEST)}",
            "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
            f"-artifact_prefix={findings}/",
            *([f"-dict={dictionary}"] if dictionary.exists() else [])]


def executions(output):
    """Inputs that libFuzzer says it has executed."""
    return sum(int(runs) for runs in RUNS.findall(output))


def reached(output):
    """libFuzzer's own measure at the end, as "cov: 12 ft: 34"."""
    return (REACHED.findall(output) or [""])[-1]
