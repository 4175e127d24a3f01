"""Running numbers of a tenant, such as customer codes and whose turn it is."""

from django.db import connection

from crm.tenancy.context import current

NEXT = """
INSERT INTO customers_counter AS c (tenant_id, name, last) VALUES (%(tenant)s, %(name)s, %(count)s)
ON CONFLICT (tenant_id, name) DO UPDATE SET last = c.last + excluded.last RETURNING last
"""


def take(name: str, count: int = 1) -> range:
    """The next `count` numbers, from 1 on; no two transactions get the same one.

    Whoever asks for the same name next waits until this transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"tenant": current(), "name": name, "count": count})
        (last,) = cursor.fetchone()
    return range(last - count + 1, last + 1)
