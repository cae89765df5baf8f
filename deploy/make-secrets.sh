#!/bin/sh
# Makes the secrets of deploy/compose.yaml, once: sh deploy/make-secrets.sh [FOLDER]
#
# Compose hands a secret's file to a container as it lies here, and the accounts in the containers are not yours. So the
# files can be read by all, and the folder that they lie in can be entered by you alone.
set -eu

folder=${1:-$(dirname "$0")/secrets}
if [ -e "$folder" ]; then
  echo "$folder exists already: a database may know its passwords. Nothing was changed." >&2
  exit 1
fi
umask 077
mkdir -p "$folder"

# 256 random bits as hexadecimal digits, which mean nothing special in an address.
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

for account in postgres server migrator; do
  random > "$folder/$account-password"
done
address() { printf 'postgres://%s:%s@/cairn?host=/run/postgresql' "$1" "$(cat "$folder/$2-password")"; }
address cairn_server server > "$folder/database-url"
address cairn_migrator migrator > "$folder/migration-database-url"
# What keys and sessions are protected with (CAIRN_SECRET); the newest on the first line.
random > "$folder/server-secret"
chmod 0444 "$folder"/*
echo "Made $folder. Keep a copy of it where you keep your backups' keys."
