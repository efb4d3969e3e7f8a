"""The page against axe-core: no violation at 360 and 1280 px, in light and in dark, folded and open.

`LIMEN_AXE` names a copy of axe.min.js (npm install axe-core); without it or Chromium the check is skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

AXE, BROWSER = os.environ.get("LIMEN_AXE"), shutil.which("chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RUN = """<script>setTimeout(function () { axe.run(document, {runOnly: %s}).then(function (found) {
  parent.document.body.innerHTML = "<pre id=found></pre>";
  parent.document.getElementById("found").textContent = JSON.stringify(found.violations.map(function (v) { return [v.id, v.nodes[0].html]; }));
}); }, 50);</script></body>"""  # fmt: skip


@pytest.mark.skipif(AXE is None or BROWSER is None, reason="axe-core and Chromium are not here")
@pytest.mark.parametrize("long", [False, True], ids=["folded", "open"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(width, dark, long, tmp_path):
    from limen.dossier.render import html
    from support import sample

    page = html(sample.with_mechanism("inflammation-mediated"), long)
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
