from django.conf import settings
from django.db import migrations

# Fresh rows of one tenant are unknown to the planner until the whole table has changed by a tenth: it then
# takes a tenant of 100,000 customers for one row, and joins by loops. An import tells it, chunk by chunk.
FUNCTION = """
CREATE FUNCTION crm_analyze(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(name))
    AND attname = 'tenant_id') THEN
    RAISE EXCEPTION '% is no table of tenants', name;
  END IF;
  EXECUTE format('ANALYZE %I', name);
END $$
"""


def grant(apps, schema_editor):
    app = schema_editor.quote_name(settings.DATABASE_ROLES["app"])
    schema_editor.execute("REVOKE ALL ON FUNCTION crm_analyze(text) FROM PUBLIC")
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION crm_analyze(text) TO {app}")


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_imports")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION crm_analyze(text)"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
