# shellcheck shell=bash
# Bazel, compilers and our dependencies' sources from Debian's archive. Sourced by tools/bazel, after common.sh.

# For tools/bazel: the program, and the options that put Debian's sources in the place of WORKSPACE's archives.
export DEBIAN_BAZEL=/usr/bin/bazel-4
export DEBIAN_BAZELRC=""
bazel_data=/usr/share/bazel
setup="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
third_party="$setup/../../third_party"

# Debian's build of Bazel 4.2.3 says that it has no version.
is_debian_bazel() { [[ "$(WEFT_HOOK_PID=$$ "$1" --version 2>/dev/null)" == "bazel no_version" ]]; }

debian_bazel_installed() {
  [[ -x "$DEBIAN_BAZEL" && -d "$bazel_data/tools/platforms" && -d "$bazel_data/tools/skylib" && -d "$bazel_data/rules/java" &&
    -d "$bazel_data/rules/proto" ]]
}

install_debian_bazel() {
  debian_bazel_installed && return
  install_packages "there is no Bazel that can build here" \
    bazel-bootstrap bazel-platforms bazel-rules-java bazel-rules-proto bazel-skylib
  debian_bazel_installed || die "Debian's Bazel is installed, but not where it was expected: Debian 12's is $DEBIAN_BAZEL."
}

ensure_debian_bazel() { debian_bazel_installed || with_lock install_debian_bazel; }

# ensure_compilers BAZEL_ARGUMENT...: the compiler that this command will ask for.
ensure_compilers() {
  if [[ " $* " == *" --config=clang "* ]]; then
    if ! { has clang-19 && has ld.lld-19 && compgen -G '/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.tsan*'; } >/dev/null; then
      with_lock install_packages "--config=clang needs clang-19, lld-19 and their run-time library" \
        clang-19 lld-19 libclang-rt-19-dev
    fi
  elif [[ -z "${CC:-}" ]] && ! has g++ && ! has clang; then
    with_lock install_packages "there is no C++ compiler" g++
  fi
}

# Prints apt's source entries for the Debian archive as this machine has them, turned into entries for source packages.
# Entries of other archives are left out: those signed by another key, or without the component main.
print_deb822_source_entries() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -r "$file" ]] || continue
    awk -v RS= -v ORS='\n\n' '
      /(^|\n)Types:[^\n]*deb/ && /(^|\n)Components:[^\n]*main/ && !/(^|\n)Enabled: *no/ &&
      (!/(^|\n)Signed-By:/ || /(^|\n)Signed-By:[^\n]*debian-archive/) { gsub(/(^|\n)Types:[^\n]*/, "\nTypes: deb-src"); print }
    ' "$file"
  done
}
print_one_line_source_entries() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
    sed -nE '/^deb .*[[:space:]]main([[:space:]]|$)/ { /cdrom:/d; /signed-by=/ { /debian-archive/!d }; s/^deb /deb-src /p }'
}

# download_debian_sources FOLDER PACKAGE...: puts the packages' source archives into the folder. Needs no root, and neither
# reads nor writes apt's own state beyond its settings: entries, lists and cache are private, inside the folder.
download_debian_sources() {
  local folder="$1" apt
  shift
  has apt-get || die "the dependencies' archives cannot be downloaded, and there is no apt-get to take them from Debian." \
    "On a network that reaches them, set WEFT_OFFLINE=0."
  mkdir -p "$folder"/apt/{parts,lists/partial,cache/archives/partial}
  print_deb822_source_entries >"$folder/apt/parts/private.sources"
  print_one_line_source_entries >"$folder/apt/parts/private.list"
  apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$folder/apt/parts"
    -o "Dir::State::Lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache" -o APT::Sandbox::User=root)
  if ! { "${apt[@]}" update && cd "$folder" && "${apt[@]}" source --download-only "$@"; } </dev/null >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    die "Debian's source packages could not be fetched: $*. Is /etc/apt/sources.list that of a Debian 12 with its network?"
  fi
}

# fill_debian_sources FOLDER: makes the folder, whole or not at all.
fill_debian_sources() {
  local target="$1" tmp name package archive hash command
  [[ -d "$target" ]] && return
  tmp="$(mktemp -d "$WEFT_CACHE/filling.XXXXXX")"
  # shellcheck disable=SC2064  # The folder of now is meant.
  trap "rm -rf '$tmp'" EXIT
  say "fetching the sources of our dependencies from Debian (once, into $target)"
  mapfile -t packages < <(sed '/^#/d' "$third_party/debian_sources" | cut -d' ' -f2)
  (download_debian_sources "$tmp/download" "${packages[@]}")
  while read -r name package archive hash; do
    [[ -f "$tmp/download/$archive" ]] ||
      die "Debian's source package $package is not the release wanted here ($archive). Weft takes those of Debian 12."
    echo "$hash  $tmp/download/$archive" | sha256sum --check --quiet >&2 ||
      die "$archive is not the file that was expected (its SHA-256 is not the one in third_party/debian_sources)."
    mkdir "$tmp/$name"
    tar -xf "$tmp/download/$archive" -C "$tmp/$name" --strip-components=1
    echo "workspace(name = \"$name\")" >"$tmp/$name/WORKSPACE"
  done < <(sed '/^#/d' "$third_party/debian_sources")
  cp "$third_party/mimalloc.BUILD" "$tmp/mimalloc/BUILD"
  cp -r "$third_party"/stand_in/* "$tmp/"
  {
    echo "# Written by tools/setup/debian.sh: our dependencies from Debian's source packages, and Bazel's rules from its package."
    for command in build fetch query sync; do
      for name in "$third_party"/stand_in/* $(sed '/^#/d' "$third_party/debian_sources" | cut -d' ' -f1); do
        echo "$command --override_repository=$(basename "$name")=$target/$(basename "$name")"
      done
      echo "$command --override_repository=platforms=$bazel_data/tools/platforms"
      echo "$command --override_repository=bazel_skylib=$bazel_data/tools/skylib"
      echo "$command --override_repository=rules_java=$bazel_data/rules/java"
      echo "$command --override_repository=rules_proto=$bazel_data/rules/proto"
    done
  } >"$tmp/bazelrc"
  rm -rf "$tmp/download"
  mv -T "$tmp" "$target"
}

# Sets DEBIAN_BAZELRC. The cached folder's name says what it was made from, so a changed list makes a new one.
ensure_debian_sources() {
  local key target
  key="$(cd "$third_party" && cat debian_sources mimalloc.BUILD stand_in/*/WORKSPACE stand_in/*/BUILD stand_in/*/*/* \
    "$setup/debian.sh" | sha256sum | cut -c1-12)"
  target="$WEFT_CACHE/debian-$key"
  [[ -d "$target" ]] || with_lock fill_debian_sources "$target"
  DEBIAN_BAZELRC="$target/bazelrc"
}
