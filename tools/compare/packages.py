"""Finds out what the peers need, and installs it where that is possible."""

import collections
import glob
import os
import shutil
import subprocess
import sys

# Something that a peer needs: how it is found (a program, or a path in which *
# stands for anything), and which of Debian's packages has it.
Need = collections.namedtuple("Need", "name pattern packages")

CXX = Need("a C++ compiler", "g++", ["g++"])
CARGO = Need("cargo", "cargo", ["cargo", "rustc"])
TOKIO = Need("Tokio's source", "/usr/share/cargo/registry/tokio-1.*",
             ["librust-tokio-dev"])
GO = Need("Go", "go", ["golang-go"])
TBB = Need("oneTBB", "/usr/include/oneapi/tbb/task_group.h", ["libtbb-dev"])
TBBMALLOC = Need("oneTBB's allocator", "/usr/lib/*/libtbbmalloc_proxy.so.2",
                 ["libtbbmalloc2"])
ASIO = Need("Asio", "/usr/include/asio.hpp", ["libasio-dev"])
MIMALLOC = Need("mimalloc", "/usr/lib/*/libmimalloc.so.2*", ["libmimalloc2.0"])


def find(need):
    """Where it is, or None."""
    if "/" not in need.pattern:
        return shutil.which(need.pattern)
    found = sorted(glob.glob(need.pattern))
    return found[0] if found else None


def version(need):
    """One line about what was found: the program's own, or its package's."""
    if "/" not in need.pattern:
        command = [need.pattern, "version" if need is GO else "--version"]
    else:
        command = ["dpkg-query", "--show", "--showformat=${Package} ${Version}",
                   need.packages[0]]
    try:
        said = subprocess.run(command, check=False, capture_output=True,
                              text=True).stdout
    except OSError:
        said = ""
    return said.splitlines()[0] if said else f"{need.name}, unknown version"


def say(message):
    """To the user, about what is going on."""
    print(f"compare: {message}", file=sys.stderr, flush=True)


class Installer:
    """Installs packages with apt-get, if that may be done."""

    def __init__(self, allowed, log):
        self._allowed = allowed
        self._log = log
        self._updated = False

    def why_not(self):
        """Why nothing can be installed, or None."""
        if not self._allowed:
            return "--no-install was given"
        if shutil.which("apt-get") is None:
            return "there is no apt-get"
        if os.geteuid() != 0:
            return "that takes root"
        return None

    def install(self, packages):
        """Installs; returns what went wrong, or None."""
        if why := self.why_not():
            return f"{why}; install by hand: apt-get install {' '.join(packages)}"
        say(f"installing from Debian: {' '.join(packages)}")
        if not self._updated:
            self._updated = True
            # If it fails, the lists of the last time may still do.
            self._apt(["update"])
        if not self._apt(["install", "--yes", "--no-install-recommends",
                          "--no-remove", *packages]):
            return (f"apt-get could not install {' '.join(packages)} "
                    f"(all it said is in {self._log})")
        return None

    def _apt(self, arguments):
        with open(self._log, "a", encoding="utf-8") as log:
            environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
            return subprocess.run(
                ["apt-get", "-o", "DPkg::Lock::Timeout=600", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, check=False).returncode == 0


def provide(needs, installer):
    """Makes sure that all of `needs` are there; returns why not, or None."""
    lacking = [need for need in needs if find(need) is None]
    if not lacking:
        return None
    names = " and ".join(need.name for need in lacking)
    verb = "is" if len(lacking) == 1 else "are"
    error = installer.install([p for need in lacking for p in need.packages])
    if error is not None:
        return f"{names} {verb} missing: {error}"
    lacking = [need.name for need in lacking if find(need) is None]
    if lacking:
        return f"installed, but not where it was expected: {', '.join(lacking)}"
    return None
