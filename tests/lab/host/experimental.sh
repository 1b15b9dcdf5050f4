# shellcheck shell=bash
# The build root of Debian's experimental: unstable, and from experimental what ccplace is built on. Read
# by roots.sh where CCPLACE_LAB_SUITE is "experimental".

# What building needs, the compiler's cache, and what the quickstart's test needs; nothing for other tests.
# shellcheck disable=SC2154  # Of common.sh.
packages() {
  { sed -e 's/#.*//' -e '/^\s*$/d' "$lab_dir/../../deploy/build-packages.txt"; printf "%s\n" ccache python3; } | sort -u
}

bootstrap() {
  local kind=$1 target=$2 uri=${CCPLACE_LAB_MIRROR:-$(mirror)}
  [[ -n $uri ]] || die "apt's sources name no mirror; set CCPLACE_LAB_MIRROR"
  # The sources whose newest version is wanted. Experimental's are built against its C library.
  local pins='Package: src:grpc src:protobuf src:abseil src:openssl src:glibc
Pin: release a=experimental
Pin-Priority: 900'
  setpriv --pdeathsig KILL \
    unshare --mount --pid --fork --kill-child --mount-proc \
    mmdebstrap --quiet --variant=minbase \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --setup-hook="echo '$pins' >\"\$1/etc/apt/preferences.d/experimental\"" \
    --include="$(packages "$kind" | paste -sd,)" sid "$target" \
    "deb $uri sid main" "deb $uri experimental main" >&2
}
