"""The one entry point for every check of the project: `nox -l` lists them, `nox -s NAME` runs one.

It needs nothing but Python and pip (`pip install nox`); where uv is at hand, environments are made with it.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "typing", "lint", "imports", "docs", "examples", "build"]

ROOT = Path(__file__).parent
PACKAGE = ROOT / "src" / "worklattice"
PROJECT = nox.project.load_toml("pyproject.toml")
OLDEST = "3.11"
SUPPORTED = (OLDEST, "3.12", "3.13", "3.14")


def _group(name: str) -> list[str]:
    return list(nox.project.dependency_groups(PROJECT, name))


def _runs(version: str) -> bool:
    """Tell whether `pythonX.Y` starts: a shim of pyenv stands there even where its version is not chosen."""
    program = shutil.which(f"python{version}")
    if program is None:
        return False
    asked = subprocess.run([program, "--version"], capture_output=True, check=False)  # noqa: S603 - fixed
    return asked.returncode == 0


PYTHONS = [version for version in SUPPORTED if version == OLDEST or _runs(version)]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite on every Python found, with the coverage of branches on the oldest."""
    session.install("-e", ".[test]")
    coverage = ["--cov", "--cov-report=term"] if session.python == OLDEST and not session.posargs else []
    session.run("pytest", *coverage, *session.posargs)


@nox.session
def properties(session: nox.Session) -> None:
    """The property tests and the lock-step machine, at length: hours, not minutes."""
    session.install("-e", ".[test]")
    which = session.posargs or ["tests/properties", "tests/agreement"]
    session.run("pytest", "--timeout=0", *which, env={"HYPOTHESIS_PROFILE": "long"})


@nox.session
def faults(session: nox.Session) -> None:
    """The fault tests at length: processes killed, logs torn, servers taken down; about half an hour."""
    session.install("-e", ".[test]")
    which = session.posargs or ["tests/faults"]
    told = ["-rP", "--show-capture=stdout"]
    session.run("pytest", "-n0", "--timeout=0", *told, *which, env={"WORKLATTICE_FAULTS": "long"})


@nox.session
def typing(session: nox.Session) -> None:
    """Both type checkers, strict: mypy and pyright."""
    session.install("-e", ".[test]", "nox", *_group("docs"), *_group("typing"))
    session.run("mypy")
    session.run("pyright", "--pythonpath", _python_of(session))


@nox.session
def lint(session: nox.Session) -> None:
    """Style and format of the code, and that the changelog's fragments can be read."""
    session.install(*_group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("towncrier", "build", "--draft", "--version", "next", silent=True)


@nox.session
def imports(session: nox.Session) -> None:
    """Which room imports which, against the contracts in pyproject.toml."""
    session.install("-e", ".", *_group("imports"))
    session.run("lint-imports", "--no-cache")


@nox.session
def docs(session: nox.Session) -> None:
    """The docs as HTML in build/docs, without a network; a warning is an error."""
    session.install("-e", ".", *_group("docs"))
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "build/docs")
    session.log("Open build/docs/index.html")


@nox.session
def examples(session: nox.Session) -> None:
    """Every program in examples/, run in an empty folder."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n0", "tests/test_examples.py", "examples", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks: a table of ratios, and a JSON file to compare two commits by."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Wheel and sdist; then the demo from the wheel in an environment that has nothing else."""
    session.install(*_group("build"))
    with tempfile.TemporaryDirectory(prefix="worklattice-build-") as folder:
        outside = Path(folder)
        session.run("python", "-m", "build", "--outdir", folder, ".")
        (wheel,) = outside.glob("*.whl")
        _check_is_whole(session, wheel)
        session.run("python", "-m", "venv", str(outside / "venv"))
        scripts = outside / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        python = str(scripts / "python")
        session.run(python, "-m", "pip", "install", "-q", str(wheel), external=True)
        with session.chdir(outside):
            session.run(python, "-m", "worklattice", "demo", str(outside / "work.db"), external=True)
        if session.posargs:
            (ROOT / session.posargs[0]).mkdir(parents=True, exist_ok=True)
            for made in (wheel, *outside.glob("*.tar.gz")):
                shutil.copy(made, ROOT / session.posargs[0])


def _check_is_whole(session: nox.Session, wheel: Path) -> None:
    """Refuse a wheel that lacks a file of the package: a grammar, a template, `py.typed`."""
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    wanted = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    if missing := sorted(wanted - packed):
        session.error(f"not in the wheel: {', '.join(missing)}")


def _python_of(session: nox.Session) -> str:
    """The path of the session's own interpreter."""
    program = session.run("python", "-c", "import sys; print(sys.executable)", silent=True)
    return str(program).strip()
