"""What may be changed in a module: each change is a splice of its source, so that everything else stays as it is."""

import ast
from collections.abc import Iterator
from itertools import accumulate, chain
from typing import NamedTuple, TypeAlias

_EDGES: dict[type[ast.cmpop], str] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
_FLIPS: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
}
_TWINS = {"any": "all", "all": "any", "min": "max", "max": "min"}
_EXITS = (ast.Return, ast.Continue, ast.Raise, ast.Break)

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Change(NamedTuple):
    """A kind, the bytes of the source from ``start`` to ``end``, and what stands there instead; ``owner`` is the function it is in."""

    kind: str
    owner: str
    start: int
    end: int
    text: str

    def of(self, source: bytes) -> bytes:
        """The changed source."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def shown(self, source: bytes) -> str:
        """The line, the kind, what stood there and what stands there now."""
        line = source.count(b"\n", 0, self.start) + 1
        return f"{line}: {self.kind}: {' '.join(source[self.start : self.end].decode().split())} -> {' '.join(self.text.split())}"


def changes(source: bytes) -> list[Change]:
    """All changes of a module, in the order of its text."""
    return list(_Reader(source).walk(ast.parse(source), ""))


class _Reader:
    """The text of a module, by the nodes of its tree."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.lines = [0, *accumulate(len(line) for line in source.splitlines(keepends=True))]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.lines[node.lineno - 1] + node.col_offset, self.lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr | ast.stmt) -> str:
        return f"({self.source[slice(*self.span(node))].decode()})"

    def walk(self, node: ast.AST, owner: str, function: Function | None = None) -> Iterator[Change]:
        """All changes below a node. Annotations, docstrings, decorators, f-strings and what only mypy reads stay as they are."""
        match node:
            case ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Subscript(value=ast.Name(id="Literal")):
                return
            case ast.keyword(arg="strict") | ast.Assign(targets=[ast.Name(id="__all__" | "__slots__")]):
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                owner, function, children = f"{owner}.{node.name}".lstrip("."), node, [node.args, *node.body]
            case ast.ClassDef():
                owner, function, children = f"{owner}.{node.name}".lstrip("."), None, [*node.body]
            case _:
                children = [child for child in ast.iter_child_nodes(node) if child is not getattr(node, "annotation", None)]
                found = chain(self.of_conditions(node), self.of_results(node, function), self.of_values(node, function))
                yield from (Change(kind, owner, *self.span(place), text) for kind, place, text in found)
        for child in children:
            if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
                yield from self.walk(child, owner, function)

    def of_conditions(self, node: ast.AST) -> Iterator[tuple[str, ast.expr, str]]:
        """Edges, directions, operands and guards."""
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                for kind, others in (("edge", _EDGES), ("flip", _FLIPS)):
                    if type(op) in others:
                        yield kind, node, f"{self.text(left)} {others[type(op)]} {self.text(right)}"
            case ast.BoolOp(op=operator, values=values):
                word, other = (" and ", " or ") if isinstance(operator, ast.And) else (" or ", " and ")
                texts = [self.text(value) for value in values]
                yield "and/or", node, f"({other.join(texts)})"
                yield from (("operand", node, f"({word.join(texts[:index] + texts[index + 1 :])})") for index in range(len(texts)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield "not", node, self.text(operand)
            case ast.If(test=test, body=body, orelse=[]):
                yield "guard", test, f"({self.text(test)} {'and False' if isinstance(body[-1], _EXITS) else 'or True'})"
            case ast.IfExp(test=test):
                yield "flip", test, f"(not {self.text(test)})"
            case ast.comprehension(ifs=tests):
                yield from (("guard", test, f"({self.text(test)} or True)") for test in tests)
            case ast.match_case(guard=ast.expr() as guard):
                yield "guard", guard, f"({self.text(guard)} or True)"
            case ast.Call(func=ast.Name(id=name) as called) if name in _TWINS:
                yield "flip", called, _TWINS[name]

    def of_results(self, node: ast.AST, function: Function | None) -> Iterator[tuple[str, ast.expr, str]]:
        """What is returned, yielded or done."""
        match node:
            case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
                boolean = function is not None and isinstance(function.returns, ast.Name) and function.returns.id == "bool"
                yield "return", value, f"(not {self.text(value)})" if boolean else "None"
            case ast.Return(value=ast.Constant(value=bool(value)) as place):
                yield "return", place, str(not value)
            case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call() as value):
                yield "return", value, f"({self.text(value)} if False else None)"

    def of_values(self, node: ast.AST, function: Function | None) -> Iterator[tuple[str, ast.expr, str]]:
        """Defaults, numbers and words; sentences are others' matter."""
        match node:
            case ast.Constant(value=bool(value)):
                is_returned = function and any(isinstance(inner, ast.Return) and inner.value is node for inner in ast.walk(function))
                if not is_returned:
                    yield "default", node, str(not value)
            case ast.Constant(value=int(value)):
                yield from (("±1", node, f"({value + step})") for step in (1, -1))
            case ast.BinOp(op=ast.Add() | ast.Sub() as plus, left=left, right=right) if not isinstance(right, ast.Constant | ast.JoinedStr):
                yield "±1", node, f"({self.text(left)} {'-' if isinstance(plus, ast.Add) else '+'} {self.text(right)})"
            case ast.Constant(value=str(value)) if value and " " not in value:
                yield "constant", node, '""'
