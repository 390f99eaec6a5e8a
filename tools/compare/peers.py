"""The peers: what each needs, how its port is built, and how it is started."""

import os
import pathlib
import shutil
import subprocess

import packages

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PORTS = ROOT / "tools" / "compare" / "ports"

WEFT = "weft"
FLOOR = "floor"


class BuildError(Exception):
    """A port that could not be built; the message says why."""


def run(command, **options):
    """Runs a command; raises BuildError with what it said if it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-20:]
        raise BuildError("\n".join([" ".join(map(str, command)), *said]))
    return done.stdout


def is_newer(output, sources):
    """Whether `output` is there and no source was changed after it."""
    if not output.exists():
        return False
    made = output.stat().st_mtime
    return all(source.stat().st_mtime < made for source in sources)


class Builder:
    """Builds ports into a folder outside of the tree."""

    def __init__(self, folder, cxx, bazel_options, weft_binary=None):
        self._folder = folder
        self._weft_binary = weft_binary
        self._cxx = cxx
        self._bazel_options = bazel_options
        # Where "weft/..." is found by a compiler that Bazel did not start.
        include = folder / "include"
        include.mkdir(parents=True, exist_ok=True)
        link = include / "weft"
        if not link.is_symlink() or os.readlink(link) != str(ROOT):
            link.unlink(missing_ok=True)
            link.symlink_to(ROOT)

    def weft(self):
        """Weft's own port, as Bazel builds it for use."""
        if self._weft_binary is not None:
            return pathlib.Path(self._weft_binary).resolve()
        bazel = str(ROOT / "tools" / "bazel")
        options = ["-c", "opt", *self._bazel_options]
        run([bazel, "build", *options, "//tools/compare/ports/weft"], cwd=ROOT)
        binaries = run([bazel, "info", *options, "bazel-bin"], cwd=ROOT).strip()
        built = (pathlib.Path(binaries) / "tools" / "compare" / "ports" / "weft"
                 / "weft")
        # The next build of somebody else's must not change it.
        output = self._folder / "weft"
        output.unlink(missing_ok=True)
        shutil.copy2(built, output)
        return output

    def cxx(self, name, libraries=()):
        """A port that is one C++ file."""
        output = self._folder / name
        common = PORTS / "common"
        sources = [PORTS / name / "main.cc", common / "port.cc"]
        if not is_newer(output, [*sources, *common.glob("*.h")]):
            run([self._cxx, "-std=c++20", "-O3", "-DNDEBUG", "-pthread",
                 f"-I{self._folder / 'include'}", *map(str, sources),
                 "-o", str(output), *libraries])
        return output

    def tokio(self):
        """Tokio's port, with the distribution's crates and no network."""
        folder = self._folder / "tokio"
        shutil.copytree(PORTS / "tokio", folder, dirs_exist_ok=True)
        # Another version of cargo may have written it.
        (folder / "Cargo.lock").unlink(missing_ok=True)
        registry = pathlib.Path(packages.find(packages.TOKIO)).parent
        (folder / ".cargo").mkdir(exist_ok=True)
        (folder / ".cargo" / "config.toml").write_text(
            '[source.crates-io]\nreplace-with = "debian"\n'
            f'[source.debian]\ndirectory = "{registry}"\n', encoding="utf-8")
        run(["cargo", "build", "--release", "--offline"], cwd=folder,
            env=dict(os.environ, CARGO_TARGET_DIR=str(folder / "target")))
        return folder / "target" / "release" / "tokio_port"

    def go(self):
        """Go's port."""
        output = self._folder / "go"
        run(["go", "build", "-o", str(output), "."], cwd=PORTS / "go",
            env=dict(os.environ, GOFLAGS="-mod=mod", GOTOOLCHAIN="local",
                     GO111MODULE="on"))
        return output


class Peer:
    """One column: a port and how it is run."""

    def __init__(self, name, needs, build, preload=None, about="", only=None):
        self.name = name
        self.needs = needs
        self.about = about
        # The names of its workloads; all, if None.
        self.only = only
        self._build = build
        self._preload = preload
        self.binary = None
        self.environment = {}

    def build(self, builder):
        """Builds the port; raises BuildError."""
        self.binary = self._build(builder)
        if self.needs:
            found = "; ".join(packages.version(need) for need in self.needs)
            self.about = f"{self.about} ({found})"
        if self._preload is not None:
            self.environment["LD_PRELOAD"] = packages.find(self._preload)


def all_peers():
    """Weft first."""
    return [
        Peer(WEFT, [], Builder.weft, about="coroutines; callables where nothing is awaited; "
             "mimalloc"),
        Peer("tokio-mimalloc",
             [packages.CARGO, packages.TOKIO, packages.MIMALLOC],
             Builder.tokio, packages.MIMALLOC,
             "multi-thread runtime without drivers; mimalloc"),
        Peer("tokio", [packages.CARGO, packages.TOKIO], Builder.tokio,
             about="the same; the system's malloc"),
        Peer("go", [packages.GO], Builder.go, about="goroutines, channels"),
        Peer("onetbb", [packages.CXX, packages.TBB, packages.TBBMALLOC],
             lambda builder: builder.cxx("onetbb", ["-ltbb"]),
             packages.TBBMALLOC, "task_group; tbbmalloc"),
        Peer("asio", [packages.CXX, packages.ASIO, packages.MIMALLOC],
             lambda builder: builder.cxx("asio"), packages.MIMALLOC,
             "thread_pool; mimalloc"),
        Peer(FLOOR, [packages.CXX], lambda builder: builder.cxx("floor"),
             about="two threads and a futex", only={"wake_idle"}),
    ]
