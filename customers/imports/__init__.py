"""What can be brought in about customers; every kind registers itself when the app is ready."""

from customers.imports.bank import BANK_LINES
from customers.imports.cash import EXPENSES, PAYMENTS, RECEIVABLES
from customers.imports.contacts import CONTACTS, USAGE
from customers.imports.contracts import CONTRACTS
from customers.imports.customers import CUSTOMERS
from customers.imports.interactions import INTERACTIONS

KINDS = (CUSTOMERS, CONTACTS, CONTRACTS, EXPENSES, RECEIVABLES, PAYMENTS, INTERACTIONS, USAGE, BANK_LINES)
