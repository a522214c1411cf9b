#!/bin/sh
# typecheck.sh linux|x86_64-apple-iosN.0-simulator SOURCES OUT: inside the Swift root, type check the unchanged package
# (Sources/EdgeVitCore, Sources/EdgeVitKit) and its app (Bench, BenchTests) against the stub modules beside this script,
# in Swift 6 mode. The app needs iOS 16.
set -eu
platform=$1 sources=$2 out=$3
here=$(dirname "$0")
mkdir -p "$out/modules" "$out/app"
if [ "$platform" = linux ]; then
  frontend="swiftc -frontend"
  own=""
  bodies=""
else
  "$here/ios_stdlib.sh" "$platform" "$out/stdlib"
  # Optimized, since unoptimized code imports a support module that the stand-in library lacks.
  frontend="swiftc -frontend -O -target $platform -disable-objc-interop -resource-dir $out/stdlib/swift -sdk $out/stdlib/sdk"
  own="Dispatch Foundation"
  bodies="-experimental-skip-all-function-bodies"
fi
frontend="$frontend -swift-version 6 -parse-as-library -module-cache-path $out/cache -I $out/modules"
stubs() {  # folder for the modules, their names
  folder=$1
  shift
  for module; do
    stub=$here/stubs/$module.swift
    [ -e "$stub" ] || stub=$here/ios_stubs/$module.swift
    # Library evolution makes enumerations as open as Apple's are.
    [ "$folder/$module.swiftmodule" -nt "$stub" ] ||
      $frontend $bodies -I "$out/app" -enable-library-evolution -suppress-warnings -emit-module \
        -module-name "$module" -o "$folder/$module.swiftmodule" "$stub"
  done
}
# shellcheck disable=SC2086 # the names are words
stubs "$out/modules" $own AppleCore CoreGraphics ImageIO CoreVideo CoreML
# On Linux the package must not find what the app alone may use there.
if [ "$platform" = linux ]; then stubs "$out/app" UIKit os; else stubs "$out/modules" UIKit os; fi
frontend="$frontend -import-module AppleCore"
$frontend -emit-module -module-name EdgeVitCore -o "$out/modules/EdgeVitCore.swiftmodule" \
  "$sources"/Sources/EdgeVitCore/*.swift "$sources"/Sources/EdgeVitCore/*/*.swift
# SwiftPM writes this accessor into every target with resources.
printf 'import Foundation\nextension Bundle { static var module: Bundle { .main } }\n' > "$out/accessor.swift"
$frontend -emit-module -warnings-as-errors -module-name EdgeVitKit -o "$out/modules/EdgeVitKit.swiftmodule" \
  "$sources"/Sources/EdgeVitKit/*.swift "$sources"/Sources/EdgeVitKit/*/*.swift "$out/accessor.swift"
case $platform in *-ios15.*) exit 0 ;; esac
stubs "$out/app" SwiftUI Charts PhotosUI AVFoundation XCTest
frontend="$frontend -I $out/app -warnings-as-errors"
$frontend -emit-module -enable-testing -module-name EdgeVitBench -o "$out/app/EdgeVitBench.swiftmodule" \
  "$sources"/Bench/*.swift
$frontend -typecheck -module-name EdgeVitBenchTests "$sources"/BenchTests/*.swift
