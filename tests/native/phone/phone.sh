#!/bin/bash
# Run a command with a phone: Debian's real adbd and adb in a network namespace of their own, with stand-ins for the
# programs of Android that the host calls. Nothing is left on the machine.
#
#   phone.sh ROOT SCENE COMMAND...
#
# ROOT is what apk_tools.sh built. SCENE is a folder below /tmp: report.json and log.txt are what the app will write,
# installed.apk appears there. COMMAND gets EDGEVIT_ADB; it and the root see the same /tmp.
set -euo pipefail

[ "$1" = --inside ] || exec unshare --net --mount --propagation private "$0" --inside "$@"
root=$2 scene=$3
shift 3

mount -t proc proc "$root/proc"
mount --bind /tmp "$root/tmp"
for place in data system storage; do mkdir -p "$root/$place" && mount -t tmpfs tmpfs "$root/$place"; done
mkdir -p "$root/system/bin" "$root/data/local/tmp" "$root/storage/emulated/0/Android/data"
cp "$(dirname "$0")"/bin/* "$root/system/bin/"
ln -s /bin/sh "$root/system/bin/sh"
inside() {
  chroot "$root" env -i HOME=/data SCENE="$scene" ADBD_PORT=6555 ANDROID_ADB_SERVER_PORT=15037 \
    PATH=/system/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}
inside ip link set lo up
inside /usr/lib/android-sdk/platform-tools/adbd > "$scene/adbd.log" 2>&1 &
daemon=$!
trap 'inside adb kill-server; kill $daemon' EXIT

printf '#!/bin/sh\nexec chroot %s env -i HOME=/data ANDROID_ADB_SERVER_PORT=15037 PATH=/usr/bin:/bin adb "$@"\n' "$root" \
  > "$scene/adb"
chmod +x "$scene/adb"
for _ in $(seq 100); do
  "$scene/adb" connect 127.0.0.1:6555 2>/dev/null | grep -q '^connected' && break
  sleep 0.1
done
EDGEVIT_ADB=$scene/adb "$@"
