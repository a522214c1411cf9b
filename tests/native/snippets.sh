#!/bin/sh
# snippets.sh SOURCES OUT FILE: inside the Swift root, type check FILE, Swift that uses the package as an app does.
set -eu
sources=$1 out=$2 file=$3
"$(dirname "$0")/typecheck.sh" linux "$sources" "$out"
swiftc -frontend -swift-version 6 -parse-as-library -module-cache-path "$out/cache" -I "$out/modules" -typecheck \
  -module-name Snippets "$file"
