#!/bin/bash
# libvirt 12.8.0 and QEMU 11.1.2 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: libvirt decodes the base64 fields of <launchSecurity> when a domain is defined (it names the wrong
# length of a short one), so what it takes starts; and blanks around XML text are either removed or refused.
# Seen: its decoder skips every character that is no base64, and it hands the text on as it stands. QEMU's
# decoder allows newlines and nothing else: a <hostData> that an XML formatter indented defines with --validate
# and cannot start ("Base64 data contains invalid characters").
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt0=12.8.0-1 qemu-system-x86=1:11.1.2+ds-3 libvirt-clients libvirt-common python3

inside python3 - <<'PYTHON' | tee "$work/seen"
import base64
import json
import subprocess

DATA = base64.b64encode(bytes(range(32))).decode()


def run(*command, **options):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options).stdout


def libvirt(text):
    with open("/tmp/guest.xml", "w") as file:
        file.write(f"""<domain type='test'><name>guest</name><memory>9</memory><os><type>hvm</type></os>
            <launchSecurity type='sev-snp'><policy>0x30000</policy><hostData>{text}</hostData></launchSecurity>
            </domain>""")
    out = run("virsh", "-q", "-c", "test:///default", "define --validate /tmp/guest.xml; dumpxml guest")
    return "takes it as it stands" if f"<hostData>{text}</hostData>" in out else "refuses: " + out


def qemu(text):
    guest = {"qom-type": "sev-snp-guest", "id": "snp", "cbitpos": 51, "reduced-phys-bits": 1, "host-data": text}
    out = run("qemu-system-x86_64", "-accel", "tcg", "-machine", "none", "-display", "none", "-S", "-qmp", "stdio",
              "-object", json.dumps(guest), input='{"execute": "qmp_capabilities"}{"execute": "quit"}')
    return "refuses: " + out.strip() if "return" not in out else "takes it"


for name, text in (("one line", DATA), ("ends with a newline", DATA + "\n"),
                   ("indented", f"\n    {DATA}\n  "), ("a byte short", DATA[:-4] + "HQ==")):
    print(f"{name}: libvirt {libvirt(text)}; QEMU {qemu(text)}".replace("\n", " "))
PYTHON

seen "^one line: libvirt takes it as it stands; QEMU takes it$" \
  "^ends with a newline: libvirt takes it as it stands; QEMU takes it$" \
  "^indented: libvirt takes it as it stands; QEMU refuses: .*Base64 data contains invalid characters$" \
  "^a byte short: libvirt refuses: .*expected 32 got 31.*; QEMU refuses: .*31 not equal to 32$"
echo "as it was"
