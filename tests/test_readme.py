"""The README's Python prints what the README says it prints."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_every_example_prints_what_stands_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not README.is_file():
        pytest.skip("no README beside the tests: it is in the repository, not in the package")
    text = README.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    # The one file that an example reads stands in the README itself.
    listed = next(content for kind, content in blocks if kind == "text" and content.startswith("Service,"))
    (tmp_path / "our-list.csv").write_text(listed, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    examples = [
        (code, below)
        for (kind, code), (next_kind, below) in itertools.pairwise(blocks)
        if kind == "python" and next_kind == "text"
    ]
    assert len(examples) == sum(kind == "python" for kind, _ in blocks) >= 3
    for code, below in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the README is ours
        assert [line.rstrip() for line in printed.getvalue().splitlines()] == [
            line.rstrip() for line in below.splitlines()
        ]
