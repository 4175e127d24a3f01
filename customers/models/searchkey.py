from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from crm.tenancy.fields import TenantOneToOneField
from crm.tenancy.models import TenantModel
from customers.models.customer import Customer


class SearchKey(TenantModel):
    """What a customer is found by, written and read by customers.search alone.

    Apart from Customer, because the arrays are fat and because `contacts` holds phones and e-mails, which
    are a field secret. `folded` is name and code, `others` initials and names of contacts, one a line.
    """

    id = None  # type: ignore[assignment]
    customer = TenantOneToOneField(Customer, models.CASCADE, primary_key=True, related_name="+")
    folded = models.CharField(max_length=400, db_collation="C")
    others = models.TextField(default="")
    contacts = models.TextField(default="")
    grams = ArrayField(models.TextField(), default=list)
    contact_grams = ArrayField(models.TextField(), default=list)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "folded"], name="search_folded"),
            GinIndex(fields=["tenant_id", "grams"], name="search_grams"),
            GinIndex(fields=["tenant_id", "contact_grams"], name="search_contacts"),
        ]
