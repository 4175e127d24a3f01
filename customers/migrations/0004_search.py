import crm.tenancy.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Row-level security forbids the indexes of GIN under it, because their operators are not leakproof. So the
# search runs as the owner, names the tenant itself, and only the application may call it. Text that the
# caller may not see is not searched: he passes NULL for it. One plan for each call, because what is an index
# range and what is rare depends on the term; never a scan of the table, which holds all tenants.
FUNCTION = """
CREATE FUNCTION customers_find(q text, credit text, contact text, within uuid[], most int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan SET enable_seqscan = off AS $$
DECLARE
  t bigint := current_setting('app.tenant_id')::bigint;
  latin boolean := q ~ '^[a-z0-9]+$';
  near int := greatest(most, 500);
  g text[] := CASE WHEN length(q) < 2 THEN ARRAY[q] ELSE
    (SELECT array_agg(substr(q, i, 2)) FROM generate_series(1, length(q) - 1) i) END;
  cg text[] := (SELECT array_agg(substr(contact, i, 2)) FROM generate_series(1, length(contact) - 1) i);
BEGIN
  RETURN QUERY
  SELECT best.id FROM (
    SELECT hit.id, min(hit.rank) AS rank FROM (
      (SELECT k.customer_id, 0 FROM customers_searchkey k
       WHERE k.tenant_id = t AND k.folded ^@ q AND (within IS NULL OR k.customer_id = ANY (within))
       ORDER BY k.folded LIMIT most)
      UNION ALL
      (SELECT c.id, 0 FROM customers_customer c
       WHERE credit IS NOT NULL AND c.tenant_id = t AND c.credit_code ^@ credit AND c.credit_code <> ''
         AND (within IS NULL OR c.id = ANY (within)) LIMIT most)
      UNION ALL
      (SELECT c.id, 1 FROM customers_customer c
       WHERE latin AND c.tenant_id = t AND c.initials ^@ q AND (within IS NULL OR c.id = ANY (within))
       ORDER BY c.initials LIMIT most)
      UNION ALL
      (SELECT c.id, 1 FROM customers_customer c
       WHERE latin AND c.tenant_id = t AND c.pinyin ^@ q AND (within IS NULL OR c.id = ANY (within))
       ORDER BY c.pinyin LIMIT most)
      UNION ALL
      (SELECT k.customer_id, CASE WHEN strpos(k.folded, E'\\n' || q) > 0 THEN 0 ELSE 2 END
       FROM customers_searchkey k
       WHERE k.tenant_id = t AND k.grams @> g AND (within IS NULL OR k.customer_id = ANY (within))
         AND (strpos(k.folded, q) > 0 OR strpos(k.others, q) > 0) LIMIT near)
      UNION ALL
      (SELECT k.customer_id, 3 FROM customers_searchkey k
       WHERE contact IS NOT NULL AND k.tenant_id = t AND k.contact_grams @> cg
         AND (within IS NULL OR k.customer_id = ANY (within)) AND strpos(k.contacts, contact) > 0 LIMIT near)
    ) hit(id, rank) GROUP BY hit.id
  ) best
  LEFT JOIN customers_searchkey k ON k.tenant_id = t AND k.customer_id = best.id
  ORDER BY best.rank, length(k.folded), k.folded, best.id LIMIT most;
END $$
"""
SIGNATURE = "customers_find(text, text, text, uuid[], int)"


def grant(apps, schema_editor):
    app = schema_editor.quote_name(settings.DATABASE_ROLES["app"])
    schema_editor.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {app}")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('customers', '0003_counter'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchKey',
            fields=[
                ('tenant_id', crm.tenancy.fields.TenantId()),
                ('customer', crm.tenancy.fields.TenantOneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.customer')),
                ('folded', models.CharField(db_collation='C', max_length=400)),
                ('others', models.TextField(default='')),
                ('contacts', models.TextField(default='')),
                ('grams', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('contact_grams', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.RemoveIndex(
            model_name='customer',
            name='customer_grams',
        ),
        migrations.RemoveField(
            model_name='customer',
            name='grams',
        ),
        migrations.AlterField(
            model_name='customer',
            name='credit_code',
            field=models.CharField(blank=True, db_collation='C', max_length=18, verbose_name='unified social credit code'),
        ),
        migrations.AlterField(
            model_name='customer',
            name='initials',
            field=models.CharField(db_collation='C', db_default='', default='', editable=False, max_length=200),
        ),
        migrations.AlterField(
            model_name='customer',
            name='name_key',
            field=models.CharField(db_default='', default='', editable=False, max_length=200),
        ),
        migrations.AlterField(
            model_name='customer',
            name='pinyin',
            field=models.CharField(db_collation='C', db_default='', default='', editable=False, max_length=600),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant_id', 'pinyin', 'id'], name='customer_pinyin'),
        ),
        migrations.AddIndex(
            model_name='searchkey',
            index=models.Index(fields=['tenant_id', 'folded'], name='search_folded'),
        ),
        migrations.AddIndex(
            model_name='searchkey',
            index=django.contrib.postgres.indexes.GinIndex(fields=['tenant_id', 'grams'], name='search_grams'),
        ),
        migrations.AddIndex(
            model_name='searchkey',
            index=django.contrib.postgres.indexes.GinIndex(fields=['tenant_id', 'contact_grams'], name='search_contacts'),
        ),
        migrations.RunSQL(FUNCTION, f"DROP FUNCTION {SIGNATURE}"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
