"""Sphinx settings. Pages are found by glob; those in `reference/_generated` are written by `generate` at each build."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import generate  # noqa: E402 - found through the line above

import omc  # noqa: E402

project = "omc"
author = "the omc authors"
release = omc.__version__
extensions = ["myst_parser"]
exclude_patterns = ["_build", "changes"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"omc {release}"
html_copy_source = False

generate.write_all(HERE / "reference" / "_generated")
