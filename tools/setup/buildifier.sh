# shellcheck shell=bash
# buildifier 8.2.1 from its npm package, kept in the cache. Sourced after common.sh.

fetch_buildifier() {
  local target="$1" arch hash tmp
  case "$(uname -m)" in
    x86_64) arch=amd64 hash=6ceb7b0ab7cf66fceccc56a027d21d9cc557a7f34af37d2101edb56b92fcfa1a ;;
    aarch64) arch=arm64 hash=3baa1cf7eb41d51f462fdd1fff3a6a4d81d757275d05b2dd5f48671284e9a1a5 ;;
    *) die "there is no buildifier for $(uname -m) here. Put one on PATH." ;;
  esac
  [[ ! -x "$target" ]] || return 0
  has npm || install_packages "npm, which fetches buildifier, is missing" npm
  tmp="$(mktemp -d "$WEFT_CACHE/filling.XXXXXX")"
  # shellcheck disable=SC2064  # The folder of now is meant.
  trap "rm -rf '$tmp'" EXIT
  say "fetching buildifier (once, into $target)"
  (cd "$tmp" && npm pack --silent @bazel/buildifier@8.2.1 </dev/null >/dev/null && tar -xzf ./*.tgz) ||
    die "npm could not fetch buildifier. Put one on PATH, version 8 or later."
  echo "$hash  $tmp/package/buildifier-linux_$arch" | sha256sum --check --quiet >&2 ||
    die "the buildifier that npm fetched is not the file that was expected."
  chmod +x "$tmp/package/buildifier-linux_$arch"
  mv "$tmp/package/buildifier-linux_$arch" "$target"
}

# Sets BUILDIFIER to a program.
ensure_buildifier() {
  export BUILDIFIER
  if has buildifier; then
    BUILDIFIER=buildifier
  else
    BUILDIFIER="$WEFT_CACHE/buildifier-8.2.1"
    [[ -x "$BUILDIFIER" ]] || with_lock fetch_buildifier "$BUILDIFIER"
  fi
}
