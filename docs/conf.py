"""The site: every page from this folder, its code run, warnings as errors (`make docs`)."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

from limen_turn import reported  # noqa: E402

from limen import __version__  # noqa: E402
from limen.figures import theme  # noqa: E402

project = "limen"
author = "The limen developers"
copyright = author
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "limen_mathml", "limen_reference", "limen_turn"]
html_math_renderer = "mathml"
exclude_patterns = ["_build", "_ext", "jupyter_execute", "**.ipynb_checkpoints"]
root_doc = "index"
language = "en"
smartquotes = False  # two hyphens before an option stay two hyphens

# Code is run at every build: a page that no longer works must not be published.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_show_tb = True
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_substitutions = {"turned": reported()}
myst_heading_anchors = 3

# Docstrings are plain text with aligned equations; they are shown as they stand (see _ext/limen_reference.py).
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True, "ignore-module-all": True, "exclude-members": "model_config"}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False

html_theme = "furo"
html_title = "limen"
html_static_path = ["_static"]
html_css_files = ["limen.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
# The colours of the figures, under the names the drawings ask for, in the light and in the dark page.
html_theme_options = {
    "light_css_variables": {
        **theme.LIGHT,
        "color-brand-primary": theme.LIGHT["drug"],
        "color-brand-content": theme.LIGHT["drug"],
    },
    "dark_css_variables": {
        **theme.DARK,
        "color-brand-primary": theme.DARK["drug"],
        "color-brand-content": theme.DARK["drug"],
    },
}
