#!/bin/sh
# compare_code.sh SEAM TWIN CONTROL OPERATION...: the comparison of weft_codegen_test (codegen.bzl). Fails unless the first two
# assembly files have the same functions with the same instructions, and each OPERATION has others in the third.

# The instructions of an assembly file, each behind the name of its function. Directives and comments go, and local labels are
# numbered anew in each function: their numbers count what the compiler has met, not what it has written.
instructions() {
  awk '
    { sub(/(^|[ \t])#( .*|[A-Z_]+)?$/, ""); sub(/[ \t]*\/\/.*/, ""); sub(/[ \t]+$/, "") }
    /^$/ || /^[ \t]+\./ || /^\.L(F|HOT|COLD|func_|tmp)/ { next }
    /^[^. \t].*:$/ { name = substr($0, 1, length($0) - 1); split("", number); count = 0; next }
    {
      line = ""
      while (match($0, /\.L[A-Za-z_]*[0-9][0-9_]*/)) {
        label = substr($0, RSTART, RLENGTH)
        if (!(label in number)) number[label] = ++count
        line = line substr($0, 1, RSTART - 1) "L" number[label]
        $0 = substr($0, RSTART + RLENGTH)
      }
      print name ":" line $0
    }' "$1"
}

# The instructions of one function, and of those that it calls: an operation may be out of line.
of() {
  awk -v operation="$2" -F: '
    { lines[$1] = lines[$1] $0 "\n" }
    END {
      code = lines[operation]
      for (name in lines) if (name != operation && index(lines[operation], name) > 0) code = code lines[name]
      printf "%s", code
    }' "$1"
}

scratch="${TEST_TMPDIR:-$(mktemp -d)}"
instructions "$1" >"$scratch/seam"
instructions "$2" >"$scratch/twin"
instructions "$3" >"$scratch/control"
shift 3

status=0
if ! diff "$scratch/seam" "$scratch/twin"; then
  echo 'FAILED: with the seam (<) the code is another than without it (>)'
  status=1
fi
for operation; do
  of "$scratch/seam" "$operation" >"$scratch/one"
  of "$scratch/control" "$operation" >"$scratch/other"
  if [ ! -s "$scratch/one" ]; then
    echo "FAILED: there is no code of $operation"
    status=1
  elif cmp -s "$scratch/one" "$scratch/other"; then
    echo "FAILED: $operation is the same with atomics that count, so nothing was compared"
    status=1
  else
    echo "$operation: $(grep -vc ':L[0-9]*:$' "$scratch/one") instructions, $(grep -vc ':L[0-9]*:$' "$scratch/other") in the control"
  fi
done
exit "$status"
