"""Owns the reading of one YAML file: its plain content, or one fault with its line.

What parsers say is for those who write parsers; a fault has a code, whose sentence tells in every
language what is wrong and what to do.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from metric_catalog.issues import Issue, issue

MAX_FILE_BYTES = 5_000_000
MAX_DEPTH = 40
"""How deep files may nest; the parser fails without an error on 100,000 levels."""
LONGEST_SHOWN = 40
PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str")
"""Values are what they look like; a tag may only keep one a text."""
_NAMED = re.compile(r"\b(?:id|name|table)\s*:\s*[\"']?([\w.-]+)")
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

FAULTS: tuple[tuple[str, str, bool], ...] = (
    ("tab", "yaml_tab", False),
    ("mapping values are not allowed", "yaml_colon", False),
    ("could not find expected ':'", "yaml_no_colon", True),
    ("expected ',' or", "yaml_open_bracket", True),
    ("unexpected end of stream", "yaml_open_quote", True),
    ("unexpected document indicator", "yaml_open_quote", True),
    ("cannot start any token", "yaml_first_letter", False),
    ("alphabetic or numeric character", "yaml_alias", False),
    ("escape", "yaml_escape", False),
    ("hexdecimal", "yaml_escape", False),
    ("hexadecimal", "yaml_escape", False),
    ("node content", "yaml_no_value", False),
    ("another document", "yaml_documents", False),
    ("constructor for the tag", "yaml_tag", False),
    ("expected '-' indicator", "yaml_indent", False),
    ("expected key", "yaml_indent", False),
    ("block end", "yaml_indent", False),
    ("expected <document start>", "yaml_indent", False),
)
"""What both parsers of the library say, what it means, and whether it began at the earlier mark."""


class BrokenYaml(ValueError):
    """A file is no YAML that can be read. `code` names the sentence, `arguments` fill it."""

    def __init__(self, code: str, **arguments: object) -> None:
        self.code = code
        self.arguments = {name: str(value) for name, value in arguments.items()}
        super().__init__(code)


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML without duplicate keys; a value that is none is a fault at its line."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except BrokenYaml:
            raise
        except ValueError as error:  # a day that does not exist, a number without end
            shown = str(node.value)[:LONGEST_SHOWN]
            raise BrokenYaml("yaml_value", line=_line(node), value=shown) from error


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if isinstance(key, list | dict):
            raise BrokenYaml("yaml_key_shape", line=_line(key_node))
        if key in seen:
            raise BrokenYaml("yaml_key_twice", line=_line(key_node), key=key)
        seen.add(key)
    return dict(loader.construct_pairs(node, deep=True))


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def read_yaml(file: Path) -> Any:
    """Return the plain content of one YAML file; raises BrokenYaml or OSError."""
    if file.stat().st_size > MAX_FILE_BYTES:
        raise BrokenYaml("file_too_large", limit=MAX_FILE_BYTES)
    text = _text(file.read_bytes())
    try:
        _check_shape(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (safe loader)
    except yaml.YAMLError as error:
        raise _fault(error, text) from error


def unreadable(error: BrokenYaml | OSError, place: str) -> Issue:
    """Return why the file at `place` cannot be read."""
    if isinstance(error, BrokenYaml):
        return Issue(error.code, tuple(error.arguments.items()), place)
    return issue("unreadable_file", place, reason=error.strerror or type(error).__name__)


def names_in(file: Path) -> frozenset[str]:
    """Return what a file that cannot be read seems to define: the words after id, name, table."""
    try:
        text = file.read_bytes()[:MAX_FILE_BYTES].decode("utf-8", "replace")
    except OSError:
        return frozenset()
    return frozenset(_NAMED.findall(text))


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenYaml("yaml_letters", line=content.count(b"\n", 0, error.start) + 1) from error
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise BrokenYaml("yaml_control", line=line, letter=f"U+{ord(control[0]):04X}")
    return text


def _check_shape(text: str) -> None:
    """Raise BrokenYaml on aliases (expansion bombs), tags, and nesting beyond `MAX_DEPTH`."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise BrokenYaml("yaml_alias", line=line)
        tag = getattr(event, "tag", None)
        if tag not in PLAIN_TAGS:
            raise BrokenYaml("yaml_tag", line=line)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BrokenYaml("yaml_depth", line=line, limit=MAX_DEPTH)


def _fault(error: yaml.YAMLError, text: str) -> BrokenYaml:
    """Return the fault that a parser's error stands for."""
    problem = str(getattr(error, "problem", "") or "")
    at, began = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    ended = at is not None and not text[_offset(text, at) :].strip()
    line = min(at.line, text.rstrip().count("\n")) + 1 if at else 1
    letter = _letter(text, at)
    if letter == "\t":
        return BrokenYaml("yaml_tab", line=line)
    opened = _open_quote(text, line)
    if opened:
        return BrokenYaml("yaml_open_quote", line=opened)
    if ended and "flow" in str(getattr(error, "context", "")):
        return BrokenYaml("yaml_open_bracket", line=_open_bracket(text) or line)
    for words, code, earlier in FAULTS:
        if words in problem:
            line = began.line + 1 if earlier and began else line
            return BrokenYaml(code, line=line, letter=letter)
    return BrokenYaml("yaml_syntax", line=line)


def _open_quote(text: str, line: int) -> int | None:
    """Return the line of the quote that was closed by the opening one in `line`, None elsewhere.

    A forgotten quote ends at the next one, and what comes after that cannot be read.
    """
    try:
        for token in yaml.scan(text, Loader=_Loader):
            quoted = isinstance(token, yaml.ScalarToken) and token.style in ("'", '"')
            first, last = token.start_mark.line + 1, token.end_mark.line + 1
            if quoted and first < line <= last:
                return int(first)
            if first > line:
                return None
    except yaml.YAMLError:
        return None
    return None


def _open_bracket(text: str) -> int | None:
    """Return the line of the last bracket that is not closed."""
    lines: list[int] = []
    try:
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                lines.append(int(token.start_mark.line) + 1)
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                del lines[-1:]
    except yaml.YAMLError:
        pass
    return lines[-1] if lines else None


def _offset(text: str, mark: yaml.Mark) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: mark.line]) + int(mark.column)


def _letter(text: str, mark: yaml.Mark | None) -> str:
    return "" if mark is None else text[_offset(text, mark) :][:1]
