import crm.tenancy.fields
import crm.tenancy.ids
import django.core.validators
import django.db.models.expressions
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeCounter',
            fields=[
                ('id', crm.tenancy.fields.Id(db_default=crm.tenancy.fields.Uuid7(), default=crm.tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant_id', crm.tenancy.fields.TenantId()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.RemoveConstraint(
            model_name='receivable',
            name='receivable_applied',
        ),
        migrations.RemoveIndex(
            model_name='receivable',
            name='receivable_open',
        ),
        migrations.AddField(
            model_name='contract',
            name='kept_gross',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=15, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='amount kept'),
        ),
        migrations.AddField(
            model_name='customer',
            name='block_reason',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='reason for the block'),
        ),
        migrations.AddField(
            model_name='receivable',
            name='waived',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, editable=False, max_digits=15, verbose_name='waived'),
        ),
        migrations.AlterField(
            model_name='receivable',
            name='applied',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, editable=False, max_digits=15, verbose_name='received'),
        ),
        migrations.AlterField(
            model_name='receivable',
            name='number',
            field=models.CharField(max_length=70, verbose_name='instalment number'),
        ),
        migrations.AddField(
            model_name='receivable',
            name='open',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('waived')), '-', models.F('applied')), output_field=models.DecimalField(decimal_places=2, max_digits=15, verbose_name='open'), verbose_name='open'),
        ),
        migrations.AddIndex(
            model_name='receivable',
            index=models.Index(condition=models.Q(('open__gt', 0)), fields=['tenant_id', 'customer', 'due_on'], name='receivable_open'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cancelled_on__isnull', True), ('kept_gross__isnull', True)), models.Q(('cancelled_on__isnull', False), ('kept_gross__gte', 0), ('kept_gross__lte', models.F('gross'))), _connector='OR'), name='contract_cancelled'),
        ),
        migrations.AddConstraint(
            model_name='receivable',
            constraint=models.CheckConstraint(condition=models.Q(('applied__gte', 0), ('applied__lte', django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('waived'))), ('waived__gte', 0)), name='receivable_applied'),
        ),
        migrations.AddConstraint(
            model_name='codecounter',
            constraint=models.UniqueConstraint(fields=('tenant_id',), name='code_counter_once'),
        ),
    ]
