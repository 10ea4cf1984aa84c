"""Mutations of a function's source: every small change of its syntax tree, and the function run with the changed code.

The code object of the function is exchanged in place, so that everyone who has imported it runs the mutant, and put back afterwards.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType

COMPARISONS = {
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
CALCULATIONS = {ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Add: ast.Sub, ast.Sub: ast.Add}
NAMES = {"met": "not_met", "not_met": "met", "_both": "_either", "_either": "_both", "holds": "fails", "fails": "holds"}
ATTRIBUTES = {
    "met": "not_met", "not_met": "met", "MET": "NOT_MET", "NOT_MET": "UNKNOWN", "UNKNOWN": "NOT_MET", "maximum": "minimum",
}  # fmt: skip
TEXTS = {"$and": "$or", "$or": "$and", "$neq": "$lt"}


@dataclass(frozen=True)
class CodeChange:
    """A function, what was changed in it (line and the words before and after), and its code with the change."""

    function: FunctionType
    name: str
    code: CodeType

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The function as the mutant, for as long as the context lasts."""
        own = self.function.__code__
        self.function.__code__ = self.code
        try:
            yield
        finally:
            self.function.__code__ = own


def code_changes(function: FunctionType) -> list[CodeChange]:
    """Every change of one place in the function that compiles."""
    source = textwrap.dedent(inspect.getsource(function))
    first = function.__code__.co_firstlineno
    changes = []
    for number in range(_places(source)):
        tree = ast.parse(source)
        before, after, line = _changed(tree, number)
        if _names_nothing(tree, function):
            continue
        code = _compiled(tree, function)
        changes.append(CodeChange(function, f"{function.__qualname__}, line {first + line - 1}: `{before}` becomes `{after}`", code))
    return changes


def _names_nothing(tree: ast.Module, function: FunctionType) -> bool:
    """Whether the change reads a name that the function does not have: that would stop at once and show nothing."""
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES}
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    parameters = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return not read <= bound | parameters | set(function.__globals__)


def _places(source: str) -> int:
    return sum(1 for _ in _alternatives(ast.parse(source)))


def _changed(tree: ast.Module, number: int) -> tuple[str, str, int]:
    """Changes the place with this number; returns the words before and after and the line."""
    node, change = next(found for place, found in enumerate(_alternatives(tree)) if place == number)
    before = ast.unparse(node)
    change()
    return before, ast.unparse(node), node.lineno


def _compiled(tree: ast.Module, function: FunctionType) -> CodeType:
    """The code of the changed function, with the names of its own module in reach."""
    ast.fix_missing_locations(tree)
    names = dict(function.__globals__)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    exec(compile(tree, inspect.getfile(function), "exec", flags=annotations.compiler_flag, dont_inherit=True), names)
    return names[definition.name].__code__


def _alternatives(tree: ast.Module) -> Iterator[tuple[ast.AST, Callable[[], None]]]:
    """Every node that can be changed, with how; annotations, docstrings and keywords such as `axis=1` are left alone."""
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    for statement in definition.body:
        axes = {id(keyword.value) for keyword in ast.walk(statement) if isinstance(keyword, ast.keyword)}
        for node in ast.walk(statement):
            if id(node) not in axes:
                yield from ((node, change) for change in _changes_of(node))


def _changes_of(node: ast.AST) -> Iterator[Callable[[], None]]:
    match node:
        case ast.Compare(ops=[operator, *_]) if type(operator) in COMPARISONS:
            yield lambda: node.ops.__setitem__(0, COMPARISONS[type(operator)]())
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in CALCULATIONS:
            yield lambda: setattr(node, "op", CALCULATIONS[type(operator)]())
        case ast.UnaryOp(op=ast.Invert() | ast.Not()):
            yield lambda: setattr(node, "op", ast.UAdd()) if isinstance(node.op, ast.Not) else _double(node)
        case ast.BoolOp(op=operator):
            yield lambda: setattr(node, "op", ast.Or() if isinstance(operator, ast.And) else ast.And())
        case ast.Constant(value=bool() as value):
            yield lambda: setattr(node, "value", not value)
        case ast.Constant(value=int() as value):
            yield lambda: setattr(node, "value", value + 1)
        case ast.Constant(value=str() as value) if value in TEXTS:
            yield lambda: setattr(node, "value", TEXTS[value])
        case ast.Attribute(attr=name) if name in ATTRIBUTES:
            yield lambda: setattr(node, "attr", ATTRIBUTES[name])
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield lambda: setattr(node, "id", NAMES[name])
        case ast.Call(func=ast.Name(id="Plane"), args=[one, other]):
            yield lambda: setattr(node, "args", [other, one])
        case ast.Return(value=ast.Tuple(elts=[one, other])):
            yield lambda: setattr(node, "value", ast.Tuple([other, one], ast.Load()))


def _double(node: ast.UnaryOp) -> None:
    """`~x` becomes `~~x`, which is x."""
    node.operand = ast.UnaryOp(ast.Invert(), node.operand)
