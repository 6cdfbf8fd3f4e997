"""The house itself: packages resolve to this repository, imports go one way, files and functions stay small, words are kept."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("server", "channels", "domain", "persistence")
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 40
BANNED_SUFFIXES = ("Manager", "Service", "Helper", "Util", "Utils", "Base", "Data", "Info", "Impl")
WIRE_WORDS = {"ClientInfo"}  # the protocol's own name
GENERATED = {"client_pb2.py"}


def _sources() -> Iterator[Path]:
    for package in (*PACKAGES, "migrations", "tests"):
        yield from (
            path for path in (ROOT / package).rglob("*.py") if path.name not in GENERATED and "node_modules" not in path.parts
        )
    yield from (path for path in (ROOT / "client-examples").rglob("*.py") if "node_modules" not in path.parts)


SOURCES = sorted(_sources())


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_resolves_to_this_repository(package: str) -> None:
    found = importlib.import_module(package)

    assert found.__file__ is not None
    assert Path(found.__file__).parent == ROOT / package


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {
        path.parent for path in SOURCES if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in (*PACKAGES, "tests")
    }

    lacking = sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists())

    assert lacking == []


def test_modules_stay_under_400_lines() -> None:
    too_long = {
        str(path.relative_to(ROOT)): lines for path in SOURCES if (lines := path.read_text().count("\n")) > MAX_MODULE_LINES
    }

    assert too_long == {}


def test_functions_stay_under_40_lines_without_their_docstring() -> None:
    too_long = [f"{path.relative_to(ROOT)}:{name} {lines}" for path in SOURCES for name, lines in _long_functions(path)]

    assert too_long == []


def _long_functions(path: Path) -> Iterator[tuple[str, int]]:
    if "versions" in path.parts:  # a migration is one list of statements
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            docstring = ast.get_docstring(node, clean=False)
            lines = node.end_lineno - node.lineno + 1 - (len(docstring.splitlines()) if docstring else 0)
            if lines > MAX_FUNCTION_LINES:
                yield node.name, lines


def test_no_class_is_named_after_nothing() -> None:
    vague = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.name.endswith(BANNED_SUFFIXES) and node.name not in WIRE_WORDS
    ]

    assert vague == []


def test_suppressions_name_their_code_and_their_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"#\s*(type:\s*ignore|noqa)", line)
        and not re.search(r"#\s*(type:\s*ignore\[[\w,-]+\]|noqa:\s*\w+).*#\s*\S|noqa: \w+ \S+", line)
    ]

    assert bare == []


def test_the_locks_name_no_host() -> None:
    named = [path.name for path in ROOT.glob("requirements*.lock") if "://" in path.read_text()]

    assert named == []


def test_every_dependency_has_a_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    dependencies = tomllib.loads(text)["project"]["dependencies"]

    without = [name for name in dependencies if not re.search(re.escape(f'"{name}"') + r",\s*#\s*\S", text)]

    assert without == []


def test_imports_go_one_way(capfd: pytest.CaptureFixture[str]) -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0, capfd.readouterr().out
