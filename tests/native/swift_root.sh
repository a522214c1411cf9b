#!/bin/bash
# Build, once, a folder that holds a Debian system with a Swift toolchain, and print its path.
#
#   swift_root.sh          builds what is missing, prints the folder
#   swift_root.sh --path   prints where it is or would be, builds nothing
#
# EDGEVIT_SWIFT_ROOT chooses the folder (2.7 GB); the default is below the user's cache. Exit status 77 means that this
# machine cannot have one (not Linux with apt, or not root); the reason is on standard error.
set -euo pipefail

readonly suite=trixie  # its Swift is 6.0.3; the next suites' cannot link tests
readonly root=${EDGEVIT_SWIFT_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/edgevit/swift-$suite}
readonly packages="swiftlang libc6-dev libstdc++-14-dev git python3"

cannot() { echo "no Swift root: $1" >&2; exit 77; }

mirror() {  # the machine's own choice, in either of apt's two formats
  awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null
}

debootstrap_from_apt() {  # unpacked beside the root, so that the machine itself stays as it is
  local tool=$1
  (cd "$tool" && { apt-get -qq download debootstrap || { apt-get -qq update && apt-get -qq download debootstrap; }; } &&
    dpkg -x debootstrap_*.deb .) >&2 || cannot "apt has no debootstrap"
  export DEBOOTSTRAP_DIR=$tool/usr/share/debootstrap PATH=$tool/usr/sbin:$PATH
}

build() {
  local uri
  scratch=$root.tmp-$$
  uri=$(mirror)
  [ -n "$uri" ] || cannot "apt names no Debian mirror"
  rm -rf "$scratch" && mkdir -p "$scratch/tool"
  trap 'rm -rf "$scratch"' EXIT
  command -v debootstrap >/dev/null || debootstrap_from_apt "$scratch/tool"
  debootstrap --variant=minbase "$suite" "$scratch/root" "$uri" >&2
  # Without /proc the dynamic loader cannot find the toolchain's libraries; a private namespace leaves no mount behind.
  unshare --mount --propagation private sh -c "
    mount -t proc proc '$scratch/root/proc' && exec chroot '$scratch/root' sh -c '
      export DEBIAN_FRONTEND=noninteractive
      apt-get -qq update && apt-get -qq install --no-install-recommends $packages && apt-get clean'" >&2
  mkdir -p "$scratch/root/src" "$scratch/root/work"
  mv -T "$scratch/root" "$root"  # the rename is the mark of a finished root
}

[ "${1:-}" = --path ] && { echo "$root"; exit; }
if [ ! -x "$root/usr/bin/swiftc" ]; then
  command -v apt-get >/dev/null || cannot "this is not a Debian machine"
  [ "$(id -u)" = 0 ] || cannot "debootstrap needs root"
  mkdir -p "$(dirname "$root")"
  exec 9>"$root.lock" && flock 9
  [ -x "$root/usr/bin/swiftc" ] || build
fi
echo "$root"
