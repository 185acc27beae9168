"""What a choice of somebody by our id says of a view's `provider_user_id`, said as well.

What providers call whom is in the small table of links. With that in the question, files and row
groups without this person are passed by; the join that comes later is too late for it.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from typing import TypeAlias

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.optimizer.simplify import simplify

OURS, THEIRS, PROVIDER = "user_id", "provider_user_id", "provider"
Link: TypeAlias = tuple[str, str]  # a provider, and what it calls somebody
Links: TypeAlias = Callable[[Set[str]], Sequence[Link]]  # of people, by our ids


def with_implied(tree: exp.Query, views: Set[str], links: Links) -> exp.Query:
    """A statement whose columns are qualified answers the same, and reads less."""
    for scope in traverse_scope(tree):
        select, where = scope.expression, scope.expression.args.get("where")
        if where is None or not isinstance(select, exp.Select):
            continue
        held = list(_held(simplify(where.this.copy(), dialect="trino")))
        for alias in _views(scope, views):
            for users in filter(None, (_chosen(one, alias) for one in held)):
                select.where(_theirs(links(users), alias), copy=False)
    return tree


def _views(scope: Scope, views: Set[str]) -> list[str]:
    return [
        alias
        for alias, source in scope.sources.items()
        if isinstance(source, exp.Table) and source.name in views
    ]


def _held(condition: exp.Expr) -> Iterator[exp.Expr]:
    """What must all be true."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        for one in condition.flatten():
            yield from _held(one)
    else:
        yield condition


def _chosen(condition: exp.Expr, alias: str) -> Set[str]:
    """The people that it leaves, if it is about people."""
    match condition:
        case exp.EQ():
            column, values = condition.left, [condition.right]
        case exp.In():
            column, values = condition.this, condition.expressions
        case _:
            return frozenset()
    if not isinstance(column, exp.Column) or (column.table, column.name) != (alias, OURS):
        return frozenset()
    named = [one for one in values if isinstance(one, exp.Literal) and one.is_string]
    return frozenset(str(one.this) for one in named) if len(named) == len(values) else frozenset()


def _theirs(links: Sequence[Link], alias: str) -> exp.Expr:
    """One value for each provider, where it can be: each branch of a view then has its own."""
    if not links:
        return exp.false()
    column = exp.column(THEIRS, table=alias)
    if len({provider for provider, _ in links}) < len(links):
        return column.isin(*(exp.Literal.string(id_) for _, id_ in links))
    name = exp.Case(this=exp.column(PROVIDER, table=alias))
    for provider, id_ in links:
        name = name.when(exp.Literal.string(provider), exp.Literal.string(id_))
    return column.eq(name)
