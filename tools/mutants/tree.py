"""A copy of the work tree that mutants may be put into, and its Bazel.

The copy is kept from run to run, so that a mutant costs the compilation of what
includes it, and nothing else is built again.
"""

import collections
import os
import pathlib
import re
import subprocess

# What came of a test run. `verdict` is one of the words below; `why` names the
# test that failed, or says what else happened.
Outcome = collections.namedtuple("Outcome", "verdict why")

PASSED = "passed"
FAILED = "failed"
# It does not compile.
INVALID = "invalid"
# It neither passed nor failed within its limits of time and memory.
UNDECIDED = "undecided"


class BazelError(Exception):
    """Bazel could not do what it was asked to."""


# How a report of the model checker begins.
_VERDICT = re.compile(r"^(data race|deadlock|leak|use after free|double free|"
                      r"assertion failed|exception|nondeterministic test|"
                      r"spin without a hint|too many events|misuse|"
                      r"not exhaustive)\b", re.MULTILINE | re.IGNORECASE)


def outcome(status, output):
    """The Outcome of `bazel test`, by its exit status and what it printed."""
    if status == 0:
        return Outcome(PASSED, "")
    if status == 1:
        error = (re.search(r"\berror: .*", output) or
                 re.search(r"^ERROR: .*", output, re.MULTILINE))
        return Outcome(INVALID, error[0] if error else "it was not built")
    if status != 3:
        raise BazelError(f"Bazel ended with {status}:\n{output[-4000:]}")
    test = re.search(r"^\[  FAILED  \] ([\w./]+)", output, re.MULTILINE)
    running = re.findall(r"^\[ RUN      \] ([\w./]+)", output, re.MULTILINE)
    name = test[1] if test else running[-1] if running else "no test's name"
    verdict = _VERDICT.search(output)
    if re.search(r"^//\S+ +TIMEOUT", output, re.MULTILINE):
        return Outcome(UNDECIDED, f"{name}: out of time")
    why = verdict[1].lower() if verdict else "it fails" if test else "a crash"
    if why == "not exhaustive":
        return Outcome(UNDECIDED, f"{name}: {why}")
    return Outcome(FAILED, f"{name}: {why}")


class Tree:
    """The copy in `folder`."""

    def __init__(self, folder, options, jobs):
        self.folder = pathlib.Path(folder)
        self._options = [*options, f"--jobs={jobs}"]

    def copy_from(self, root):
        """Makes the copy equal to the files that git knows, or would add. A file
        that is equal is not touched."""
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard", "--deduplicate"],
            cwd=root, check=True, capture_output=True,
            text=True).stdout.split("\0")
        wanted = set()
        for name in filter(None, names):
            source, copy = pathlib.Path(root, name), self.folder / name
            if not source.is_file():
                continue  # Deleted, but not yet for git.
            wanted.add(copy)
            text = source.read_bytes()
            if not copy.is_file() or copy.read_bytes() != text:
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(text)
                copy.chmod(source.stat().st_mode)
        for folder, folders, files in os.walk(self.folder):
            folders[:] = [f for f in folders
                          if not os.path.islink(os.path.join(folder, f))]
            for name in files:
                copy = pathlib.Path(folder, name)
                if copy not in wanted and not copy.is_symlink():
                    copy.unlink()

    def read(self, file):
        """The text of a file."""
        return (self.folder / file).read_text(encoding="utf-8")

    def write(self, file, text):
        """Replaces the text of a file."""
        (self.folder / file).write_text(text, encoding="utf-8")

    def _bazel(self, command, arguments, quiet=True):
        run = subprocess.run(
            [str(self.folder / "tools" / "bazel"), command,
             *(["--noshow_progress"] if quiet else []), *arguments],
            cwd=self.folder, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace")
        return run.returncode, run.stdout

    def close(self):
        """Ends the server."""
        self._bazel("shutdown", [], quiet=False)

    def has(self, target):
        """Whether there is such a target."""
        return self._bazel("query", [target])[0] == 0

    def test(self, targets, seconds):
        """Builds and runs the targets in this order, up to the first that does
        not pass; returns the Outcome. `seconds` is the limit of each."""
        for target in targets:
            status, output = self._bazel("test", [
                "--test_output=errors", "--test_arg=--gtest_fail_fast",
                f"--test_timeout={seconds}", *self._options, target])
            result = outcome(status, output)
            if result.verdict != PASSED:
                return result
        return Outcome(PASSED, "")
