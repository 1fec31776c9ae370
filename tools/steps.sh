# SPDX-License-Identifier: Apache-2.0
# Sourced by ./run, ./test and tools/*: one line per step, with its seconds.

# step NAME COMMAND...: runs quietly; on failure shows the end of the output.
step() {
  local name=$1 log began=$SECONDS
  shift
  log=$(mktemp)
  printf '==> %s … ' "$name"
  if "$@" >"$log" 2>&1; then
    printf '%s s\n' "$((SECONDS - began))"
    rm -f "$log"
  else
    local status=$?
    printf 'failed after %s s\n' "$((SECONDS - began))"
    tail -n 60 "$log" >&2
    rm -f "$log"
    return "$status"
  fi
}

# show NAME COMMAND...: the same with the command's own output in between.
show() {
  local name=$1 began=$SECONDS status=0
  shift
  printf '==> %s …\n' "$name"
  "$@" || status=$?
  printf '==> %s … %s s\n' "$name" "$((SECONDS - began))"
  return "$status"
}

# build PRESET TARGET...: configures and builds; no target means everything.
build() {
  local preset=$1
  shift
  step "configure ($preset)" cmake --preset "$preset"
  step "build ($preset)" cmake --build "build/$preset" -j "$(nproc)" ${1:+--target "$@"}
}
