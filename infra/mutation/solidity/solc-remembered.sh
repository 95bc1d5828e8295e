#!/bin/sh
# The contracts' compiler, which remembers what it answered: forge asks the same at every start, before its tests. Needs in
# the environment: SOLC, the compiler that is asked, and SOLC_ANSWERS, a folder for its answers.
set -eu
asked="$SOLC_ANSWERS/asked.$$"
if [ "${1:-}" = --version ]; then printf -- --version >"$asked"; else cat >"$asked"; fi
answer="$SOLC_ANSWERS/$(sha256sum <"$asked" | cut -d ' ' -f 1)"
if [ ! -e "$answer" ]; then
  "$SOLC" "$@" <"$asked" >"$answer.$$"
  mv "$answer.$$" "$answer"
fi
rm "$asked"
cat "$answer"
