#!/bin/sh
# Makes the folder that the image runs: sh deploy/image/build.sh SOURCE TARGET
#
# SOURCE is a checkout, TARGET a folder that does not exist yet. Needs Node 24 and npm, and writes nowhere but into
# TARGET and npm's cache. The Dockerfile runs this and nothing else with the source.
set -eu

if [ "$#" -ne 2 ]; then
  echo "Usage: sh $0 SOURCE TARGET" >&2
  exit 2
fi
source=$(cd "$1" && pwd)
if [ -e "$2" ]; then
  echo "$2 exists already." >&2
  exit 1
fi
mkdir -p "$2"
target=$(cd "$2" && pwd)

# What the server needs of the source. The benchmarks and the conformance suites stay out, and npm with them.
mkdir "$target/bin" "$target/packages"
cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$source/LICENSE" "$source/NOTICE" "$target/"
cp "$source"/bin/*.js "$target/bin/"
cp "$source/deploy/image/healthy.js" "$target/"
for package in "$source"/packages/*/; do
  name=$(basename "$package")
  mkdir "$target/packages/$name"
  for part in package.json src data; do
    if [ -e "$package$part" ]; then cp -R "$package$part" "$target/packages/$name/"; fi
  done
done
find "$target/packages" -type d -name fixtures -prune -exec rm -rf {} +
find "$target/packages" -type f \( -name '*.test.ts' -o -name '*.fixture.ts' \) -exec rm -f {} +

# Exactly what the lockfile says, by its hashes. No install script runs. The optional packages are other Nodes and the
# runtime of local embedding models (288 MB): an image with that one adds `npm install --no-save onnxruntime-node` here.
cd "$target"
npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error

# The database driver brings its source and an addon for every platform; this one is enough.
driver=node_modules/better-sqlite3-multiple-ciphers
rm -rf "$driver/deps" "$driver/src"
arch=$(node -p process.arch)
find "$driver/prebuilds" -type f ! -name "linux-$arch.node" ! -name "linuxmusl-$arch.node" -exec rm -f {} +

# Everyone may read it, nobody but its owner may change it.
chmod -R u+rwX,go+rX,go-w "$target"

# It starts, and says which version it is: nothing that it needs for that was left out.
HOME=/nonexistent XDG_CACHE_HOME="$target/.built" node bin/cairn.js --version
rm -rf "$target/.built"
