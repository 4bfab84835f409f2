"""The repository as data: tracked files, and modules as syntax trees, each read and walked through once."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("server", "web")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file."""

    path: Path
    text: str

    @property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return _parse(self.path)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every part of that, from the outside in."""
        return _walk(self.path)

    @property
    def place(self) -> str:
        """The path inside the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def name(self) -> str:
        """The dotted name: `server.keys` for server/keys/__init__.py."""
        return self.place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def functions(self) -> list[Function]:
        """Every function and method, nested ones too."""
        return [node for node in self.nodes if isinstance(node, Function)]

    def public_functions(self) -> list[Function]:
        """The functions at the top that other modules may call."""
        return [node for node in self.tree.body if isinstance(node, Function) and not node.name.startswith("_")]

    def imports(self) -> set[str]:
        """The dotted names that are imported, relative ones resolved; for `from a import b` both `a` and `a.b`."""
        names = set[str]()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                names.add(origin)
                names.update(f"{origin}.{alias.name}" for alias in node.names)
        return names

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return str(node.module)
        base = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
        return ".".join([*base, *([node.module] if node.module else [])])


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The modules below some folders; `server` and `web` when none is named."""
    paths = sorted(path for folder in folders or CODE for path in (ROOT / folder).rglob("*.py"))
    return tuple(_read(path) for path in paths if "node_modules" not in path.parts)


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(path for name in sorted(listed.split("\0")) if name and (path := ROOT / name).is_file())


def constants(module: Module) -> list[str]:
    """Every text in a module but docstrings; a formatted one as a whole, with {} where something is filled in."""
    documented = ast.Module | ast.ClassDef | Function
    nodes = module.nodes
    passed_over = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    passed_over |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    return [
        _text(node) for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in passed_over
    ]


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node.value, str) else ""


@cache
def _read(path: Path) -> Module:
    return Module(path, path.read_text(encoding="utf-8"))


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(_read(path).text)


@cache
def _walk(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_parse(path)))
