"""Whether anything came since a month was calculated, told without calculating it again.

The ledger only grows, so the number of its rows of a month tells whether one came. The rest of what a
settlement reads is small, or as in the months before, which are shut, never changes.
"""

from commissions.calculation.shares import RULED
from commissions.models import Period
from crm.tenancy import statements as sql

FINGERPRINT = """
SELECT md5(concat_ws('|',
  (SELECT count(*) FROM commissions_ledgerentry WHERE tenant_id = %(tenant)s AND posting_period = %(month)s),
  (SELECT md5(string_agg(v::text, ';' ORDER BY id)) FROM commissions_planversion v
   WHERE tenant_id = %(tenant)s AND state = 'APPROVED'),
  (SELECT md5(string_agg(a::text, ';' ORDER BY id)) FROM commissions_planassignment a
   WHERE tenant_id = %(tenant)s),
  (SELECT md5(string_agg(id::text || ancestors::text, ';' ORDER BY id)) FROM accounts_department
   WHERE tenant_id = %(tenant)s),
  (SELECT md5(string_agg(m.id::text || m.department_id, ';' ORDER BY m.id)) FROM commissions_statement s
   JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.id = s.member_id
   WHERE s.tenant_id = %(tenant)s AND s.period_id = %(period)s),
  CASE WHEN EXISTS (SELECT FROM commissions_planversion WHERE tenant_id = %(tenant)s AND state = 'APPROVED'
                    AND jsonb_typeof(settings -> 'floor') = 'object') THEN (
    SELECT md5(string_agg(coalesce(member_id, department_id)::text, ';'
                          ORDER BY coalesce(member_id, department_id)))
    FROM (SELECT DISTINCT e.member_id, e.department_id FROM commissions_entitlement e
          JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.id = e.contract_id
          WHERE e.tenant_id = %(tenant)s AND e.component = ANY (%(ruled)s) AND k.signed_on <= %(until)s) c)
    || (SELECT md5(string_agg(id::text || status, ';' ORDER BY id)) FROM accounts_member
        WHERE tenant_id = %(tenant)s) END))
"""


def fingerprint(period: Period) -> str:
    """What the settlement of a month stands on, in short: as long as it stays, so does the settlement.

    Its entries, the plans and whom they pay, where its payees are; with a guarantee also whom it may cover.
    """
    values = {"month": period.month, "period": period.pk, "until": period.last_day, "ruled": list(RULED)}
    ((found,),) = sql.run(FINGERPRINT, values)
    return str(found)
