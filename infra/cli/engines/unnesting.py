"""Lists of a row as rows, spelt so that DuckDB still knows which rows are not wanted.

Where a list is unnested beside its table, DuckDB reads the whole table first: no filter gets past
it. In what is selected, unnesting comes last, after all that the rows themselves must be.
"""

from sqlglot import exp

ROWS = "unnested"


def last(tree: exp.Query) -> exp.Query:
    """Of a statement whose columns are qualified, and whose results have names."""
    for select in list(tree.find_all(exp.Select)):
        joins = select.args.get("joins") or []
        unnest = joins[-1].this if joins else None
        if isinstance(unnest, exp.Unnest) and _is_simple(select, unnest):
            _reorder(select, unnest)
    return tree


def _is_simple(select: exp.Select, unnest: exp.Unnest) -> bool:
    """Lists of a table's rows, side by side, in a select without others inside."""
    alias = unnest.args.get("alias")
    parts = [one for name in _PARTS if (one := select.args.get(name))]
    nodes = [*select.expressions, *parts]
    return (
        alias is not None
        and len(alias.columns) == len(unnest.expressions)
        and all(one.find(exp.Column) for one in unnest.expressions)
        and not any(node.find(exp.Select, exp.Star) for node in nodes)
        and all(column.table for node in nodes for column in node.find_all(exp.Column))
    )


_PARTS = ("where", "group", "having", "order", "qualify")


def _reorder(select: exp.Select, unnest: exp.Unnest) -> None:
    """What the rows must be goes inside, with the list; what its elements must be stays outside."""
    alias = unnest.args["alias"]
    rows = exp.Select()
    rows.set("from_", select.args["from_"])
    rows.set("joins", select.args["joins"][:-1])
    select.set("joins", None)
    where = select.args.get("where")
    select.set("where", None)
    for condition in _held(where):
        _owner(condition, alias.name, rows, select).where(condition.copy(), copy=False)
    given: dict[tuple[str, str], exp.Expr] = {
        (alias.name, element.name): exp.Anonymous(this="unnest", expressions=[one])
        for element, one in zip(alias.columns, unnest.expressions, strict=True)
    }
    parts = [*select.expressions, *filter(None, map(select.args.get, _PARTS))]
    for column in [one for part in parts for one in part.find_all(exp.Column)]:
        place = (column.table, column.name)
        given.setdefault(place, exp.column(column.name, table=column.table))
        column.replace(exp.column("__".join(place), table=ROWS))
    named = [exp.alias_(one, "__".join(place)) for place, one in given.items()]
    rows.set("expressions", named)
    select.set("from_", exp.From(this=exp.Subquery(this=rows, alias=exp.TableAlias(this=ROWS))))


def _held(where: exp.Expr | None) -> list[exp.Expr]:
    """What must all be true."""
    if where is None:
        return []
    return list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]


def _owner(condition: exp.Expr, elements: str, rows: exp.Select, select: exp.Select) -> exp.Select:
    is_about_elements = any(one.table == elements for one in condition.find_all(exp.Column))
    return select if is_about_elements else rows
