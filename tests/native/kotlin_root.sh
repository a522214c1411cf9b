#!/bin/bash
# Build, once, a folder that holds a Kotlin compiler and the libraries that the Android sources are compiled against,
# and print its path.
#
#   kotlin_root.sh          builds what is missing, prints the folder
#   kotlin_root.sh --path   prints where it is or would be, builds nothing
#
# EDGEVIT_KOTLIN_ROOT chooses the folder (110 MB); the default is below the user's cache. PYTHON is a Python with pip.
# Exit status 77 means that this machine cannot have one; the reason is on standard error. Nothing is installed: every
# file is downloaded by its pinned name and sha256, and unpacked.
set -euo pipefail

readonly kotlin=2.2.20-Beta2  # the compiler inside the wheel below; AGP 9 builds with Kotlin 2.2
readonly root=${EDGEVIT_KOTLIN_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/edgevit/kotlin-$kotlin}
readonly python=${PYTHON:-python3}
readonly suite=bullseye  # the last one with an Android API jar that tools of today read

# JetBrains' compiler and coroutines, in the one package index that every Python machine reaches; type stubs of API 36.
readonly wheels="
kotlin-jupyter-kernel==0.15.0.598 --hash=sha256:53465ec52b370c0c7674cddbafa98786a3a3808ea6fda2c588ba267a2c601b60
chaquopy-stubs-android==36.20260406 --hash=sha256:5e18511ccb7ae519d8c4643408cf16262fa5f20eb1d1a7e97cfe28de16e12008"

# Debian package, its sha256, the file wanted, its name in the root.
readonly debs="
libandroid-23-java 8af1b6df556971dda0a6da3536ea526a838e0c363afcdd454213d8bce94793e3 com.android.android-23.jar android.jar
junit4 ae80e0468d10624bf4ced7eb1f1764b52955e0a4eba0f68712b86003250cc4a3 junit4.jar junit.jar
libhamcrest-java 3509f81f2e05c9550599b4777c1157729e7f10c0dcf1a83e4f2ce62587d945d8 hamcrest-core.jar hamcrest.jar"

readonly what="Kotlin root"
. "$(dirname "$0")/debian.sh"

fetch_wheels() {
  mkdir "$scratch/wheels"
  "$python" -m pip --disable-pip-version-check download -q --no-deps --require-hashes -d "$scratch/wheels" \
    -r <(echo "$wheels") >&2 || cannot "pip cannot fetch the compiler's wheel"
  for wheel in "$scratch"/wheels/*.whl; do "$python" -m zipfile -e "$wheel" "$scratch/unpacked"; done
  mv "$scratch"/unpacked/run_kotlin_kernel/jars "$scratch/root/compiler"
  mv "$scratch"/unpacked/android-stubs "$scratch/root/android-stubs"
  cp "$scratch"/root/compiler/kotlin-stdlib-[0-9]*.jar "$scratch/root/kotlin-stdlib.jar"
  cp "$scratch"/root/compiler/annotations-*.jar "$scratch/root/annotations.jar"
  "$python" - "$scratch"/root/compiler/*-all.jar "$scratch/root/coroutines.jar" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as whole, zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as part:
    for name in whole.namelist():
        if name.startswith("kotlinx/coroutines/") or name == "META-INF/kotlinx-coroutines-core.kotlin_module":
            part.writestr(zipfile.ZipInfo(name), whole.read(name))
PYTHON
}

fetch_debs() {  # with a state of its own, so that the machine's apt stays as it is
  local uri state=$scratch/apt
  uri=$(mirror)
  [ -n "$uri" ] || cannot "apt names no Debian mirror"
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$scratch/debs/x" && : > "$state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$state/sources.list"
  local options=(-qq -o APT::Sandbox::User= -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status"
    -o Dir::Cache="$state/cache" -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null)
  apt-get "${options[@]}" update >&2 || cannot "the mirror does not serve $suite"
  local name digest file target
  echo "$debs" | while read -r name digest file target; do
    [ -n "$name" ] || continue
    (cd "$scratch/debs" && apt-get "${options[@]}" download "$name") >&2 || cannot "the mirror has no $name"
    echo "$digest  $(echo "$scratch/debs/${name}"_*.deb)" | sha256sum --check --quiet >&2
    dpkg -x "$scratch/debs/${name}"_*.deb "$scratch/debs/x"
    cp -L "$scratch/debs/x/usr/share/java/$file" "$scratch/root/$target"
  done
}

build() {
  scratch=$root.tmp-$$
  rm -rf "$scratch" && mkdir -p "$scratch/root"
  trap 'rm -rf "$scratch"' EXIT
  fetch_wheels
  fetch_debs
  mv -T "$scratch/root" "$root"  # the rename is the mark of a finished root
}

[ "${1:-}" = --path ] && { echo "$root"; exit; }
if [ ! -f "$root/junit.jar" ]; then
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || cannot "this is not a Debian machine"
  command -v javac >/dev/null || cannot "there is no JDK (javac)"
  "$python" -m pip --version >/dev/null 2>&1 || cannot "$python has no pip"
  mkdir -p "$(dirname "$root")"
  exec 9>"$root.lock" && flock 9
  [ -f "$root/junit.jar" ] || build
fi
echo "$root"
