from customers.models.amendment import ContractAmendment
from customers.models.arrangement import Arrangement
from customers.models.assignment import AssignmentPolicy, AssignmentRule
from customers.models.bank import BankLine
from customers.models.collaboration import Collaboration
from customers.models.confirmation import SplitConfirmation
from customers.models.contact import Contact
from customers.models.contract import Contract, ContractExpense, ContractYear, CreditSplit
from customers.models.customer import Counter, Customer, CustomerTag, Standing, Tag, ValueSegment
from customers.models.dispute import DisputeEvidence, DisputeRuling, OwnershipDispute
from customers.models.dunning import Dunning, DunningPolicy
from customers.models.extension import Extension
from customers.models.handover import Handover, HandoverRow
from customers.models.intel import CustomerIntel
from customers.models.interaction import Interaction, Usage
from customers.models.openitems import CreditTerms, WriteOff
from customers.models.ownership import Capability, OwnershipCredit, Territory
from customers.models.pool import Claim, CustomerPool, PooledCustomer, PoolPolicy
from customers.models.receivable import CashApplication, Payment, Receivable
from customers.models.reconciliation import Reconciliation
from customers.models.registration import Registration
from customers.models.searchkey import SearchKey
from customers.models.segment import Segment, SegmentCount

__all__ = [
    "Arrangement",
    "AssignmentPolicy",
    "AssignmentRule",
    "BankLine",
    "Capability",
    "CashApplication",
    "Claim",
    "Collaboration",
    "Contact",
    "Contract",
    "ContractAmendment",
    "ContractExpense",
    "ContractYear",
    "Counter",
    "CreditSplit",
    "CreditTerms",
    "Customer",
    "CustomerIntel",
    "CustomerPool",
    "CustomerTag",
    "DisputeEvidence",
    "DisputeRuling",
    "Dunning",
    "DunningPolicy",
    "Extension",
    "Handover",
    "HandoverRow",
    "Interaction",
    "OwnershipCredit",
    "OwnershipDispute",
    "Payment",
    "PoolPolicy",
    "PooledCustomer",
    "Receivable",
    "Reconciliation",
    "Registration",
    "SearchKey",
    "Segment",
    "SegmentCount",
    "SplitConfirmation",
    "Standing",
    "Tag",
    "Territory",
    "Usage",
    "ValueSegment",
    "WriteOff",
]
