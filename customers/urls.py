from django.urls import path

from customers.views import contacts, contract, contracts, options, record, tags, transfer

app_name = "customers"
urlpatterns = [
    path("customers/new/", record.new, name="new"),
    path("customers/known/", record.known, name="known"),
    path("customers/transfer/", transfer.many, name="transfer-many"),
    path("customers/options/customers/", options.customers, name="customer-options"),
    path("customers/options/members/", options.members, name="member-options"),
    path("customers/options/departments/", options.departments, name="department-options"),
    path("customers/options/payees/", options.payees, name="payee-options"),
    path("customers/<uuid:customer_id>/edit/", record.edit, name="edit"),
    path("customers/<uuid:customer_id>/transfer/", transfer.one, name="transfer"),
    path("customers/<uuid:customer_id>/contacts/new/", contacts.new, name="contact-new"),
    path("customers/<uuid:customer_id>/tags/", tags.add, name="tag-add"),
    path("customers/<uuid:customer_id>/tags/<uuid:tag_id>/remove/", tags.remove, name="tag-remove"),
    path("contacts/<uuid:contact_id>/", contacts.edit, name="contact-edit"),
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/<uuid:contract_id>/", contract.contract, name="contract"),
    path("contracts/<uuid:contract_id>/receipt/", contract.act, {"name": "receipt"}, name="receipt"),
    path("contracts/<uuid:contract_id>/refund/", contract.act, {"name": "refund"}, name="refund"),
    path("contracts/<uuid:contract_id>/expense/", contract.act, {"name": "expense"}, name="expense"),
    path(
        "contracts/<uuid:contract_id>/cancellation/",
        contract.act,
        {"name": "cancellation"},
        name="cancellation",
    ),
]
