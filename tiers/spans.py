"""Which amount counts for a customer from when until when, as SQL (ANNUAL and CLASS of spec/what-if.md §4).

A span is a row (customer_id, contract_id, amount, since, until): the amount counts on the days
[since, until), on none where since is not before until. All three bases of a policy are spans, so one
sweep serves them all.
"""

from tiers.models import Basis, TierPolicy

# A term below twelve months is annualised: gross × 12 / term_months, where term_months is the whole
# months and the days left over by the length of the month they stand in. One rounding, at the end.
GROSSED_UP = """
    CASE WHEN c.ends_on < c.starts_on + interval '1 year' THEN (
      SELECT round(c.gross * c.book_rate * 12 * length * 1.00000000000000000000
                   / (months * length + (c.ends_on - begins)), 2)
      FROM (SELECT months, begins, next - begins AS length
            FROM (SELECT months, (c.starts_on + months * interval '1 month')::date AS begins,
                         (c.starts_on + (months + 1) * interval '1 month')::date AS next
                  FROM (SELECT touched - (c.starts_on + touched * interval '1 month' > c.ends_on)::int
                               AS months
                        FROM (SELECT ((date_part('year', c.ends_on) - date_part('year', c.starts_on)) * 12
                                      + date_part('month', c.ends_on)
                                      - date_part('month', c.starts_on))::int AS touched) AS a
                       ) AS b
                 ) AS d
           ) AS e)
    ELSE y.annual_amount END"""

IN_FORCE = """
    SELECT y.customer_id, y.contract_id, {amount} AS amount, y.counts_from AS since, y.counts_until AS until
    FROM customers_contractyear y {contract}
    WHERE y.tenant_id = %(tenant)s {of_year}"""
CONTRACT_OF_YEAR = """
    JOIN customers_contract c ON c.tenant_id = %(tenant)s AND c.id = y.contract_id {of_contract}"""

SIGNED = """
    SELECT c.customer_id, c.id AS contract_id, {amount} AS amount, c.signed_on AS since,
           least(c.cancelled_on, {until}) AS until
    FROM customers_contract c
    JOIN customers_contractyear y
      ON y.tenant_id = %(tenant)s AND y.contract_id = c.id AND y.number = 1 {of_year}
    WHERE c.tenant_id = %(tenant)s {of_contract}"""
UNTIL = {
    # Twelve months before 1 March is 1 March: what was signed on 29 February counts on 28 February.
    Basis.TRAILING_12M: """(c.signed_on + interval '1 year')::date
        + (date_part('day', c.signed_on) <> date_part('day', c.signed_on + interval '1 year'))::int""",
    Basis.CALENDAR_YEAR: "make_date(date_part('year', c.signed_on)::int + 1, 1, 1)",
}


def spans(policy: TierPolicy, condition: str = "") -> str:
    """The spans of a policy as a SELECT with the parameter `tenant`.

    `condition` on the column {customer_id} keeps it to some customers.
    """
    amount = GROSSED_UP if policy.gross_up_short else "y.annual_amount"
    where = {
        "of_year": condition.format(customer_id="y.customer_id"),
        "of_contract": condition.format(customer_id="c.customer_id"),
    }
    if policy.class_basis == Basis.IN_FORCE_ANNUALISED:
        contract = CONTRACT_OF_YEAR.format(**where) if policy.gross_up_short else ""
        return IN_FORCE.format(amount=amount, contract=contract, **where)
    return SIGNED.format(amount=amount, until=UNTIL[Basis(policy.class_basis)], **where)
