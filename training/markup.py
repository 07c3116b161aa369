"""Synthetic pages as documents, whose observation in Chromium must be that of `pages.look`."""

import html
import re
from collections.abc import Callable

from training.pages import Page, Widget

Marks = Callable[[Widget], str]
"""More attributes of a widget's own tag, each with a space before it."""

_OWN_TAG = re.compile(r"<(?!label\b)\w+")


def _none(widget: Widget) -> str:
    return ""


def to_html(page: Page, marks: Marks = _none) -> str:
    """The page as a document whose observation must be the same as `look`'s."""
    body = "\n".join(_html(widget, marks) for widget in page.widgets)
    title = html.escape(page.title)
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>"
        "<style>label,button{display:block}</style></head>"
        f"<body>\n{body}\n{_FOCUS}</body></html>"
    )


_FOCUS = "<script>document.querySelector('[autofocus]')?.focus()</script>"


def _html(widget: Widget, marks: Marks) -> str:
    more = marks(widget)
    return _OWN_TAG.sub(lambda tag: tag[0] + more, _element(widget, marks), count=1)


def _element(widget: Widget, marks: Marks) -> str:
    inner = "\n".join(_html(child, marks) for child in widget.children)
    name, text = html.escape(widget.name), html.escape(widget.text)
    label = f' aria-label="{name}"' if name else ""
    match widget.kind:
        case "heading":
            return f"<h2>{name}</h2>"
        case "text":
            return f"<p>{text}</p>"
        case "link":
            return f'<a href="#{len(name)}"{_attributes(widget)}>{name}</a>'
        case "button":
            return f"<button type=button{_attributes(widget)}>{name}</button>"
        case "alert" | "status":
            return f"<p role={widget.kind}>{text}</p>"
        case "list":
            return f"<ul>{inner}</ul>"
        case "item":
            return f"<li>{text} {inner}</li>"
        case "group":
            return f"<fieldset><legend>{name}</legend>{inner}</fieldset>"
        case "nav" | "header" | "footer" | "form":
            return f"<{widget.kind}{label}>{inner}</{widget.kind}>"
        case "region":
            return f"<section{label}>{inner}</section>"
        case "dialog":
            return f"<div role=dialog{label}>{inner}</div>"
        case "frame":
            return f'<iframe title="{name}" srcdoc="{html.escape(inner + _FOCUS)}"></iframe>'
        case "tabs":
            return f"<div role=tablist{label}>{inner}</div>"
        case "tab":
            return f"<div role=tab{label} tabindex=0{_attributes(widget)}>{inner or name}</div>"
        case "panel":
            return f"<div role=tabpanel{label}>{inner}</div>"
        case "menuitem":
            return f"<div role=menuitem tabindex=-1{_attributes(widget)}>{name}{inner}</div>"
        case "clickable":
            return f"<div style='cursor:pointer'>{name}</div>"
        case "picture":
            called = name.replace(" ", "-")
            return f"<div class='{called}' style='cursor:pointer;width:9px;height:9px'></div>"
        case "listbox":
            return f"<div role=listbox{label}>{inner}</div>"
        case "option":
            return f"<div role=option tabindex=-1>{name}</div>"
        case "table":
            return f"<table>{inner}</table>"
        case "row":
            return f"<tr>{_cells(widget, inner)}</tr>"
        case "box":
            return f"<div>{text}{inner}</div>"
        case _:
            return _control(widget)


def _cells(row: Widget, inner: str) -> str:
    cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row.cells)
    return cells + (f"<td>{inner}</td>" if inner else "")


def _attributes(widget: Widget) -> str:
    flags = (
        ("checked", widget.checked),
        ("disabled", widget.disabled),
        ("required", widget.required),
        ('aria-invalid="true"', widget.invalid),
        ("autofocus", widget.focused),
        ("readonly", "readonly" in widget.states),
        ('aria-selected="true"', "selected" in widget.states),
        ('aria-expanded="true"', "expanded" in widget.states),
        ('aria-expanded="false"', "collapsed" in widget.states),
    )
    return "".join(f" {name}" for name, is_set in flags if is_set)


def _control(widget: Widget) -> str:
    name, more = html.escape("" if widget.beside else widget.name), _attributes(widget)
    if widget.kind == "check":
        role = " role=switch" if widget.type == "switch" else ""
        kind = "radio" if widget.type == "radio" else "checkbox"
        return f"<label><input type={kind}{role}{more}> {name}</label>"
    if widget.kind == "combo":
        chosen = widget.value or (widget.options[0] if widget.options else "")
        options = "".join(
            f"<option{' selected' if o == chosen else ''}{' disabled' if o in widget.dead else ''}>"
            f"{html.escape(o)}</option>"
            for o in widget.options
        )
        return f"<label>{name} <select{more}>{options}</select></label>"
    value = html.escape(widget.value)
    if widget.type == "area":
        return f"<label>{name} <textarea{more}>{value}</textarea></label>"
    return f'<label>{name} <input type={widget.type} value="{value}"{more}></label>'
