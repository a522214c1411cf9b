#!/bin/bash
# Build, once, a folder that holds a Debian system with a Swift toolchain, and print its path.
#
#   swift_root.sh          builds what is missing, prints the folder
#   swift_root.sh --path   prints where it is or would be, builds nothing
#
# EDGEVIT_SWIFT_ROOT chooses the folder (2.7 GB); the default is below the user's cache. Exit status 77 means that this
# machine cannot have one (not Linux with apt, or not root); the reason is on standard error.
set -euo pipefail

what="Swift root"
source "$(dirname "$0")/debian.sh"

readonly suite=trixie  # its Swift is 6.0.3; the next suites' cannot link tests
readonly root=${EDGEVIT_SWIFT_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/edgevit/swift-$suite}
readonly packages="swiftlang libc6-dev libstdc++-14-dev git python3"

[ "${1:-}" = --path ] && { echo "$root"; exit; }
print_debian_root "$root" "$suite" "$packages" usr/bin/swiftc
