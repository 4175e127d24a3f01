from django.conf import settings
from django.db import migrations, models

from crm.tenancy.ids import UUID7_SQL


def let_roles_make_ids(apps, schema_editor):
    roles = {settings.DATABASE_ROLES["app"], settings.DATABASE_ROLES["reader"]}
    for role in sorted(roles - {settings.DATABASE_ROLES["owner"]}):
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION crm_uuid7() TO {schema_editor.quote_name(role)}")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(UUID7_SQL, "DROP FUNCTION crm_uuid7()"),
        migrations.RunPython(let_roles_make_ids, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Tenant",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("slug", models.SlugField(max_length=40, unique=True, verbose_name="short name")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("time_zone", models.CharField(default="Asia/Shanghai", max_length=40, verbose_name="time zone")),
                ("language", models.CharField(default="zh-hans", max_length=10, verbose_name="language")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("is_demo", models.BooleanField(default=False, verbose_name="demo data")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"ordering": ["id"]},
        ),
    ]
