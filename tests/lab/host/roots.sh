# shellcheck shell=bash
# Debian roots in the cache: made once, read-only afterwards, shared by all labs.
#
# A root is a folder named after a hash of everything that shaped it, and takes
# that name only when it is whole: a killed make leaves nothing to stumble on.

suite=${CCPLACE_LAB_SUITE:-forky}
readonly suite

# The packages of a root, one per line: for the build root, what building, packing and the
# unit tests need anywhere, and what looks at packages.
packages() {
  local lists=("$lab_dir/host/$1_root.packages")
  [[ $1 == lab ]] ||
    lists+=("$lab_dir"/../{unit-packages.txt,../deploy/{build,package}-packages.txt})
  sed -e 's/#.*//' -e '/^\s*$/d' -e 's/^[^:]*://' "${lists[@]}" | sort -u
}

# Roots of another suite have names of their own, so that neither takes the other's place.
root_prefix() {
  if [[ $suite == forky ]]; then echo "$1-root"; else echo "$suite-$1-root"; fi
}

# root_path KIND: the folder of the lab root or the build root.
root_path() {
  local hash
  hash=$({
    echo "$suite"
    packages "$1"
    declare -f bootstrap "finish_$1_root" write_libvirt_config
  } | sha256sum | cut -c1-12)
  echo "$cache_dir/$(root_prefix "$1")-$hash"
}

# This machine's own Debian mirror, from its apt sources.
mirror() {
  local codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get --print-uris update |
    sed -n "s|^'\(.*\)/dists/$codename/main/binary-.*|\1|p" | head -n 1
}

bootstrap() {
  local kind=$1 target=$2 uri=${CCPLACE_LAB_MIRROR:-$(mirror)}
  [[ -n $uri ]] || die "apt's sources name no mirror; set CCPLACE_LAB_MIRROR"
  # The mirror may be a frozen snapshot, whose Release files have run out. dpkg need not wait for the
  # disk after each file: what is not whole is made anew.
  setpriv --pdeathsig KILL \
    unshare --mount --pid --fork --kill-child --mount-proc \
    mmdebstrap --quiet --variant=minbase \
    --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt=force-unsafe-io \
    --include="$(packages "$kind" | paste -sd,)" "$suite" "$target" "$uri" >&2
}

# As user root, to whom /dev/kvm belongs; without
# namespaces and cgroups, which libvirtd cannot have in a private root.
write_libvirt_config() {
  cat >>"$1/etc/libvirt/qemu.conf" <<'CONF'
user = "root"
group = "root"
namespaces = []
cgroup_controllers = []
CONF
  rm -f "$1/etc/libvirt/qemu/networks/autostart/default.xml"
}

finish_lab_root() {
  write_libvirt_config "$1"
  mkdir -p "$1/etc/qemu" "$1/run/libvirt"
}

# shellcheck source=experimental.sh
[[ $suite != experimental ]] || . "$lab_dir/host/experimental.sh"

finish_build_root() { mkdir -p "$1/source" "$1/build" "$1/ccache"; }

# A running lab or build stands on its root, in a namespace of its own.
root_in_use() {
  grep -qsF "lowerdir=$1," /proc/[0-9]*/mountinfo
}

# Whether nobody asked for a root within the last hour: long enough for other
# checkouts to keep theirs, and for a start under way to stand on it.
root_unwanted() {
  [[ -z $(find "$1-used" -mmin -60 2>/dev/null) ]] && ! root_in_use "$1"
}

# prune_roots KIND ROOT: removes all others of that kind that nobody wants, with
# what belongs to them. By another name first: a killed removal leaves no root.
prune_roots() {
  local kind=$1 kept=$2 root
  rm -rf --one-file-system "$cache_dir/.pruned-$kind"
  for root in "$cache_dir/$(root_prefix "$kind")"-????????????; do
    if [[ ! -d $root || $root == "$kept" ]] || ! root_unwanted "$root"; then
      continue
    fi
    mv -T "$root" "$cache_dir/.pruned-$kind"
    rm -rf --one-file-system "$cache_dir/.pruned-$kind" "$root"-*
    say "removed ${root##*/}, which nobody used"
  done
}

# A mirror that fails for once is asked again.
bootstrap_in_tries() {
  local try
  for try in 1 2 3; do
    rm -rf --one-file-system "$2"
    bootstrap "$@" && return
    say "try $try to make the $1 root failed"
    sleep 10
  done
  die "cannot make the $1 root"
}

make_root_locked() {
  local kind=$1 root=$2
  [[ -d $root ]] && return
  bootstrap_in_tries "$kind" "$cache_dir/.making-$kind"
  "finish_${kind}_root" "$cache_dir/.making-$kind"
  sync --file-system "$cache_dir/.making-$kind"
  mv -T "$cache_dir/.making-$kind" "$root"
  touch "$root-used"
  prune_roots "$kind" "$root"
}

# make_root KIND: makes the root unless it is there; one maker at a time.
make_root() {
  local kind=$1 root
  root=$(root_path "$kind")
  if [[ -d $root ]]; then
    touch "$root-used"
    return
  fi
  mkdir -p "$cache_dir"
  exec 9>"$cache_dir/.lock-$kind"
  flock 9
  step "made the $kind root $root" make_root_locked "$kind" "$root"
  exec 9>&-
}

checkout() { readlink -f "$lab_dir/../.."; }

# Where this checkout is built in the build root. Not shared with others: ninja
# goes by the time of files, which says nothing across checkouts.
build_folder() {
  echo "$(root_path build)-builds/$(checkout | sha256sum | cut -c1-12)"
}

# Removes builds whose checkout is gone.
prune_builds() {
  local folder source
  for folder in "$(root_path build)"-builds/*/; do
    source=$(cat "${folder%/}.source" 2>/dev/null) || continue
    [[ -d $source ]] || rm -rf --one-file-system "${folder%/}" "${folder%/}".{source,lock}
  done
  mkdir -p "$(build_folder)"
  checkout >"$(build_folder).source"
}

roots_in_use() {
  grep -qs "lowerdir=$cache_dir/" /proc/[0-9]*/mountinfo
}

# remove_roots: every root and capability cache, of older versions as well.
remove_roots() {
  ! roots_in_use || die "a running lab uses a root; stop it first"
  rm -rf --one-file-system "$cache_dir"/{,*-}{lab,build}-root-* "$cache_dir"/fake-kvm-* \
    "$cache_dir"/.{making,pruned,lock}-{lab,build}
}
