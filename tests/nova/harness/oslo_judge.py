"""What real oslo.config and real nova make of configuration files, run inside a root with nova.

Each line on standard input is a JSON list of paths, in order: files and folders. Answers a line for
each: the values of nova's options, or {"refused": WHY}.
"""

import json
import os
import sys
from unittest import mock

from nova.conf import compute, libvirt, netconf
from nova.virt.libvirt import utils
from oslo_config import cfg


# Options that not all of nova 26 to 34 have, as the releases that have them define them.
OF_SOME_RELEASES = ("num_intel_tdx_guests", "num_memory_encrypted_guests")


def options_of_nova():
    config = cfg.ConfigOpts()
    for module in (compute, libvirt, netconf):
        module.register_opts(config)
    for name in OF_SOME_RELEASES:
        if name not in config.libvirt:
            config.register_opt(cfg.IntOpt(name, min=0), group="libvirt")
    return config


def read(paths):
    config = options_of_nova()
    arguments = []
    for path in paths:
        arguments += ["--config-dir" if os.path.isdir(path) else "--config-file", path]
    config(arguments, project="nova", default_config_files=[], default_config_dirs=[])
    options = config.libvirt
    with mock.patch.object(utils, "CONF", config):
        machine_type = utils.get_default_machine_type("x86_64")
    # As LibvirtDriver._get_guest_cpu_model_config has it.
    usual_mode = "host-model" if options.virt_type in ("kvm", "qemu") else "none"
    stated_host = config._namespace is not None and _is_stated(config, "host")
    return {"cpu_mode": options.cpu_mode or usual_mode, "cpu_models": options.cpu_models,
            "virt_type": options.virt_type, "machine_type": machine_type,
            "tdx_guests": options.num_intel_tdx_guests,
            "encrypted_guests": options.num_memory_encrypted_guests,
            "host": config.host if stated_host else None,
            "reserved_memory_mib": config.reserved_host_memory_mb}


def _is_stated(config, option):
    return config.get_location(option).location is cfg.Locations.user


def main():
    for line in sys.stdin:
        try:
            answer = read(json.loads(line))
        except Exception as error:  # pylint: disable=broad-except
            answer = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
