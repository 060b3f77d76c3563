"""Owns markup: text becomes HTML only here, and is escaped unless it was made here."""

from collections.abc import Iterable
from html import escape

VOID = frozenset({"img", "input", "br", "source"})


class Html(str):
    """Markup that is safe to show. Every other string is text and gets escaped."""

    __slots__ = ()


EMPTY = Html()
Attribute = str | int | bool | None


def markup(child: str) -> Html:
    """Return text escaped, markup as it is."""
    return child if isinstance(child, Html) else Html(escape(child, quote=True))


def join(children: Iterable[str], between: str = "") -> Html:
    """Return the children one after the other."""
    return Html(markup(between).join(markup(child) for child in children))


def tag(tag_name: str, *children: str, **attributes: Attribute) -> Html:
    """Return an element; `class_` is written `class`, `data_do` `data-do`, True as a bare name.

    Attributes that are None or False are left out.
    """
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag_name in VOID:
        return Html(f"<{tag_name}{written}>")
    return Html(f"<{tag_name}{written}>{join(children)}</{tag_name}>")


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escape(str(value), quote=True)}"'


def list_of(children: Iterable[str], class_: str | None = None) -> Html:
    """Return a list with one item per child, nothing for none."""
    items = [tag("li", child) for child in children]
    return tag("ul", *items, class_=class_) if items else EMPTY


def button(label: str, class_: str, **data: Attribute) -> Html:
    """Return a button whose `data` say what it does (see page.js)."""
    named: dict[str, Attribute] = {f"data_{name}": value for name, value in data.items()}
    return tag("button", label, type="button", class_=f"am-button {class_}", **named)
