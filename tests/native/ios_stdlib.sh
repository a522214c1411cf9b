#!/bin/sh
# ios_stdlib.sh TARGET OUT: inside the Swift root, build a standard library that type checks against an iOS triple.
#
# The toolchain ships its Linux interfaces only. Without bodies they compile for an iOS simulator as well, and they
# state when each symbol came to iOS, which is what the check needs; nothing built so can be linked or run. The
# simulator's x86-64 triple, because the interface names Float80.
set -eu
target=$1 out=$2
toolchain=/usr/libexec/swift/lib/swift
[ -e "$out/done-$target" ] && exit 0
rm -rf "$out" && mkdir -p "$out/swift/iphonesimulator" "$out/sdk"
cp -r "$toolchain/shims" "$toolchain/clang" "$out/swift/"
flags="-experimental-skip-all-function-bodies -disable-availability-checking"
for module in Swift _Concurrency _StringProcessing; do
  source=$toolchain/linux/$module.swiftmodule/x86_64-pc-linux-gnu.swiftinterface
  mkdir -p "$out/swift/iphonesimulator/$module.swiftmodule"
  # @backDeployed goes, as the thunks it asks for need bodies.
  sed -E "s/-target x86_64-pc-linux-gnu/-target $target $flags/; s/@backDeployed\(before:[^)]*\) *//; /^import (Glibc|SwiftGlibc)\$/d" \
    "$source" > "$out/$module.swiftinterface"
  parse=$(grep -m1 swift-module-flags: "$source" | grep -o -- -parse-stdlib || true)
  # shellcheck disable=SC2086 # the flags are words
  swiftc -frontend -compile-module-from-interface -target "$target" -disable-objc-interop -resource-dir "$out/swift" \
    -sdk "$out/sdk" $parse $flags -module-name "$module" \
    -o "$out/swift/iphonesimulator/$module.swiftmodule/x86_64-apple-ios-simulator.swiftmodule" \
    "$out/$module.swiftinterface"
done
touch "$out/done-$target"
