#!/bin/sh
# harness.sh SOURCES OUT: inside the Swift root, run the package's Core ML shell, unchanged, against a scripted Core ML.
set -eu
sources=$1 out=$2
here=$(dirname "$0")
mkdir -p "$out/package/Sources"
for stub in "$here"/../stubs/*.swift; do
  name=$(basename "$stub" .swift)
  mkdir -p "$out/package/Sources/$name"
  cp -p "$stub" "$out/package/Sources/$name/"
done
mkdir -p "$out/package/Sources/Bench"
cp -p "$sources/Bench/Autorun.swift" "$sources/Bench/Figures.swift" "$sources/Bench/ReportFile.swift" \
  "$out/package/Sources/Bench/"
rm -rf "$out/package/Sources/EdgeVitCore" "$out/package/Sources/EdgeVitKit" "$out/package/Tests" \
  "$out/package/KitTests"
cp -pr "$sources/Sources/EdgeVitCore" "$sources/Sources/EdgeVitKit" "$out/package/Sources/"
cp -pr "$here/Tests" "$out/package/"
cp -pr "$sources/Tests/EdgeVitCoreTests/Vectors" "$out/package/Tests/"
cp -p "$sources/Tests/EdgeVitCoreTests/Vectors.swift" "$out/package/Tests/"
cp -pr "$sources/Tests/EdgeVitKitTests" "$out/package/KitTests"
cp -p "$here/Package.swift" "$out/package/"
swift test --package-path "$out/package" --scratch-path "$out/build" --filter HarnessTests
