"""Reading expressions of a Playwright script: texts, locators, what is expected of a page.

The opposite of `code`. Nothing is evaluated: the syntax tree is read, and what is not
known raises `Unknown`.
"""

import ast
from collections.abc import Callable, Collection
from typing import Any

from tasks.workflow.notation import LocatorError, parse_locator
from tasks.workflow.playwright_script.code import name_of

Data = dict[str, Any]
"""A condition or step as a file would have it."""


class Unknown(Exception):
    """A piece of the script that no workflow can say."""


class Expressions:
    """Reads expressions in which these variables may stand.

    `roots` are the variables that are pages, `secrets` those that are secrets.
    """

    def __init__(self, roots: Collection[str], names: Collection[str], secrets: Collection[str]):
        self.roots = set(roots)
        self.names = set(names)
        self.secrets = set(secrets)

    def text(self, node: ast.expr) -> str:
        """A text with templates for variables."""
        match node:
            case ast.Constant(value=str() | int() | float() as value) if "{{" not in str(value):
                return str(value)
            case ast.Name() | ast.Subscript():
                path = self.path(node)
                return f"{{{{{path}}}}}" if path in self.secrets else f"{{{{ {path} }}}}"
            case ast.JoinedStr(values=pieces):
                return "".join(map(self._piece, pieces))
            case ast.Call(func=ast.Name(id="urljoin"), args=[_, url]):
                return self.text(url)
        raise Unknown

    def _piece(self, node: ast.expr) -> str:
        return self.text(node.value if isinstance(node, ast.FormattedValue) else node)

    def path(self, node: ast.expr) -> str:
        """What a variable stands for: `size`, or `row.price` for `row["price"]`."""
        match node:
            case ast.Name(id=variable) if name_of(variable) in {*self.names, *self.secrets}:
                return name_of(variable)
            case ast.Subscript(value=record, slice=ast.Constant(value=str() as key)):
                return f"{self.path(record)}.{key}"
        raise Unknown

    def root(self, node: ast.expr) -> str:
        """The variable at which a chain of calls begins."""
        while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
            node = node.func if isinstance(node, ast.Call) else node.value
        return node.id if isinstance(node, ast.Name) else ""

    def locator(self, node: ast.expr) -> str:
        """A locator in Playwright's notation, without the page that it begins at."""
        if self.root(node) not in self.roots:
            raise Unknown
        code = ast.unparse(_Templated(self).visit(_copy(node)))
        try:
            return str(parse_locator(code))
        except LocatorError:
            raise Unknown from None

    def expectation(self, node: ast.expr) -> Data:
        """The condition of `expect(…).to_be_visible()`."""
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name(id="expect"), args=[what]), attr=how
                ),
                args=given,
            ):
                return self._expected(what, how, given)
        raise Unknown

    def _expected(self, what: ast.expr, how: str, given: list[ast.expr]) -> Data:
        match what, how:
            case ast.Name(id=page), "to_have_url" if page in self.roots:
                return {"url": self._address(given[0])}
            case (
                ast.Call(
                    func=ast.Attribute(value=found, attr="nth"),
                    args=[ast.Constant(value=int() as number)],
                ),
                "to_be_attached" | "not_to_be_attached",
            ):
                bound = {"at_least": number + 1} if how == "to_be_attached" else {"at_most": number}
                return {"count": self.locator(found), **bound}
            case (
                ast.Call(
                    func=ast.Attribute(value=found, attr="locator"),
                    args=[ast.Constant(value="option:checked")],
                ),
                "to_have_text",
            ):
                return {"value": self.locator(found), "is": self.text(given[0])}
        read = _CHECKS.get(how)
        if read is None:
            raise Unknown
        return read(self, what, given)

    def _address(self, node: ast.expr) -> str:
        match node:
            case ast.Call(func=ast.Name(id="address"), args=[pattern]):
                return self.text(pattern)
        return self.text(node)

    def place(self, node: ast.expr) -> Data:
        """Where a text is looked for: nothing for the whole page."""
        found = self.locator(node)
        return {} if found == 'locator("body")' else {"in": found}

    def question(self, node: ast.expr) -> Data:
        """The condition that an expression asks for."""
        if isinstance(node, ast.BoolOp):
            several = [self.question(value) for value in node.values]
            if isinstance(node.op, ast.Or):
                return {"any": several}
            return _one_count(several) or {"all": several}
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.question(node.operand)
            return inner | {"is": False} if "checked" in inner else {"not": inner}
        match node:
            case ast.Compare(left=left, ops=[how], comparators=[right]):
                return self._comparison(left, how, right)
            case ast.Call(func=ast.Attribute(value=ast.Call() as pattern, attr="match")):
                return {"url": self._address(pattern)}
            case ast.Call(func=ast.Attribute(value=found, attr=asked)) if asked in _QUESTIONS:
                return _QUESTIONS[asked](self.locator(found))
        raise Unknown

    def _comparison(self, left: ast.expr, how: ast.cmpop, right: ast.expr) -> Data:
        match left, how, right:
            case _, ast.In() | ast.NotIn(), _:
                place = _called_on(_called_on(right, "lower"), "inner_text")
                key = "text" if isinstance(how, ast.In) else "no_text"
                return {key: self.text(_called_on(left, "lower")), **self.place(place)}
            case (
                ast.Call(func=ast.Attribute(value=found, attr="count")),
                ast.Eq() | ast.GtE() | ast.LtE(),
                ast.Constant(value=int() as number),
            ):
                key = {ast.Eq: "is", ast.GtE: "at_least", ast.LtE: "at_most"}[type(how)]
                return {"count": self.locator(found), key: number}
            case ast.Call(func=ast.Attribute(value=field, attr="input_value")), ast.Eq(), _:
                return {"value": self.locator(field), "is": self.text(right)}
            case _, ast.Eq(), _:
                return {"input": self.path(left), "is": self.text(right)}
        raise Unknown


class _Templated(ast.NodeTransformer):
    """Texts in the place of variables, and `page` in the place of any page's variable."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._expressions.roots:
            return ast.copy_location(ast.Name("page"), node)
        return self._text(node) if name_of(node.id) in self._known else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return self._text(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return self._text(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str):
            self._expressions.text(node)  # no template may stand in it already
        return node

    @property
    def _known(self) -> set[str]:
        return self._expressions.names | self._expressions.secrets

    def _text(self, node: ast.expr) -> ast.AST:
        return ast.copy_location(ast.Constant(self._expressions.text(node)), node)


Check = Callable[[Expressions, ast.expr, list[ast.expr]], Data]

_CHECKS: dict[str, Check] = {
    "to_be_visible": lambda e, w, _: {"visible": e.locator(w)},
    "not_to_be_hidden": lambda e, w, _: {"visible": e.locator(w)},
    "to_be_hidden": lambda e, w, _: {"hidden": e.locator(w)},
    "not_to_be_visible": lambda e, w, _: {"hidden": e.locator(w)},
    "to_contain_text": lambda e, w, a: {"text": e.text(a[0]), **e.place(w)},
    "to_have_text": lambda e, w, a: {"text": e.text(a[0]), **e.place(w)},
    "not_to_contain_text": lambda e, w, a: {"no_text": e.text(a[0]), **e.place(w)},
    "to_have_value": lambda e, w, a: {"value": e.locator(w), "is": e.text(a[0])},
    "to_be_checked": lambda e, w, _: {"checked": e.locator(w)},
    "not_to_be_checked": lambda e, w, _: {"checked": e.locator(w), "is": False},
    "to_be_enabled": lambda e, w, _: {"enabled": e.locator(w)},
    "to_be_disabled": lambda e, w, _: {"enabled": e.locator(w), "is": False},
    "to_be_attached": lambda e, w, _: {"count": e.locator(w), "at_least": 1},
    "not_to_be_attached": lambda e, w, _: {"count": e.locator(w), "is": 0},
    "to_have_count": lambda e, w, a: {"count": e.locator(w), "is": int(e.text(a[0]))},
}

_QUESTIONS: dict[str, Callable[[str], Data]] = {
    "is_visible": lambda found: {"visible": found},
    "is_hidden": lambda found: {"hidden": found},
    "is_checked": lambda found: {"checked": found},
    "is_enabled": lambda found: {"enabled": found},
    "is_disabled": lambda found: {"enabled": found, "is": False},
}


def without_await(tree: ast.Module) -> ast.Module:
    """The same without `async` and `await`: an asynchronous script says the same things."""

    class Strip(ast.NodeTransformer):
        def visit_Await(self, node: ast.Await) -> ast.AST:
            inner: ast.AST = self.visit(node.value)
            return inner

        def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
            self.generic_visit(node)
            plain = ast.With(items=node.items, body=node.body)
            return ast.copy_location(plain, node)

    stripped: ast.Module = Strip().visit(tree)
    return stripped


def _one_count(several: list[Data]) -> Data | None:
    """`count() >= 1 and count() <= 3` is one condition."""
    same = all("count" in each for each in several)
    if not same or len({each["count"] for each in several}) > 1:
        return None
    return {key: value for each in several for key, value in each.items()}


def _called_on(node: ast.expr, method: str) -> ast.expr:
    """What a method is called on; the node itself if it is no such call."""
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name == method:
            return receiver
    return node


def _copy(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body
