"""The front door turned in a real browser, by mouse and by keyboard alone."""

import json
import os
from pathlib import Path

import pytest

import limen
from limen.turn import page
from support.browser import chromium, tab
from support.turning import made_up

AXE = os.environ.get("LIMEN_AXE")
KEPT = Path(__file__).parents[2] / "docs" / "turn.json"  # what the site opens with
TURNED = os.environ.get("LIMEN_TURNED", "")  # a folder of pages that `limen turn` wrote, to be driven too
# Dots drawn in full, array by array; a small dot is somebody who does not know.
FILLED = """[...document.querySelectorAll('.arrays svg')].map(one => [...one.querySelectorAll('circle')].filter(
    dot => dot.getAttribute('r') === '4' && dot.style.fill !== 'transparent').length)"""
pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def turned(examples):
    return made_up(limen.load(examples / "adhd_20ug.yaml"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with tab(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(turned, tmp_path_factory):
    return turned.save(tmp_path_factory.mktemp("page"), "adhd")[0].as_uri()


def shown(turned, dose, told=0, against=0, people=1):
    return said(turned.document(), dose, told, against, people)


def said(document, dose, told, against, people):
    if document["dials"]["dose"][dose]["beyond"]:
        return document["dials"]["dose"][dose]["note"]
    return " ".join(document["texts"][at] for at in document["cells"][dose][told][against][people]["say"])


def test_by_keyboard_alone_it_is_guessed_turned_and_kept_in_the_address(browser, address, turned):
    browser.open(address)
    assert browser.js("document.getElementById('turned').hidden")  # a guess comes before the first turn
    browser.key("Tab")
    assert browser.js("document.activeElement.id") == "said"
    browser.type("5")
    browser.key("Enter")
    assert browser.js("document.activeElement.id") == "dose"
    assert "You said 5 of 100" in browser.text("revealed")
    own = turned.grid.dial.own["dose"]
    assert browser.text("sentence") == shown(turned, own)
    browser.key("ArrowLeft")
    assert browser.text("sentence") == shown(turned, own - 1)
    browser.key("Home")
    assert browser.text("sentence") == shown(turned, 0)
    assert not browser.js(
        "document.getElementById('outside').hidden"
    )  # below what was measured, and it says so
    assert "outside the measured range" in browser.js("document.getElementById('dose').getAttribute('aria-valuetext')")  # fmt: skip
    browser.key("End")
    assert "exposure only" in browser.text("sentence")  # beyond the model: no number
    assert browser.js("document.querySelectorAll('#array-day .count')[0].textContent") == "no number"
    browser.key("Home")
    browser.key("Tab")
    assert browser.js("document.activeElement.id") == "against"
    browser.key("ArrowRight")
    browser.key("ArrowRight")
    assert browser.text("sentence") == shown(turned, 0, against=1)
    here = browser.js("location.href")
    browser.open("about:blank")
    browser.open(here)
    assert browser.text("sentence") == shown(turned, 0, against=1)
    assert "You said 5 of 100" in browser.text("revealed")


def test_by_mouse_it_turns_and_goes_back(browser, address, turned):
    browser.open("about:blank")
    browser.open(address)
    browser.click("skip")
    browser.click("dose", along=0.02)
    assert browser.text("sentence") == shown(turned, 0)
    filled = "[...document.querySelectorAll('#array-drug circle')].filter(c => c.style.fill !== 'transparent').length"
    assert browser.js(filled) == turned.document()["cells"][0][0][0][1]["dots"][0]
    assert browser.js("document.querySelector('#array-drug svg').getAttribute('aria-label')").startswith("about 26")  # fmt: skip
    browser.click("back")
    assert browser.text("sentence") == shown(turned, turned.grid.dial.own["dose"])
    browser.click("picture")
    assert browser.text("done") == "Saved as limen-20-ug.png."


REAL = [
    ("the site's", KEPT),
    *((one.stem, one) for one in sorted(Path(TURNED).glob("*-turn.json")) if TURNED),
]


@pytest.mark.parametrize("path", [path for _, path in REAL], ids=[name for name, _ in REAL])
def test_every_stop_of_a_page_with_real_numbers_says_what_was_computed(browser, path, tmp_path):
    """By keyboard: the whole dial, then the last choice of each other control; by mouse: both ends."""
    document = json.loads(path.read_text(encoding="utf-8"))
    (tmp_path / "turned.html").write_text(page.html(document), encoding="utf-8")
    browser.open("about:blank")
    browser.open((tmp_path / "turned.html").as_uri())
    browser.click("skip")
    at = dict(document["own"])
    doses = document["dials"]["dose"]

    def agrees():
        assert browser.text("sentence") == said(document, **at)
        if not doses[at["dose"]]["beyond"]:
            cell = document["cells"][at["dose"]][at["told"]][at["against"]][at["people"]]
            counts = browser.js("[...document.querySelectorAll('.count')].map(one => one.textContent)")
            order = ["drug", "comparator", "right", "day", "scale"]
            ids = [order.index(one["id"]) for one in document["arrays"]]
            assert counts == [document["texts"][cell["count"][one]] for one in ids]
            assert browser.js(FILLED) == [cell["dots"][one] for one in ids]

    browser.key("Home")
    for at["dose"] in range(len(doses)):
        agrees()
        browser.key("ArrowRight")
    browser.click("back")
    at = dict(document["own"])
    for name in ("against", "told", "people"):
        browser.js(f"document.getElementById({name!r}).focus()")
        browser.key("End")
        at[name] = len(document["dials"][name]) - 1
        agrees()
    browser.click("dose", along=0.98)
    at["dose"] = len(doses) - 1
    agrees()
    browser.click("dose", along=0.02)
    at["dose"] = 0
    agrees()


def test_on_paper_nothing_is_folded(browser, address):
    browser.open("about:blank")
    browser.open(address)
    folded = "document.querySelectorAll('details:not([open])').length"
    assert browser.js(folded) == 2
    browser.ask("Page.printToPDF")
    assert browser.js(folded) == 2
    browser.js("window.dispatchEvent(new Event('beforeprint')); 0")
    assert browser.js(folded) == 0
    browser.js("window.dispatchEvent(new Event('afterprint')); 0")
    assert browser.js(folded) == 2


def test_it_fits_a_phone_and_moves_nothing_for_those_who_ask_for_that(browser, address):
    browser.open("about:blank")
    browser.open(address)
    browser.size(360, 740)
    browser.click("skip")
    assert browser.js("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    moving = "getComputedStyle(document.querySelector('circle')).transitionDuration"
    assert browser.js(moving) != "0s"
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])  # fmt: skip
    assert browser.js(moving) == "0s"
    browser.ask("Emulation.setEmulatedMedia", features=[])
    browser.size(1280, 900)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser, address, scheme):
    if AXE is None:
        pytest.skip("axe-core is not here: npm install axe-core, and name its axe.min.js in LIMEN_AXE")
    rules = Path(AXE)
    browser.open("about:blank")
    browser.open(address)
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.js(rules.read_text() + "; 0")
    found = "axe.run().then(r => [...r.violations, ...r.incomplete].map(v => v.id + ': ' + v.nodes[0].html))"
    asking = browser.js(found)
    browser.click("skip")
    browser.js("document.querySelectorAll('details').forEach(one => one.open = true); 0")
    browser.click("dose", along=0.02)
    turned = browser.js(found)
    browser.ask("Emulation.setEmulatedMedia", features=[])
    assert (asking, turned) == ([], [])
