from django.urls import URLPattern, URLResolver, path

from crm.web.api import Routes
from customers.api.agreements import Contracts, Expenses
from customers.api.arrangements import Arrangements
from customers.api.assignment import AssignmentPolicies
from customers.api.bank import BankLines
from customers.api.collaborators import Collaborators
from customers.api.disputes import Evidence, OwnershipDisputes, Proposals, Rulings
from customers.api.dunning import DunningPolicies, Dunnings
from customers.api.extensions import Extensions
from customers.api.family import Families
from customers.api.handovers import HandoverRows, Handovers
from customers.api.intel import Intel, IntelCounts
from customers.api.known import DuplicateChecks
from customers.api.money import Payments, Receivables
from customers.api.pools import (
    Claims,
    Distributions,
    PooledCustomers,
    PoolPolicies,
    Pools,
    Returns,
)
from customers.api.receivables import Ageing, CreditTermsOf, ReceivableAccounts
from customers.api.reconciliations import Reconciliations
from customers.api.records import Contacts, Customers, Tags
from customers.api.registrations import Registrations
from customers.api.relations import Interactions, Ownerships, Transfers, UsageDays
from customers.api.remits import Overlaps, Remits
from customers.api.segments import SegmentCounts, Segments
from customers.api.splits import SplitConfirmations
from customers.api.writeoffs import WriteOffs

routes = Routes()
routes.add("customers", Customers)
routes.add("contacts", Contacts)
routes.add("tags", Tags)
routes.add("segments", Segments)
routes.add("segment-counts", SegmentCounts)
routes.add("contracts", Contracts)
routes.add("contract-expenses", Expenses)
routes.add("split-confirmations", SplitConfirmations)
routes.add("receivables", Receivables)
routes.add("receivable-accounts", ReceivableAccounts)
routes.add("credit-terms", CreditTermsOf)
routes.add("write-offs", WriteOffs)
routes.add("reconciliations", Reconciliations)
routes.add("payments", Payments)
routes.add("bank-lines", BankLines)
routes.add("dunnings", Dunnings)
routes.add("dunning-policies", DunningPolicies)
routes.add("interactions", Interactions)
routes.add("usage", UsageDays)
routes.add("ownerships", Ownerships)
routes.add("pools", Pools)
routes.add("pool-policies", PoolPolicies)
routes.add("claims", Claims)
routes.add("registrations", Registrations)
routes.add("extensions", Extensions)
routes.add("collaborators", Collaborators)
routes.add("customer-intel", Intel)
routes.add("handovers", Handovers)
routes.add("handover-rows", HandoverRows)
routes.add("ownership-disputes", OwnershipDisputes)
routes.add("dispute-evidence", Evidence)
routes.add("dispute-rulings", Rulings)
routes.add("assignment-policies", AssignmentPolicies)
routes.add("remits", Remits)
routes.add("arrangements", Arrangements)

urlpatterns: list[URLPattern | URLResolver] = [
    path("receivable-ageing/", Ageing.as_view(), name="receivable-ageing"),
    path("remit-overlaps/", Overlaps.as_view(), name="remit-overlaps"),
    path("duplicate-checks/", DuplicateChecks.as_view(), name="duplicate-checks"),
    path("customer-intel-counts/", IntelCounts.as_view(), name="customer-intel-counts"),
    path("ownership-disputes/<uuid:pk>/proposal/", Proposals.as_view(), name="ownership-dispute-proposal"),
    path("customers/<uuid:pk>/group/", Families.as_view(), name="customer-family"),
    path("transfers/", Transfers.as_view(), name="transfers"),
    path("returns/", Returns.as_view(), name="returns"),
    path("distributions/", Distributions.as_view(), name="distributions"),
    path(
        "pools/<uuid:pk>/customers/",
        PooledCustomers.as_view({"get": "list"}, basename="pools"),
        name="pool-customers",
    ),
    *routes.urls,
]
