"""The rules that every BUILD file of Weft uses; none of them calls a C++ rule of Bazel's by itself.

They add what all our targets share: C++20, includes that read "weft/<folder>/<file>.h" inside this repository and from any
other, our allocator in our programs, and the test and benchmark mains.
"""

load("@rules_cc//cc:defs.bzl", "CcInfo", "cc_binary", "cc_library", "cc_test")

# Bazel's toolchains keep frame pointers, which costs an optimised build an instruction in ten (tools/counts/run). Debuggers and
# profilers of today do without; who needs them asks for them: --copt=-fno-omit-frame-pointer does not reach this far, -c dbg does.
_COPTS = ["-std=c++20"] + select({
    str(Label("//tools:optimised")): ["-fomit-frame-pointer"],
    "//conditions:default": [],
})

# Labels, not strings, for what lives here: a string would be looked up in the repository of the user's BUILD file.
_MALLOC = Label("//third_party:malloc")
_GTEST_MAIN = Label("@com_google_googletest//:gtest_main")
_BENCHMARK_MAIN = Label("@com_github_google_benchmark//:benchmark_main")
_MODEL_MODE = str(Label("//base:model_mode"))

def weft_cc_library(name, hdrs = [], srcs = [], deps = [], visibility = ["//visibility:public"], **kwargs):
    """A library whose headers are included as "weft/<package>/<header>".

    Args:
      name: the target's name.
      hdrs: its public headers.
      srcs: its sources.
      deps: the libraries that it includes.
      visibility: everybody, if not given.
      **kwargs: handed on to cc_library.
    """
    copts = kwargs.pop("copts", [])
    cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        copts = _COPTS + copts,
        include_prefix = "weft/" + native.package_name(),
        linkstatic = True,
        strip_include_prefix = "/" + native.package_name(),
        visibility = visibility,
        deps = deps,
        **kwargs
    )

def weft_cc_binary(name, srcs, deps = [], **kwargs):
    """A program that allocates with //third_party:malloc.

    Args:
      name: the target's name.
      srcs: its sources.
      deps: the libraries that it includes.
      **kwargs: handed on to cc_binary.
    """
    copts = kwargs.pop("copts", [])
    cc_binary(
        name = name,
        srcs = srcs,
        copts = _COPTS + copts,
        malloc = kwargs.pop("malloc", _MALLOC),
        deps = deps,
        **kwargs
    )

def weft_cc_test(name, srcs, deps = [], size = "small", tags = [], **kwargs):
    """A GoogleTest program; its main is added.

    Args:
      name: the target's name.
      srcs: its sources.
      deps: the libraries that it includes.
      size: "small" is one minute at most.
      tags: as for any test.
      **kwargs: handed on to cc_test.
    """
    copts = kwargs.pop("copts", [])
    cc_test(
        name = name,
        size = size,
        srcs = srcs,
        copts = _COPTS + copts,
        linkstatic = True,
        tags = tags,
        deps = deps + [_GTEST_MAIN],
        **kwargs
    )

def weft_cc_benchmark(name, srcs, deps = [], size = "small", tags = [], **kwargs):
    """A Google Benchmark program, and <name>_smoke_test, which runs each of its benchmarks for a moment.

    Args:
      name: the target's name.
      srcs: its sources; the main is added.
      deps: the libraries that it includes.
      size: of the smoke test.
      tags: of both targets, beside "benchmark".
      **kwargs: handed on to cc_binary.
    """
    weft_cc_binary(
        name = name,
        testonly = True,
        srcs = srcs,
        tags = tags + ["benchmark"],
        deps = deps + [_BENCHMARK_MAIN],
        **kwargs
    )
    _run_test(
        name = name + "_smoke_test",
        size = size,
        args = ["--benchmark_min_time=0.01"],
        binary = name,
        tags = tags + ["benchmark"],
    )

def weft_model_test(name, srcs, deps = [], size = "small", tags = [], args = [], on_threads = True, **kwargs):
    """A GoogleTest program that the model checker runs; and <name>_on_threads, the same source in an ordinary build.

    The program is built, with everything below it, in model mode. The sources and libraries are the ones that ship; only
    //base:model_mode is turned on for them, so that atomics, cells, locks and threads are the checker's. They are optimised
    whatever the compilation mode, with assertions on: the checker runs a test a great many times. Stands beside ordinary tests
    in one `bazel test` command.

    Args:
      name: the target's name.
      srcs: its sources; the main is added.
      deps: the libraries that it includes.
      size: "small" is one minute at most.
      tags: as for any test.
      args: command line of the test.
      on_threads: whether to make <name>_on_threads as well.
      **kwargs: handed on to cc_binary.
    """
    copts = kwargs.pop("copts", [])
    cc_binary(
        name = name + "_in_model_mode",
        testonly = True,
        srcs = srcs,
        copts = _COPTS + copts,
        # By itself this target would be built in the ordinary mode, which nobody wants.
        tags = ["manual"],
        visibility = ["//visibility:private"],
        deps = deps + [_GTEST_MAIN],
        **kwargs
    )
    _run_in_model_mode_test(
        name = name,
        size = size,
        args = args,
        binary = name + "_in_model_mode",
        tags = tags + ["model"],
    )
    if on_threads:
        weft_cc_test(
            name = name + "_on_threads",
            size = size,
            srcs = srcs,
            args = args,
            tags = tags,
            deps = deps,
            copts = copts,
        )

def weft_nocompile_test(name, src, expect, deps = [], size = "small", tags = []):
    """Shows that a misuse does not compile, and that the compiler says why.

    The source is compiled twice, as far as its meaning only. As it is, it must be accepted. With WEFT_NOCOMPILE defined, it
    must be refused, and the extended regular expression `expect` must be found in what the compiler says. So the misuse goes
    between `#ifdef WEFT_NOCOMPILE` and `#endif`, and the rest of the file shows that nothing else is wrong with it.

    Args:
      name: the target's name.
      src: the source.
      expect: what each supported compiler's message must match.
      deps: the libraries that it includes.
      size: of the test.
      tags: as for any test.
    """
    _nocompile_test(
        name = name,
        size = size,
        src = src,
        expect = expect,
        tags = tags,
        deps = deps,
    )

# --- What the macros above are made of. ---

def _bool_flag_impl(_ctx):
    return []

weft_bool_flag = rule(
    implementation = _bool_flag_impl,
    build_setting = config.bool(flag = True),
    doc = "A build setting that is true or false: `--//package:name`.",
)

def _run_test_impl(ctx):
    # A transition hands over a list, the plain attribute one target.
    binary = ctx.attr.binary[0] if type(ctx.attr.binary) == "list" else ctx.attr.binary
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = executable,
        target_file = binary[DefaultInfo].files_to_run.executable,
        is_executable = True,
    )
    return [DefaultInfo(
        executable = executable,
        runfiles = ctx.runfiles([executable]).merge(binary[DefaultInfo].default_runfiles),
    )]

_run_test = rule(
    implementation = _run_test_impl,
    attrs = {"binary": attr.label(executable = True, cfg = "target", mandatory = True)},
    doc = "A test that runs a program as it is; it passes if the program exits with 0.",
    test = True,
)

_COPT = "//command_line_option:copt"

def _model_mode_transition_impl(settings, _attr):
    return {
        _MODEL_MODE: True,
        _COPT: settings[_COPT] + ["-O2", "-g1"],
    }

_model_mode_transition = transition(
    implementation = _model_mode_transition_impl,
    inputs = [_COPT],
    outputs = [_MODEL_MODE, _COPT],
)

_run_in_model_mode_test = rule(
    implementation = _run_test_impl,
    attrs = {
        "binary": attr.label(executable = True, cfg = _model_mode_transition, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    doc = "A test that runs a program built in model mode.",
    test = True,
)

_NOCOMPILE = """
check() { "$@" -x c++ -std=c++20 -fsyntax-only "$src"; }
src=$1 log=$2; shift 2
{
  if ! check "$@"; then echo "REFUSED even without WEFT_NOCOMPILE"
  elif check "$@" -DWEFT_NOCOMPILE; then echo "ACCEPTED even with WEFT_NOCOMPILE"
  else echo "REFUSED with WEFT_NOCOMPILE only"
  fi
} > "$log" 2>&1
"""

_NOCOMPILE_TEST = """#!/bin/sh
cat '{log}'
if ! grep -q '^REFUSED with WEFT_NOCOMPILE only$' '{log}'; then
  echo 'FAILED: see the line in capitals above'; exit 1
fi
if ! grep -qE -e '{expect}' '{log}'; then
  echo 'FAILED: the messages do not match {expect}'; exit 1
fi
"""

def _nocompile_test_impl(ctx):
    headers = [dep[CcInfo].compilation_context for dep in ctx.attr.deps]
    args = ctx.actions.args()
    log = ctx.actions.declare_file(ctx.label.name + ".log")
    args.add(ctx.file.src)
    args.add(log)
    args.add(ctx.attr._cc[platform_common.TemplateVariableInfo].variables["CC"])
    for header in headers:
        args.add_all(header.defines, format_each = "-D%s")
        args.add_all(header.quote_includes, before_each = "-iquote")
        args.add_all(header.includes, before_each = "-I")
        args.add_all(header.system_includes, before_each = "-isystem")
    ctx.actions.run_shell(
        arguments = [args],
        command = _NOCOMPILE,
        inputs = depset([ctx.file.src], transitive = [header.headers for header in headers]),
        mnemonic = "WeftNocompile",
        outputs = [log],
        tools = ctx.attr._cc[DefaultInfo].files,
    )
    script = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        script,
        _NOCOMPILE_TEST.format(
            expect = ctx.attr.expect.replace("'", "'\\''"),
            log = log.short_path,
        ),
        is_executable = True,
    )
    return [DefaultInfo(executable = script, runfiles = ctx.runfiles([log]))]

_nocompile_test = rule(
    implementation = _nocompile_test_impl,
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "expect": attr.string(mandatory = True),
        "src": attr.label(allow_single_file = True, mandatory = True),
        "_cc": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    doc = "See weft_nocompile_test.",
    test = True,
)
