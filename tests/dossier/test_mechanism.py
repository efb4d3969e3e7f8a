"""The mechanism section of a real dossier: every marker twice, cortisol by the clock, red where a scenario is on."""

from __future__ import annotations

import numpy as np
import pytest

from limen.dossier.render import html
from limen.dossier.sections.mechanism.build import mechanism
from limen.dossier.terminal import at_terminal
from limen.protocol import load
from limen.response import MARKERS
from support import sample


@pytest.fixture(scope="module")
def protocol(examples):
    return load(examples / "adhd_20ug.yaml")


@pytest.fixture(scope="module")
def section(adhd, protocol):
    return mechanism(adhd, protocol)


def test_every_marker_is_there_with_both_pictures_and_three_sizes(section):
    assert [m.id for m in section.markers] == [m.id for m in MARKERS]
    for m in section.markers:
        assert {n.what for n in m.needed} >= {"full dose", "if the link holds", "expected"}
        assert len(m.off.at) == len(m.on.at) > 10
        if m.switch and m.id != "cortisol":
            assert max(map(abs, m.off.q95)) < 1e-6
    assert section.scenario is section.assumes is section.mediated is None


def test_cortisol_has_its_rhythm_and_changes_little_at_a_microdose(section):
    day = section.cortisol
    assert (day.dose_clock, day.dose_stated) == ("09:00", False)
    assert [s.clock for s in day.samples] == ["08:00", "12:00", "16:00"]
    peak = day.without.at[int(np.argmax(day.without.median))]
    assert 7.5 <= peak <= 9.5
    assert day.samples[0].before_dose
    assert abs(day.samples[0].change.value) < 1e-3
    assert 0 <= day.samples[1].change.value < 5


def test_the_protocols_clock_is_used(adhd, protocol):
    told = protocol.model_copy(
        update={"clock": type(protocol.clock)(dose="07:00", samples=("06:45", "11:00"))}
    )
    day = mechanism(adhd, told).cortisol
    assert (day.dose_clock, day.dose_stated, day.samples_stated) == ("07:00", True, True)
    assert [s.clock for s in day.samples] == ["06:45", "11:00"]


def test_a_scenario_is_printed_in_red_at_the_verdict_and_in_its_section():
    page, silent = html(sample.mediated()), html(sample.with_mechanism())
    assert page.count('class="assumed"') == 2
    assert 'class="assumed"' in page.split("</header>")[0]
    assert 'class="assumed"' not in silent
    assert "ASSUMED" in at_terminal(sample.mediated())
    assert "ASSUMED" not in at_terminal(sample.with_mechanism())
