import crm.tenancy.fields
import crm.tenancy.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0002_cancellation_codes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', crm.tenancy.fields.Id(db_default=crm.tenancy.fields.Uuid7(), default=crm.tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant_id', crm.tenancy.fields.TenantId()),
                ('name', models.CharField(max_length=60)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.DeleteModel(
            name='CodeCounter',
        ),
        migrations.AddConstraint(
            model_name='counter',
            constraint=models.UniqueConstraint(fields=('tenant_id', 'name'), name='counter_name'),
        ),
    ]
