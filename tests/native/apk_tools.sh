#!/bin/bash
# Build, once, a folder that holds a Debian system with Android's own checkers (aapt2, apksigner, zipalign, dexdump) and
# the real adb and adbd, and print its path.
#
#   apk_tools.sh          builds what is missing, prints the folder
#   apk_tools.sh --path   prints where it is or would be, builds nothing
#
# EDGEVIT_APK_ROOT chooses the folder (700 MB); the default is below the user's cache. Exit status 77 means that this
# machine cannot have one (not Linux with apt, or not root); the reason is on standard error.
set -euo pipefail

what="APK root"
source "$(dirname "$0")/debian.sh"

readonly suite=trixie  # the first with adbd, and with a zipalign that knows 16 KB pages
readonly root=${EDGEVIT_APK_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/edgevit/apk-$suite}
readonly packages="aapt zipalign apksigner dexdump android-framework-res openjdk-21-jre-headless adb adbd iproute2"

[ "${1:-}" = --path ] && { echo "$root"; exit; }
print_debian_root "$root" "$suite" "$packages" usr/bin/apksigner
