"""Configuration of the documentation: ``python -m sphinx -W --keep-going -b html docs docs/_build/html``."""

from __future__ import annotations

import sys
from pathlib import Path

import rcp_geo as rg

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))

project = "rcp_geo"
author = "rcp_geo contributors"
copyright = "2026, rcp_geo contributors"
version = release = rg.__version__
language = "en-GB"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_nb",
    "rcp_docs",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "jupyter_execute", "**.ipynb_checkpoints"]

# Every reference must lead somewhere, but for those to other projects, whose inventories would need a network.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(pandas|pd|geopandas|gpd|numpy|np|matplotlib|shapely|pathlib|datetime|dt|collections|typing)\..*"),
    (
        r"py:.*",
        r"(Path|Any|Literal|Protocol|Mapping|Sequence|Iterable|ArrayLike|NDArray|Axes|optional|NearestBlock|Weighing|Callable|Counting|Method|Scope)",
    ),
    # Named in signatures; each is explained where the object that holds it is.
    (
        r"py:.*",
        r"(rcp_geo\.)?(authorities\.Vintage|grid\.PolygonGrid|_reach\.NearestBlock|_metrics\.Citable|figures\.Figures)",
    ),
    (r"py:.*", r"(rcp_geo\.)?(schema\.Finding|travel\.(roads\.\w+|ratios)\.\w+)"),
    (
        r"py:.*",
        r"(Finding|Vintage|PolygonGrid|Citable|Evidence|Unit|Level|Resolution|Profile|Noding|Lengths|Impedance|Access|Components|RoadSettings)",
    ),
    (r"py:.*", r"(rcp_geo\.)?((weighing\.)?ByNeed|(need\.)?Key|(io\.need\.)?Bounds)"),
    (r"py:.*", r"(rcp_geo\.equity\.)?(Index|Missing)"),
    (r"py:.*", r"(PlanModel|Candidates|Status|Method|Unreached|Hashable)"),
    (r"py:.*", r"(networkx|nx)\..*"),
]

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
# Notebooks are executed by the tests and shown with the output that they were saved with.
nb_execution_mode = "off"

# The names that examples in docstrings take as given; conftest.py gives them the same.
doctest_global_setup = """
import numpy as np
import pandas as pd
import rcp_geo as rg
from rcp_geo import *
"""

html_theme = "pydata_sphinx_theme"
html_title = "rcp_geo"
html_static_path = ["_static"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "rcp_geo"},
    "navbar_align": "left",
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
