#!/bin/bash
# libvirt 12.8.0 and ovmf 2026.08 (Debian forky), on Debian as root with mmdebstrap.
#
# Guessed: the policy that virt-qemu-sev-validate is given is the one of the domain's XML, letter by letter: both are
# libvirt's, and its manual says no more than "policy bitmask", with 3 and 7 for examples.
# Seen: the tool reads decimal, the XML hexadecimal, with 0x and without. Of a guest with the policy 0x33, which is
# nova's for SEV, with its right measurement:
#   51       right
#   0x33     refused: "invalid int value", and so is 0x0033, which is how libvirt shows it
#   33       wrong: "Measurement does not match, VM is not trustworthy", though <policy>33</policy> is 0x33
# So a good guest looks as if somebody had tampered with it. 3 and 7 are the same in both.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian forky libvirt-clients-qemu=12.8.0-1 libvirt-clients=12.8.0-1 ovmf-amdsev=2026.08+ds-2

inside bash -s <<'INSIDE' | tee "$work/seen"
cd /tmp
cat >measure.py <<'PYTHON'
"""The measurement of a guest with this policy by the SEV API's LAUNCH_MEASURE, and the guest owner's keys."""
import base64
import hashlib
import hmac
import sys

key, nonce = bytes(16), bytes(range(16))
with open("keys", "wb") as file:
    file.write(key + key)
with open("/usr/share/ovmf/OVMF.amdsev.fd", "rb") as file:
    launched = hashlib.sha256(file.read()).digest()
told = bytes([4, 1, 55, 21]) + int(sys.argv[1], 16).to_bytes(4, "little") + launched + nonce
print(base64.b64encode(hmac.digest(key, told, "sha256") + nonce).decode())
PYTHON
measurement=$(python3 measure.py 0x33)

for policy in 51 0x33 0x0033 33; do
  echo "<domain type='test'><name>guest</name><memory>524288</memory><os><type>hvm</type></os>
    <launchSecurity type='sev'><policy>$policy</policy></launchSecurity></domain>" >guest.xml
  echo "$policy: XML" "$(virsh -q -c test:///default 'define --validate guest.xml; dumpxml guest' |
    sed -n 's:.*<policy>\(.*\)</policy>:\1:p')," "$(virt-qemu-sev-validate --firmware /usr/share/ovmf/OVMF.amdsev.fd \
    --tk keys --measurement "$measurement" --api-major 1 --api-minor 55 --build-id 21 --policy "$policy" 2>&1 |
    tail -n 1)"
done
INSIDE

seen "^51: XML 0x0051, OK: " "^0x33: XML 0x0033, .*invalid int value: '0x33'$" \
  "^0x0033: XML 0x0033, .*invalid int value: '0x0033'$" \
  "^33: XML 0x0033, ERROR: Measurement does not match, VM is not trustworthy$"
echo "as it was"
