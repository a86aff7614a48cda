#!/bin/sh
# A dump of the PostgreSQL database every night at two (UTC), as stillhere-2026-03-02.dump; its own dumps, and nothing
# else, are deleted after BACKUP_KEEP_DAYS. Where to look is said by libpq's own variables (PGHOST, PGUSER, …).
# `backup.sh now` makes one and ends.
set -eu
umask 077
: "${BACKUP_DIR:?says where the backups go}"
: "${BACKUP_KEEP_DAYS:=7}"

say() { echo "backup: $*" >&2; }

# It gets its name only when it is whole: what pg_restore can list to the end.
back_up() {
  target="$BACKUP_DIR/stillhere-$(date -u +%F).dump"
  partial="$BACKUP_DIR/.stillhere.partial"
  if pg_dump --format=custom --no-owner --file="$partial" && pg_restore --list "$partial" >/dev/null; then
    mv -f "$partial" "$target"
    say "made $target"
    find "$BACKUP_DIR" -maxdepth 1 -type f -name 'stillhere-????-??-??.dump' -mtime "+$((BACKUP_KEEP_DAYS - 1))" -delete
  else
    rm -f "$partial"
    say "failed; older ones stay"
    return 1
  fi
}

if [ "${1:-}" = now ]; then
  back_up
  exit
fi

trap 'exit 0' TERM INT
while :; do
  if [ -e "$BACKUP_DIR/stillhere-$(date -u +%F).dump" ] || [ "$(date -u +%H)" -lt 2 ]; then
    pause=600
  elif back_up; then
    pause=600
  else
    pause=3600
  fi
  sleep "$pause" &
  wait $!
done
