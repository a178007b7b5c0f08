"""What the pages show of the library itself: its metrics, its fields, its commands, its notebooks and its public names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]


class Metrics(SphinxDirective):
    """One section for each metric, from :func:`rcp_geo.metrics`."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        import rcp_geo as rg

        lines: list[str] = []
        for metric_id, row in rg.metrics().iterrows():
            lines += [f"## {row['title']}", "", f"`{metric_id}`", "", "```{math}", row["formula"].strip("$"), "```", ""]
            better = {"more": "higher", "less": "lower", "even": "nearer to the value of an even spread"}[
                row["direction"]
            ]
            lines += [
                f"- **Unit:** {row['unit']}",
                f"- **Direction:** {better} is better for people",
                f"- **Relation:** {row['relation']}",
            ]
            lines += [f"- **Needs:** {row['needs'].replace('; ', ', ')}"]
            lines += [f"- **Reference:** {text}" for text in row["references"].split("; ") if text]
            lines += ["", "For example:", "", "```pycon", *row["example"].splitlines(), "", "```", ""]
            lines += [f'Cite it with `rg.cite("{metric_id}")`.', ""]
        holder = nodes.section()
        holder.document = self.state.document
        self.state.nested_parse(StringList(lines, "rcp_geo.metrics()"), 0, holder, match_titles=True)
        return list(holder.children)


# What each field of a user's list holds; the headings are the library's own.
_FIELDS = {
    "service_id": "an id of the service; made of the name and the place where there is none",
    "name": "what it is called",
    "family": "pause, fdac, local, or a word of your own",
    "place": "where it sits, in words; a district in its authority places it where nothing finer does",
    "longitude": "degrees east of Greenwich (WGS 84)",
    "latitude": "degrees north",
    "easting": "metres of the British National Grid",
    "northing": "metres of the British National Grid",
    "postcode": "a postcode, sector or district",
    "authority": "the authority that it is in, by name or code",
    "served": "the authorities that it works for, by name or code",
    "extent": "whole or part",
    "status": "open, planned, paused, closed, unknown, or another word for one of these",
    "opened": "when it opened",
    "closed": "when it closed",
    "observed_from": "since when the status is known",
    "observed_to": "until when the status is known",
    "provider": "who runs it",
    "provider_type": "what kind of body that is",
    "stage": "when in proceedings it works with parents",
    "capacity": "how many it can take",
    "source_url": "where this is said",
    "note": "anything else",
    "action": "add, correct or retire, for an [overlay](overlay.md)",
}


class Fields(SphinxDirective):
    """The fields of a user's list and the headings that each is recognised by."""

    def run(self) -> list[nodes.Node]:
        """Return a table."""
        from rcp_geo.io.columns import FIELDS

        if set(FIELDS) != set(_FIELDS):
            raise ExtensionError(f"docs/_ext/rcp_docs.py: say what these fields are: {set(FIELDS) ^ set(_FIELDS)}")
        lines = ["| field | what it holds | headings |", "|---|---|---|"]
        lines += [
            f"| `{f}` | {_FIELDS[f]} | {', '.join(f'`{h}`' for h in headings)} |" for f, headings in FIELDS.items()
        ]
        holder = nodes.section()
        holder.document = self.state.document
        self.state.nested_parse(StringList(lines, "rcp_geo.io.columns.FIELDS"), 0, holder)
        return list(holder.children)


class CommandHelp(SphinxDirective):
    """What a command of ``rcp-geo`` says of itself when asked for ``--help``."""

    optional_arguments = 1
    # A command of a command is two words.
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the help as literal text."""
        from typer.testing import CliRunner

        from rcp_geo.cli import app

        words = " ".join(self.arguments).split()
        found = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "92", "NO_COLOR": "1", "TERM": "dumb"})
        if found.exit_code:
            raise ExtensionError(f"rcp-geo {' '.join(words)} --help failed: {found.output}")
        text = "\n".join(line.rstrip() for line in found.output.strip("\n").splitlines()).strip("\n")
        return [nodes.literal_block(text, text, language="text")]


def copy_notebooks(app: Sphinx) -> None:
    """Bring the notebooks of ``examples/`` to where Sphinx looks for pages."""
    target = Path(app.srcdir) / "examples"
    for notebook in sorted((Path(app.srcdir).parent / "examples").glob("*.ipynb")):
        copy = target / notebook.name
        if not copy.exists() or copy.read_bytes() != notebook.read_bytes():
            shutil.copyfile(notebook, copy)


def check_public_names(app: Sphinx) -> None:
    """Fail where a public name has no page, or a page is of no public name."""
    import rcp_geo as rg

    text = (Path(app.srcdir) / "reference" / "index.rst").read_text(encoding="utf-8")
    listed = [line.strip() for line in text.splitlines() if line.startswith("   ") and not line.strip().startswith(":")]
    missing, strange = sorted(set(rg.__all__) - set(listed)), sorted(set(listed) - set(rg.__all__))
    if missing or strange:
        raise ExtensionError(f"docs/reference/index.rst: not listed: {missing}; listed but not public: {strange}")


def mark_prompts(app: Sphinx, doctree: nodes.document) -> None:  # noqa: ARG001
    """Let the doctest builder run the prompts in Markdown pages, as it does those in docstrings."""
    for block in doctree.findall(nodes.literal_block):
        if block.get("language") == "pycon":
            block["testnodetype"] = "doctest"
            block["groups"] = ["default"]
            block["options"] = {}


# Classes that functions make and nobody calls: how they are called would only be in the way.
_MADE_BY_FUNCTIONS = {
    "rcp_geo.Assessment",
    "rcp_geo.Boundaries",
    "rcp_geo.Changes",
    "rcp_geo.Directory",
    "rcp_geo.Plan",
    "rcp_geo.Timeline",
    "rcp_geo.WhatIf",
}


def drop_signature(*event: object) -> tuple[str, None] | None:
    """Show no call signature for classes that functions make."""
    return ("", None) if event[2] in _MADE_BY_FUNCTIONS else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives and what runs before a build."""
    app.add_directive("rcp-metrics", Metrics)
    app.add_directive("rcp-fields", Fields)
    app.add_directive("rcp-help", CommandHelp)
    app.connect("builder-inited", copy_notebooks, priority=100)
    app.connect("builder-inited", check_public_names, priority=100)
    app.connect("autodoc-process-signature", drop_signature)
    app.connect("doctree-read", mark_prompts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
