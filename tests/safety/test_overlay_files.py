"""A local overlay that cannot be used says what is wrong with it, whatever is in the file."""

import pytest

from limen.errors import LimenError
from limen.parameters import load
from limen.safety.rules.overlay import load_overlay

WRONG = {
    "a list for a choice": b'[choose]\nbipolar = ["a", "b"]\n',
    "a table for a choice": b"[choose.bipolar]\nrule = 1\n",
    "a number for a choice": b"[choose]\nbipolar = 3\n",
    "a list for the choices": b'choose = ["a"]\n',
    "a word for a list of rules": b'tighten = "INT001"\n',
    "not UTF-8": b"# caf\xe9\n[choose]\n",
    "not text": bytes(range(256)),
    "not TOML": b"[choose\n",
    "a table nobody reads": b"[chose]\n",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("name", ["rules.toml", "règles d'ici (1) ;.toml"])
def test_an_overlay_of_rules_is_refused_by_name(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LimenError, match="toml") as refused:
        load_overlay(path)
    assert refused.value.where.file == path
    assert refused.value.remedy


@pytest.mark.parametrize("content", [b"# caf\xe9\n", bytes(range(256)), b"top = \n"])
def test_parameters_of_ones_own_are_refused_by_file(tmp_path, content):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(LimenError) as refused:
        load().joined("mine", path)
    assert str(path) in str(refused.value)


def test_parameters_that_are_not_there_are_refused_by_file(tmp_path):
    with pytest.raises(LimenError, match=r"absent\.toml"):
        load().joined("mine", tmp_path / "absent.toml")
