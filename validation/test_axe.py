"""The pages against axe-core: no violation at 360 and 1280 px, in light and in dark, folded and open.

`LIMEN_AXE` names a copy of axe.min.js (npm install axe-core); without it or Chromium the check is skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

AXE, BROWSER = os.environ.get("LIMEN_AXE"), shutil.which("chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RUN = """<script>setTimeout(function () { axe.run(document, {runOnly: %s}).then(function (found) {
  var told = parent.document.createElement("pre");
  told.id = "found";
  told.textContent = JSON.stringify(found.violations.map(function (v) { return [v.id, v.nodes[0].html]; }));
  parent.document.body.append(told);
}); }, 50);</script></body>"""  # fmt: skip


def _folded() -> str:
    from limen.dossier.render import html
    from support import sample

    return html(sample.with_mechanism("inflammation-mediated"))


def _open() -> str:
    from limen.dossier.render import html
    from support import sample

    return html(sample.with_mechanism("inflammation-mediated"), long=True)


def _article() -> str:
    from limen.dossier.article import article_page
    from limen.evidence.article import article

    return article_page(article())


def _quoted() -> str:
    from limen.dossier.article import article_page
    from limen.evidence.article import Article, Named, article

    held = article()
    printed = tuple(replace(each, verbatim=True) for each in held.statements)
    return article_page(
        Article(printed, Named("Small doses", date(2024, 5, 1), "https://example.org"), held.searched)
    )


@pytest.mark.skipif(AXE is None or BROWSER is None, reason="axe-core and Chromium are not here")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("made", [_folded, _open, _article, _quoted], ids=lambda made: made.__name__[1:])
def test_axe_finds_nothing(made: Callable[[], str], width: int, dark: bool, tmp_path: Path) -> None:
    page = made()
    if dark:
        page = page.replace("@media screen and (prefers-color-scheme: dark)", "@media screen")
    assert AXE is not None
    script = Path(AXE).read_text().replace("</script", "<\\/script")
    (tmp_path / "page.html").write_text(
        page.replace("</body>", f"<script>{script}</script>{RUN % json.dumps(RULES)}")
    )
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<body><iframe src="page.html" style="width:{width}px;height:1000px;border:0"></iframe></body>'
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--virtual-time-budget=20000",
               "--window-size=1400,1000", "--dump-dom"]  # fmt: skip
    shown = subprocess.run(
        [str(BROWSER), *options, frame.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    found = re.search(r'<pre id="found">(.*?)</pre>', shown.stdout, re.S)
    assert found is not None
    assert json.loads(found[1]) == []
