#!/bin/sh
# typecheck.sh linux|x86_64-apple-iosN.0-simulator SOURCES OUT [core|kit|app]: inside the Swift root, type check the
# unchanged package (Sources/EdgeVitCore, Sources/EdgeVitKit) and its app (Bench, BenchTests), which needs iOS 16,
# against the stub modules beside this script, in Swift 6 mode. The last word limits the check to one part; the others
# are what an earlier run left in OUT.
set -eu
platform=$1 sources=$2 out=$3 part=${4:-all}
here=$(dirname "$0")
mkdir -p "$out/modules" "$out/app" "$out/checked"
if [ "$platform" = linux ]; then
  frontend="swiftc -frontend"
  own=""
  bodies=""
else
  "$here/ios_stdlib.sh" "$platform" "$out/stdlib"
  # Optimized, since unoptimized code imports a support module that the stand-in library lacks.
  frontend="swiftc -frontend -O -target $platform -disable-objc-interop -resource-dir $out/stdlib/swift -sdk $out/stdlib/sdk"
  own="Darwin Dispatch Foundation"
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

check() {  # part, folder for the module, its name, flags and sources; data races are found by emitting, not by typing
  wanted=$1 folder=$2 module=$3
  shift 3
  case $part in
    all) ;;
    "$wanted") folder=$out/checked ;;
    *) return 0 ;;
  esac
  $frontend -import-module AppleCore -warnings-as-errors -emit-module -module-name "$module" \
    -o "$folder/$module.swiftmodule" "$@"
}

# shellcheck disable=SC2086 # the names are words
stubs "$out/modules" $own AppleCore CoreGraphics ImageIO CoreVideo CoreML
# On Linux the package must not find what the app alone may use there.
if [ "$platform" = linux ]; then stubs "$out/app" UIKit os; else stubs "$out/modules" UIKit os; fi
check core "$out/modules" EdgeVitCore "$sources"/Sources/EdgeVitCore/*.swift "$sources"/Sources/EdgeVitCore/*/*.swift
# SwiftPM writes this accessor into every target with resources.
printf 'import Foundation\nextension Bundle { static var module: Bundle { .main } }\n' > "$out/accessor.swift"
check kit "$out/modules" EdgeVitKit \
  "$sources"/Sources/EdgeVitKit/*.swift "$sources"/Sources/EdgeVitKit/*/*.swift "$out/accessor.swift"
case $platform in *-ios15.*) exit 0 ;; esac
stubs "$out/app" SwiftUI Charts PhotosUI AVFoundation XCTest
check app "$out/app" EdgeVitBench -I "$out/app" -enable-testing "$sources"/Bench/*.swift
check app "$out/checked" EdgeVitBenchTests -I "$out/app" "$sources"/BenchTests/*.swift
