"""The C++ rules of Bazel 4, under the names that rules_cc gives them."""

load(":native.bzl", "NativeCcInfo")

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
objc_library = native.objc_library

CcInfo = NativeCcInfo
