#!/bin/sh
# SPDX-License-Identifier: ISC
#
# vendor.sh DIRECTORY: what `make page` runs.  Fetches the packages of package-lock.json from
# npm's registry into DIRECTORY, checked against the hashes there, and lays their ready-made
# files into vendor/, as they are but for the line that names a source map.  The same lock file
# makes the same bytes.  Nothing of a package is run.
set -eu
from=$1
cd "$(dirname "$0")"
mkdir -p "$from" vendor
cp package.json package-lock.json "$from"
npm ci --prefix "$from" --ignore-scripts --no-audit --no-fund --loglevel=error

rm -f vendor/*
for file in "$from"/node_modules/@xterm/*/lib/*.mjs "$from"/node_modules/@xterm/*/css/*.css; do
	grep -v '^//# sourceMappingURL=' "$file" >"vendor/$(basename "$file")"
done
for package in "$from"/node_modules/@xterm/*; do
	echo "== $(basename "$package") =="
	cat "$package/LICENSE"
	echo
done >vendor/LICENSES
(cd vendor && sha256sum ./*.mjs ./*.css) >vendor/SHA256SUMS
