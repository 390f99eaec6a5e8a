"""A test that the seam of base/ costs nothing: same machine code as without it."""

load("@rules_cc//cc:defs.bzl", "CcInfo")

# As in `-c opt`. The flags are ours alone, so that a sanitizer or a debug build compares what ships, too.
_FLAGS = "-x c++ -std=c++20 -O2 -DNDEBUG -S -I."

_COMPILE = """
src=$1 header=$2 rule=$3 out=$4; shift 4
sed -f "$rule" "$header" > "$out.twin.h"
sed 's/std::atomic</Counted</g' "$out.twin.h" > "$out.control.h"
compile() {{ kind=$1 of=$2; shift 2; "$@" {flags} "-DWEFT_CODEGEN_HEADER=\\"$of\\"" "$src" -o "$out.$kind.s"; }}
compile seam "$header" "$@" &&
compile twin "$out.twin.h" "$@" &&
compile control "$out.control.h" "$@" -DWEFT_CODEGEN_CONTROL
""".format(flags = _FLAGS)

def _codegen_test_impl(ctx):
    headers = [dep[CcInfo].compilation_context for dep in ctx.attr.deps]
    kinds = ["seam", "twin", "control"]
    code = [ctx.actions.declare_file("%s.%s.s" % (ctx.label.name, kind)) for kind in kinds]
    changed = [ctx.actions.declare_file("%s.%s.h" % (ctx.label.name, kind)) for kind in kinds[1:]]
    args = ctx.actions.args()
    args.add(ctx.file.src)
    args.add(ctx.file.header)
    args.add(ctx.file.twin)
    args.add(code[0].path[:-len(".seam.s")])
    args.add(ctx.attr._cc[platform_common.TemplateVariableInfo].variables["CC"])
    for header in headers:
        args.add_all(header.defines, format_each = "-D%s")
        args.add_all(header.quote_includes, before_each = "-iquote")
        args.add_all(header.includes, before_each = "-I")
        args.add_all(header.system_includes, before_each = "-isystem")
    ctx.actions.run_shell(
        arguments = [args],
        command = _COMPILE,
        inputs = depset(
            [ctx.file.src, ctx.file.header, ctx.file.twin],
            transitive = [header.headers for header in headers],
        ),
        mnemonic = "WeftCodegen",
        outputs = code + changed,
        tools = ctx.attr._cc[DefaultInfo].files,
    )
    script = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        script,
        "#!/bin/sh\nexec sh " + " ".join(
            [ctx.file._compare.short_path] + [file.short_path for file in code] + ctx.attr.operations,
        ) + "\n",
        is_executable = True,
    )
    return [DefaultInfo(
        executable = script,
        runfiles = ctx.runfiles([ctx.file._compare] + code),
    )]

_codegen_test = rule(
    implementation = _codegen_test_impl,
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "header": attr.label(allow_single_file = True, mandatory = True),
        "operations": attr.string_list(mandatory = True),
        "src": attr.label(allow_single_file = True, mandatory = True),
        "twin": attr.label(allow_single_file = True, mandatory = True),
        "_cc": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_compare": attr.label(allow_single_file = True, default = "//tools:compare_code.sh"),
    },
    doc = "See weft_codegen_test.",
    test = True,
)

def weft_codegen_test(name, src, header, twin, operations, deps = [], size = "small", tags = []):
    """Shows that a header compiles to the same instructions with the seam and with the standard library's types.

    The source is compiled three times as an optimised build would: with the header, with its twin, and with a control, which
    is the twin with atomics that count their operations. The first two must be the same, instruction by instruction, and the
    control must differ in each operation, or else the test could not fail.

    Args:
      name: the target's name.
      src: the source; includes WEFT_CODEGEN_HEADER, and with WEFT_CODEGEN_CONTROL defines the template Counted before.
      header: the header.
      twin: the sed script that makes its twin: std::atomic for weft::atomic, a bare T for Cell<T>.
      operations: the functions of the source, which have C linkage.
      deps: the libraries that the source and the header include.
      size: of the test.
      tags: as for any test.
    """
    _codegen_test(
        name = name,
        size = size,
        src = src,
        header = header,
        operations = operations,
        tags = tags,
        twin = twin,
        deps = deps,
    )
