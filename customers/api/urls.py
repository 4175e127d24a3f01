from django.urls import URLPattern, URLResolver, path

from crm.web.api import Routes
from customers.api.agreements import Contracts, Expenses
from customers.api.money import Payments, Receivables
from customers.api.records import Contacts, Customers, Tags
from customers.api.relations import Interactions, Ownerships, Transfers, UsageDays

routes = Routes()
routes.add("customers", Customers)
routes.add("contacts", Contacts)
routes.add("tags", Tags)
routes.add("contracts", Contracts)
routes.add("contract-expenses", Expenses)
routes.add("receivables", Receivables)
routes.add("payments", Payments)
routes.add("interactions", Interactions)
routes.add("usage", UsageDays)
routes.add("ownerships", Ownerships)

urlpatterns: list[URLPattern | URLResolver] = [
    path("transfers/", Transfers.as_view(), name="transfers"),
    *routes.urls,
]
