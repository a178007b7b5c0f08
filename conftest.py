"""Names that the examples in docstrings may use without importing them, as a reader at a prompt would have them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _names_of_examples(doctest_namespace: dict[str, Any]) -> None:
    import numpy as np
    import pandas as pd

    import rcp_geo as rg

    doctest_namespace.update({name: getattr(rg, name) for name in rg.__all__})
    doctest_namespace.update(rg=rg, np=np, pd=pd)
