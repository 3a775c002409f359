#!/bin/sh
# One nightly run. What it says, if it says anything, is mailed; the status is that of niteru index.
#   nightly.sh PHOTOS [options of niteru index]
# MAIL is the command that takes the letter on its standard input; by default it goes to root.
said=$(niteru index "$@" --quiet 2>&1)
status=$?
[ -z "$said" ] || printf '%s\n' "$said" | ${MAIL:-mail -s "niteru on $(uname -n)" root} || exit 1
exit "$status"
