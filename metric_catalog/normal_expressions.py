"""Owns the normal form of expressions: arithmetic as sums of products, all else as sorted text.

`Sum` maps products (what is multiplied, with exponents) to their coefficients, so that terms and
factors in another order, other parentheses and `a - b` for `a + (-b)` come to the same.
"""

from collections.abc import Callable
from fractions import Fraction

from sqlglot import exp

Product = tuple[tuple[str, int], ...]
Sum = dict[Product, Fraction]
Name = Callable[[str], Sum]
ONE: Product = ()
_MIRRORED: dict[type[exp.Expr], str] = {exp.GT: "<", exp.GTE: "<="}
_SIGNS: dict[type[exp.Expr], str] = {exp.LT: "<", exp.LTE: "<=", exp.EQ: "=", exp.NEQ: "!="}
_OPPOSITE: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GTE, exp.GTE: exp.LT, exp.GT: exp.LTE, exp.LTE: exp.GT, exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}  # fmt: skip
_FLOATS = frozenset({exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT})
MOST_TERMS = 64


def atom(text: str) -> Sum:
    """Return what has no arithmetic inside as a sum."""
    return {((text, 1),): Fraction(1)}


def column(name: str) -> Sum:
    """Return a column of the table itself."""
    return atom(name.lower())


def text_of(value: Sum) -> str:
    """Return the one text of all sums that are equal."""
    terms = sorted((key, number) for key, number in value.items() if number)
    return " + ".join(f"{number}{''.join(f'*{a}^{e}' for a, e in key)}" for key, number in terms)


def expression(tree: exp.Expr, name: Name = column) -> Sum:
    """Return the normal form of `tree`; `name` gives that of each column."""
    match tree:
        case exp.Paren():
            return expression(tree.this, name)
        case exp.Column():
            return name(tree.name)
        case exp.Literal() if not tree.is_string:
            return {ONE: Fraction(tree.name)}
        case exp.Neg():
            return _scaled(expression(tree.this, name), Fraction(-1))
        case exp.Add():
            return _added(expression(tree.left, name), expression(tree.right, name))
        case exp.Sub():
            right = _scaled(expression(tree.right, name), Fraction(-1))
            return _added(expression(tree.left, name), right)
        case exp.Mul():
            return times(expression(tree.left, name), expression(tree.right, name))
        case exp.Div():
            return over(expression(tree.left, name), expression(_divisor(tree.right), name))
        case exp.Cast() if tree.to.this in _FLOATS:
            return expression(tree.this, name)
    return atom(_other(tree, name))


def _divisor(tree: exp.Expr) -> exp.Expr:
    """Return a divisor without what keeps it from being zero: every ratio is null there."""
    tree = tree.unnest()
    if isinstance(tree, exp.Nullif):
        zero = tree.expression
        if isinstance(zero, exp.Literal) and not zero.is_string and Fraction(zero.name) == 0:
            return _divisor(tree.this)
    return tree


def _added(left: Sum, right: Sum) -> Sum:
    found = dict(left)
    for key, number in right.items():
        found[key] = found.get(key, Fraction(0)) + number
    return {key: number for key, number in found.items() if number}


def _scaled(value: Sum, factor: Fraction) -> Sum:
    return {key: number * factor for key, number in value.items()}


def times(left: Sum, right: Sum) -> Sum:
    """Return the product of two sums, multiplied out where that stays short."""
    if len(left) * len(right) > MOST_TERMS:
        return {_product(((text_of(left), 1),), ((text_of(right), 1),)): Fraction(1)}
    found: Sum = {}
    for one, first in left.items():
        for other, second in right.items():
            found = _added(found, {_product(one, other): first * second})
    return found


def over(above: Sum, below: Sum) -> Sum:
    """Return the quotient of two sums."""
    terms = sorted(below.items())
    if len(terms) == 1:
        ((key, number),) = terms
        turned = tuple((name, -exponent) for name, exponent in key)
        return times(above, {turned: 1 / number}) if number else atom("division by zero")
    if not terms:
        return atom("division by zero")
    first = terms[0][1]
    whole = f"({text_of(_scaled(below, 1 / first))})"
    return times(above, {((whole, -1),): 1 / first})


def _product(one: Product, other: Product) -> Product:
    powers: dict[str, int] = {}
    for name, exponent in (*one, *other):
        powers[name] = powers.get(name, 0) + exponent
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _other(tree: exp.Expr, name: Name) -> str:
    """Return the text of what is no arithmetic, its own parts in normal form."""

    def part(inner: exp.Expr) -> str:
        return text_of(expression(inner, name))

    match tree:
        case exp.Literal() | exp.Boolean() | exp.Null():
            return tree.sql(dialect="duckdb").lower() if not tree.is_string else repr(tree.name)
        case exp.And() | exp.Or():
            kind = type(tree)
            parts = {part(item) for item in tree.flatten()}
            return f"{kind.__name__}({'; '.join(sorted(parts))})"
        case exp.EQ() | exp.NEQ():
            sides = sorted((part(tree.left), part(tree.right)))
            return f"({sides[0]} {_SIGNS[type(tree)]} {sides[1]})"
        case exp.LT() | exp.LTE():
            return f"({part(tree.left)} {_SIGNS[type(tree)]} {part(tree.right)})"
        case exp.GT() | exp.GTE():
            return f"({part(tree.right)} {_MIRRORED[type(tree)]} {part(tree.left)})"
        case exp.Not():
            return _negated(tree.this.unnest(), name)
        case exp.In():
            members = sorted({part(item) for item in tree.expressions})
            return f"({part(tree.this)} in {members})"
    inner = [f"{key}={_argument(value, part)}" for key, value in sorted(tree.args.items()) if value]
    return f"{type(tree).__name__}({', '.join(inner)})"


def _negated(tree: exp.Expr, name: Name) -> str:
    opposite = _OPPOSITE.get(type(tree))
    if opposite is not None:
        return _other(opposite(this=tree.args["this"], expression=tree.expression), name)
    if isinstance(tree, exp.Not):
        return text_of(expression(tree.this, name))
    return f"Not({text_of(expression(tree, name))})"


def _argument(value: object, part: Callable[[exp.Expr], str]) -> str:
    if isinstance(value, exp.If | exp.DataType | exp.Var):
        return value.sql(dialect="duckdb").lower() if not isinstance(value, exp.If) else (
            f"{part(value.this)}: {part(value.args['true'])}"
        )  # fmt: skip
    if isinstance(value, exp.Expr):
        return part(value)
    if isinstance(value, list):
        return str([_argument(item, part) for item in value])
    return str(value)
