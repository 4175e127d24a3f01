"""A key that is one of many ids, sent as one parameter."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F, Lookup


class Among(Lookup):
    """`rows.filter(among("contract_id", ids))`: as `contract_id__in=ids`, at any number of ids one parameter.

    Ids that are written into a statement one by one cost more to write than the rows cost to read.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, values = self.process_lhs(compiler, connection)
        return f"{sql} = ANY (%s::uuid[])", [*values, "{" + ",".join(map(str, self.rhs)) + "}"]


def among(column: str, ids: Collection[UUID]) -> Among:
    """The condition that a key of the rows is one of these ids; no row meets it when there are none."""
    return Among(F(column), ids)
