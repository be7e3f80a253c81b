"""The small expression language of workflow definitions: a subset of JSON logic over a dossier's
facts, checked when a definition is read and evaluated without `eval`. An expression is a mapping
of one operator to its arguments, or a plain value. Pure: standard library only."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Facts = Mapping[str, Any]

DEEPEST = 12
"""How deep expressions may lie in one another: deeper is nobody's rule, but somebody's attack."""

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_ARGUMENTS = {"==": 2, "!=": 2, "<": 2, "<=": 2, ">": 2, ">=": 2, "in": 2, "not": 1, "var": 1}
_MANY = ("and", "or")


def complaint(expression: Any, depth: int = 0) -> str | None:
    """What is wrong with the form of `expression`: a code (`too_deep`, `unknown_operator`,
    `wrong_arguments`, `not_a_value`), or None if it can be evaluated."""
    if depth > DEEPEST:
        return "too_deep"
    if not isinstance(expression, Mapping):
        return None if _is_value(expression) else "not_a_value"
    if len(expression) != 1:
        return "unknown_operator"
    operator, arguments = next(iter(expression.items()))
    if operator not in _ARGUMENTS and operator not in _MANY:
        return "unknown_operator"
    listed = _listed(arguments)
    if not listed or (operator in _ARGUMENTS and len(listed) != _ARGUMENTS[operator]):
        return "wrong_arguments"
    if operator == "var":
        return None if isinstance(listed[0], str) and listed[0] else "wrong_arguments"
    if operator == "in" and isinstance(listed[1], Sequence) and not isinstance(listed[1], str):
        listed = [listed[0], *listed[1]]
    return next((found for part in listed if (found := complaint(part, depth + 1))), None)


def holds(expression: Any, facts: Facts) -> bool:
    """Whether `expression` is true of `facts`. A fact that is absent is null: equal to null, in
    nothing, and neither less nor more than anything."""
    return bool(value(expression, facts))


def value(expression: Any, facts: Facts) -> Any:
    """What `expression` amounts to over `facts`. Raises ValueError for an operator that the
    language has not."""
    if not isinstance(expression, Mapping):
        return expression
    operator, arguments = next(iter(expression.items()))
    listed = _listed(arguments)
    if operator == "var":
        return _fact(str(listed[0]), facts)
    if operator == "and":
        return all(holds(part, facts) for part in listed)
    if operator == "or":
        return any(holds(part, facts) for part in listed)
    if operator == "not":
        return not holds(listed[0], facts)
    if operator not in _ARGUMENTS:
        raise ValueError(f"unknown operator {operator!r}")
    return _compared(operator, value(listed[0], facts), _plain(listed[1], facts))


def variables(expression: Any) -> frozenset[str]:
    """The names of all facts that `expression` asks for."""
    if isinstance(expression, Mapping):
        operator, arguments = next(iter(expression.items()))
        if operator == "var":
            return frozenset({str(_listed(arguments)[0])})
        return frozenset().union(*(variables(part) for part in _listed(arguments)))
    if isinstance(expression, Sequence) and not isinstance(expression, str):
        return frozenset().union(*(variables(part) for part in expression))
    return frozenset()


def _compared(operator: str, left: Any, right: Any) -> bool:
    if operator == "==":
        return _same(left, right)
    if operator == "!=":
        return not _same(left, right)
    if operator == "in":
        if isinstance(right, str):
            return isinstance(left, str) and left in right
        return isinstance(right, Sequence) and any(_same(left, one) for one in right)
    if _is_number(left) and _is_number(right):
        return _COMPARISONS[operator](_exact(left), _exact(right))
    if isinstance(left, str) and isinstance(right, str):
        return _COMPARISONS[operator](left, right)
    return False


def _same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from true, as a reader of the definition would."""
    if _is_number(left) and _is_number(right):
        return _exact(left) == _exact(right)
    return type(left) is type(right) and bool(left == right)


def _fact(name: str, facts: Facts) -> Any:
    found: Any = facts
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _plain(argument: Any, facts: Facts) -> Any:
    if isinstance(argument, Sequence) and not isinstance(argument, str):
        return [value(part, facts) for part in argument]
    return value(argument, facts)


def _listed(arguments: Any) -> list[Any]:
    if isinstance(arguments, Sequence) and not isinstance(arguments, str):
        return list(arguments)
    return [arguments]


def _is_value(something: Any) -> bool:
    return something is None or isinstance(something, str | bool) or _is_number(something)


def _is_number(something: Any) -> bool:
    if isinstance(something, bool) or not isinstance(something, int | float | Decimal):
        return False
    return Decimal(str(something)).is_finite()


def _exact(number: float | Decimal) -> Decimal:
    """0.1 as it is written, not as a float holds it."""
    return number if isinstance(number, Decimal) else Decimal(str(number))
