"""The drawing engine beside this process draws what it draws in it."""

import pytest

from limen.figures import engine, theme

CHART = '{"mark": "bar", "data": {"values": [{"x": "a \\u03bc", "y": 3}]}, "encoding": {"x": {"field": "x", "type": "nominal"}, "y": {"field": "y", "type": "quantitative"}}}'
ASKED = "vegalite_to_svg", (CHART,), {}


@pytest.fixture
def beside(monkeypatch):
    monkeypatch.setattr(theme, "_BESIDE", [engine.Beside()])
    yield theme._BESIDE
    for process in theme._BESIDE:
        process.end()


def test_it_draws_the_same_text_and_the_same_bytes(beside):
    drawn = engine.draw(*ASKED)
    assert beside[0].draw(*ASKED) == drawn
    assert beside[0].draw("svg_to_png", (drawn,), {"scale": 1.0}) == engine.draw(
        "svg_to_png", (drawn,), {"scale": 1.0}
    )
    with pytest.raises(ValueError, match="failed"):
        beside[0].draw("vegalite_to_svg", ('{"mark": 3}',), {})


def test_what_was_drawn_ahead_is_what_is_drawn_when_asked_for_and_without_the_process_this_one_draws(beside):
    chart = {
        "mark": "point",
        "data": {"values": [{"x": 1}]},
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
    }
    theme.draw_ahead(chart)
    assert len(theme._AHEAD) == 1
    ahead = theme.svg(chart, "one")
    assert not theme._AHEAD
    beside[0]._process.kill()
    assert theme.svg(chart, "one") == ahead
    assert not theme.drawing()
    theme.draw_ahead(chart)
    assert not theme._AHEAD
