# shellcheck shell=bash
# What the set-up scripts share: messages, the cache, and installing Debian packages. Sourced, not run.

say() { echo "weft: $*" >&2; }
die() {
  say "error: $*"
  exit 1
}
has() { command -v "$1" >/dev/null; }

# HOME may be unset in a container or a service; Bazel and the cache need one.
if [[ -z "${HOME:-}" ]]; then
  HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"
  export HOME="${HOME:-/tmp}"
fi
export WEFT_CACHE="${WEFT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weft}"
if ! { mkdir -p "$WEFT_CACHE" && [[ -w "$WEFT_CACHE" ]]; } 2>/dev/null; then
  die "cannot write to $WEFT_CACHE. Set WEFT_CACHE to a folder that can be written."
fi
WEFT_CACHE="$(readlink -f "$WEFT_CACHE")"

# with_lock COMMAND...: one process at a time does the command, in a subshell. What the command starts does not hold the lock.
with_lock() {
  (
    flock -n 9 || { say "waiting for another set-up to end"; flock 9; }
    "$@" 9>&-
  ) 9>"$WEFT_CACHE/lock"
}

# install_packages WHY PACKAGE...: installs Debian packages, or dies saying what to type instead.
install_packages() {
  local why="$1" root=() log="$WEFT_CACHE/apt.log"
  shift
  has apt-get || die "$why, and there is no apt-get here to install it. Install it by hand; it is Debian's: $*"
  if [[ "$(id -u)" != 0 ]]; then
    { has sudo && sudo -n true 2>/dev/null; } ||
      die "$why. Installing it takes root, and sudo asks for a password or is missing. As root, run: apt-get install $*"
    root=(sudo -n)
  fi
  say "$why; installing from Debian, which takes a few minutes, once: $*"
  if ! {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update &&
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --no-remove \
        -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold "$@"
  } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "apt-get could not install them (all it said is in $log). Mend that, or install by hand: $*"
  fi
}
