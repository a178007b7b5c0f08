"""What is public: a small surface that cannot grow by accident, each name of it explained."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import rcp_geo as rg
from rcp_geo import errors

ROOT = Path(__file__).resolve().parents[1]
NAMES = [n for n in rg.__all__ if not isinstance(getattr(rg, n), ModuleType)]
CALLABLE = [n for n in NAMES if not inspect.isclass(getattr(rg, n)) and callable(getattr(rg, n))]


def _methods() -> Iterator[tuple[str, Any]]:
    """Public functions, and public methods and constructors of public classes."""
    for name in NAMES:
        thing = getattr(rg, name)
        if not inspect.isclass(thing):
            yield name, thing
            continue
        ours = [c for c in thing.__mro__ if c.__module__.startswith("rcp_geo.")]
        for method, value in {m: v for c in reversed(ours) for m, v in vars(c).items()}.items():
            function = value.__func__ if isinstance(value, classmethod) else value
            if inspect.isfunction(function) and not method.startswith("_"):
                yield f"{name}.{method}", function


METHODS = dict(_methods())


def test_all_is_sorted_and_is_what_is_public() -> None:
    assert rg.__all__ == sorted(rg.__all__)
    public = {n for n, v in vars(rg).items() if not n.startswith("_") and not isinstance(v, ModuleType)}
    modules = {n for n in rg.__all__ if isinstance(getattr(rg, n), ModuleType)}
    assert set(rg.__all__) == public | modules
    assert modules == {"decay", "errors", "travel"}


def test_no_name_at_the_root_is_a_module_in_the_place_of_a_function() -> None:
    for name in CALLABLE:
        assert not isinstance(getattr(rg, name), ModuleType)


def test_travel_exports_what_it_says() -> None:
    assert len(set(rg.travel.__all__)) == len(rg.travel.__all__)
    for name in rg.travel.__all__:
        assert hasattr(rg.travel, name)


def _modules() -> list[str]:
    found = pkgutil.walk_packages(rg.__path__, prefix="rcp_geo.")
    return sorted(m.name for m in found if not m.name.endswith("__main__"))


@pytest.mark.parametrize("name", _modules())
def test_every_module_exports_what_it_has_and_says_what_it_is(name: str) -> None:
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip()
    for exported in getattr(module, "__all__", []):
        assert hasattr(module, exported), exported


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_has_a_docstring(name: str) -> None:
    doc = inspect.getdoc(getattr(rg, name)) or ""
    first = doc.splitlines()[0]
    assert first.endswith(".")


@pytest.mark.parametrize("name", CALLABLE)
def test_every_public_function_has_the_sections_of_numpydoc_and_an_example(name: str) -> None:
    function = getattr(rg, name)
    doc = inspect.getdoc(function) or ""
    sections = re.findall(r"^(\w[\w ]*)\n-+$", doc, re.MULTILINE)
    wanted = ["Returns", "Examples"]
    if inspect.signature(function).parameters:
        wanted.insert(0, "Parameters")
    assert set(wanted) <= set(sections)
    order = [
        "Parameters",
        "Attributes",
        "Returns",
        "Yields",
        "Raises",
        "Warns",
        "See Also",
        "Notes",
        "References",
        "Examples",
    ]
    assert sections == sorted(sections, key=order.index)
    assert ">>> " in doc.partition("Examples\n---")[2]


@pytest.mark.parametrize("name", METHODS)
def test_every_parameter_is_explained(name: str) -> None:
    function = METHODS[name]
    doc = inspect.getdoc(function) or ""
    if "Parameters\n---" not in doc:
        # Short methods that only point to the function that explains them.
        assert name not in CALLABLE or not inspect.signature(function).parameters
        return
    block = doc.partition("Parameters\n----------\n")[2].partition("\n\nReturns")[0]
    explained = {n.strip() for line in block.splitlines() if line and not line[0].isspace() for n in line.split(",")}
    asked = {p for p in inspect.signature(function).parameters if p not in ("self", "cls")}
    assert explained == asked


@pytest.mark.parametrize("name", METHODS)
def test_every_argument_and_answer_has_a_type(name: str) -> None:
    signature = inspect.signature(METHODS[name])
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.name in ("self", "cls") or parameter.annotation is not inspect.Parameter.empty


@pytest.mark.parametrize("name", METHODS)
def test_every_error_that_a_body_raises_is_in_its_raises(name: str) -> None:
    function = METHODS[name]
    doc = inspect.getdoc(function) or ""
    said = doc.partition("Raises\n------\n")[2].partition("\n\n")[0]
    for raised in _raised(function):
        names = {raised, *(base.__name__ for base in getattr(errors, raised).__mro__)}
        assert any(re.search(rf"\b{n}\b", said) for n in names & set(errors.__all__)), f"{name} raises {raised}"


def _raised(function: Any) -> set[str]:
    """Names of our errors that a function raises in its own body, or by the checks that it calls there."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    scope = inspect.unwrap(function).__globals__
    found = _raises_in(tree)
    for call in ast.walk(tree):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id.lstrip("_").startswith("require")
        ):
            check = scope.get(call.func.id)
            if inspect.isfunction(check):
                found |= _raises_in(ast.parse(textwrap.dedent(inspect.getsource(check))))
    return found & set(errors.__all__)


def _raises_in(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            found.add(node.exc.func.id)
    return found


def _pages() -> str:
    docs = ROOT / "docs"
    return "\n".join(p.read_text(encoding="utf-8") for s in ("*.md", "*.rst") for p in sorted(docs.rglob(s)))


@pytest.mark.parametrize("name", rg.__all__)
def test_every_public_name_has_its_place_in_the_docs(name: str) -> None:
    text = _pages()
    if not text:
        pytest.skip("no docs beside the tests: they are in the repository, not in the package")
    assert re.search(rf"\b{name}\b", text)


def test_importing_costs_no_plotting_no_shell_and_touches_no_data() -> None:
    code = (
        "import sys, rcp_geo; "
        "print([m for m in ('matplotlib', 'typer', 'rich', 'networkx', 'requests') if m in sys.modules]); "
        "from rcp_geo import resources; print(resources.manifest.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "0"]


def test_importing_leaves_the_random_state_alone() -> None:
    code = "import numpy as np; a = np.random.get_state()[1].copy(); import rcp_geo; print((np.random.get_state()[1] == a).all())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(rg.__file__).parent / "py.typed").exists()
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", rg.__version__)
