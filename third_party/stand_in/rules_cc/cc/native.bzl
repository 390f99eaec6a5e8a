"""Names of Bazel 4's own language that defs.bzl hands on under the same name, which one file alone cannot do."""

NativeCcInfo = CcInfo  # buildifier: disable=native-cc-info
