# What the scripts that build Debian roots share; sourced by bash, after `what` says what cannot be built.

cannot() { echo "no $what: $1" >&2; exit 77; }

mirror() {  # the machine's own choice, in either of apt's two formats
  awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null
}

debootstrap_from_apt() {  # unpacked into a folder, so that the machine itself stays as it is
  local folder=$1
  mkdir -p "$folder"
  (cd "$folder" && { apt-get -qq download debootstrap || { apt-get -qq update && apt-get -qq download debootstrap; }; } &&
    dpkg -x debootstrap_*.deb .) >&2 || cannot "apt has no debootstrap"
  export DEBOOTSTRAP_DIR=$folder/usr/share/debootstrap PATH=$folder/usr/sbin:$PATH
}

debian_root() {  # folder, suite, packages: a finished Debian system, or nothing at that path
  local folder=$1 release=$2 wanted=$3 uri
  uri=$(mirror)
  [ -n "$uri" ] || cannot "apt names no Debian mirror"
  scratch=$folder.tmp-$$
  rm -rf "$scratch" && mkdir -p "$scratch"
  trap 'rm -rf "$scratch"' EXIT
  command -v debootstrap >/dev/null || debootstrap_from_apt "$scratch/tool"
  debootstrap --variant=minbase "$release" "$scratch/root" "$uri" >&2
  # A private namespace leaves no mount behind, whatever happens.
  unshare --mount --propagation private sh -c "
    mount -t proc proc '$scratch/root/proc' && exec chroot '$scratch/root' sh -c '
      export DEBIAN_FRONTEND=noninteractive
      apt-get -qq update && apt-get -qq install --no-install-recommends $wanted && apt-get clean'" >&2
  mkdir -p "$scratch/root/src" "$scratch/root/work"
  mv -T "$scratch/root" "$folder"  # the rename is the mark of a finished root
}

print_debian_root() {  # folder, suite, packages, a program of theirs: prints the folder, made where it is missing
  local folder=$1 program=$4
  if [ ! -x "$folder/$program" ]; then
    command -v apt-get >/dev/null || cannot "this is not a Debian machine"
    [ "$(id -u)" = 0 ] || cannot "debootstrap needs root"
    mkdir -p "$(dirname "$folder")"
    exec 9>"$folder.lock" && flock 9
    [ -x "$folder/$program" ] || debian_root "$folder" "$2" "$3"
  fi
  echo "$folder"
}
