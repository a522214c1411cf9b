#!/bin/sh
# typecheck.sh linux|x86_64-apple-iosN.0-simulator SOURCES OUT: inside the Swift root, type check the unchanged package
# sources (Sources/EdgeVitCore, Sources/EdgeVitKit) against the stub modules beside this script, in Swift 6 mode.
set -eu
platform=$1 sources=$2 out=$3
here=$(dirname "$0")
mkdir -p "$out/modules"
if [ "$platform" = linux ]; then
  frontend="swiftc -frontend"
  modules="AppleCore CoreGraphics ImageIO CoreVideo CoreML"
  bodies=""
else
  "$here/ios_stdlib.sh" "$platform" "$out/stdlib"
  # Optimized, since unoptimized code imports a support module that the stand-in library lacks.
  frontend="swiftc -frontend -O -target $platform -disable-objc-interop -resource-dir $out/stdlib/swift -sdk $out/stdlib/sdk"
  modules="Dispatch Foundation os UIKit AppleCore CoreGraphics ImageIO CoreVideo CoreML"
  bodies="-experimental-skip-all-function-bodies"
fi
frontend="$frontend -swift-version 6 -parse-as-library -module-cache-path $out/cache -I $out/modules"
for module in $modules; do
  stub=$here/stubs/$module.swift
  [ -e "$stub" ] || stub=$here/ios_stubs/$module.swift
  # Library evolution makes enumerations as open as Apple's are.
  [ "$out/modules/$module.swiftmodule" -nt "$stub" ] ||
    $frontend $bodies -enable-library-evolution -suppress-warnings -emit-module -module-name "$module" \
      -o "$out/modules/$module.swiftmodule" "$stub"
done
frontend="$frontend -import-module AppleCore"
$frontend -emit-module -module-name EdgeVitCore -o "$out/modules/EdgeVitCore.swiftmodule" \
  "$sources"/Sources/EdgeVitCore/*.swift "$sources"/Sources/EdgeVitCore/*/*.swift
# SwiftPM writes this accessor into every target with resources.
printf 'import Foundation\nextension Bundle { static var module: Bundle { .main } }\n' > "$out/accessor.swift"
$frontend -typecheck -warnings-as-errors -module-name EdgeVitKit \
  "$sources"/Sources/EdgeVitKit/*.swift "$sources"/Sources/EdgeVitKit/*/*.swift "$out/accessor.swift"
