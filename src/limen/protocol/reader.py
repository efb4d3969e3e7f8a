"""From text to plain values with the line of each: YAML 1.2, no tags, no aliases, no duplicate keys."""

# ruamel.yaml publishes no types for its nodes and marks.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path as File
from typing import Any
from unicodedata import category

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from limen.errors import Place, ProtocolError, ProtocolErrors
from limen.protocol.paths import FieldPath, path_text

MAX_BYTES = 100_000  # twenty times a long protocol; the reader takes seconds a megabyte
MAX_VALUES = 20_000
_TAG = "tag:yaml.org,2002:"
START = "a protocol starts with 'limen: 1'; see the files in examples/"


class Source:
    """The values of one file, with the line on which each field stands."""

    def __init__(self, file: File | str | None):
        self.file = file
        self.lines: dict[FieldPath, int] = {}
        self.errors: list[ProtocolError] = []

    def place(self, path: FieldPath) -> Place:
        """Where a field is, or where the nearest part around it is."""
        inside = path
        while inside and inside not in self.lines:
            inside = inside[:-1]
        return Place(file=self.file, line=self.lines.get(inside), field=path_text(path) or None)

    def wrong(self, node: Node, path: FieldPath, what: str, remedy: str | None = None) -> None:
        where = Place(file=self.file, line=node.start_mark.line + 1, field=path_text(path) or None)
        self.errors.append(ProtocolError(what, where, remedy))


def decode(file: File) -> str:
    """The text of a file. Raises ProtocolErrors for one that is missing, too large, or not text."""
    try:
        if file.is_file() and file.stat().st_size > MAX_BYTES:
            raise _one("is larger than 100 kB, which no protocol is", file)
        raw = file.read_bytes()
    except OSError as error:
        raise _one(
            f"cannot be read: {error.strerror or error}", file, "give the path of a protocol file"
        ) from None
    except ValueError as error:
        raise _one(f"cannot be read: {error}", ascii(str(file)), "give the path of a protocol file") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _one("is not text in UTF-8 (a binary file?)", file, "a protocol is a YAML text file") from None


def _one(
    what: str, file: File | str | None, remedy: str | None = None, line: int | None = None
) -> ProtocolErrors:
    return ProtocolErrors([ProtocolError(what, Place(file=file, line=line), remedy)])


def parse(text: str, file: File | str | None) -> tuple[dict[str, Any], Source]:
    """Values and lines of a YAML text. Raises ProtocolErrors with every mistake of form."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _one("is larger than 100 kB, which no protocol is", file)
    if "\0" in text:
        raise _one("is a binary file, not text", file, "a protocol is a YAML text file")
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark is not None else None
        raise _one(
            f"is not YAML: {_plain(what)}", file, "check quotes, colons and indentation there", line
        ) from None
    except YAMLError as error:
        raise _one(f"is not YAML: {_plain(str(error))}", file) from None
    except RecursionError:
        raise _one("is nested too deeply to be a protocol", file) from None
    except (
        ValueError,
        IndexError,
        AttributeError,
        AssertionError,
        TypeError,
        KeyError,
        OverflowError,
    ) as error:
        # The scanner lets a few malformed texts through to plain Python errors.
        raise _one(f"is not YAML: {_plain(str(error))}", file) from None
    if node is None or (isinstance(node, ScalarNode) and node.tag == f"{_TAG}null"):
        raise _one("is empty", file, START)
    if not isinstance(node, MappingNode):
        kind = "a list" if isinstance(node, SequenceNode) else "plain text"
        raise _one(f"is {kind}, not a mapping of fields", file, START, node.start_mark.line + 1)
    source = Source(file)
    try:
        value = _value(node, (), source, set())
    except RecursionError:
        raise _one("is nested too deeply to be a protocol", file) from None
    if source.errors:
        raise ProtocolErrors(source.errors)
    return value, source


def _plain(text: str) -> str:
    """One printable line."""
    return " ".join(text.split()).encode("ascii", "backslashreplace").decode()[:200]


def _value(node: Node, path: FieldPath, source: Source, seen: set[int]) -> Any:
    if id(node) in seen:
        source.wrong(node, path, "aliases (*name) are not used in protocols", "write the value out again")
        return None
    seen.add(id(node))
    if len(seen) > MAX_VALUES:
        raise _one(f"holds more than {MAX_VALUES} values, which no protocol does", source.file)
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return _mapping(node, path, source, seen)
    if isinstance(node, SequenceNode):
        return [_value(item, (*path, index), source, seen) for index, item in enumerate(node.value)]
    return _scalar(node, path, source)


def _mapping(node: MappingNode, path: FieldPath, source: Source, seen: set[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            source.wrong(key_node, path, "a field name is not plain text", "write 'name: value'")
            continue
        key = str(key_node.value)
        here = (*path, key)
        if not key.isprintable():
            source.wrong(key_node, path, f"the field name {key[:80]!a} holds unprintable characters")
        elif key in found:
            first = source.lines[here]
            source.wrong(
                key_node, here, f"{key!r} is given twice (first on line {first})", "keep one of them"
            )
        else:
            source.lines[here] = key_node.start_mark.line + 1
            found[key] = _value(value_node, here, source, seen)
    return found


def _scalar(node: Node, path: FieldPath, source: Source) -> Any:
    text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        source.wrong(node, path, "the text holds half a character (a lone surrogate)")
        return None
    if any(category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        source.wrong(node, path, f"the text {text[:40]!a} holds a control character", "leave it out")
        return None
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("int", "float"):
        try:
            return _number(text, kind)
        except (ValueError, OverflowError):
            source.wrong(node, path, f"{text[:40]!r} is not a number limen can use")
            return None
    if kind in ("str", "timestamp"):
        return text
    source.wrong(node, path, f"the tag {str(node.tag)[:60]!a} is not used in protocols", "leave the tag out")
    return None


def _number(text: str, kind: str) -> int | float:
    plain = text.replace("_", "")
    if kind == "float":
        special = {".inf": "inf", "-.inf": "-inf", "+.inf": "inf", ".nan": "nan"}
        return float(special.get(plain.lower(), plain))
    if abs(value := int(plain, 0 if plain.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)) > 10**15:
        raise OverflowError
    return value
