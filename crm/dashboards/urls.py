from django.urls import URLPattern, path

from crm.dashboards.views import behind, book, customer, hand_over, home, palette, sign, why

app_name = "dashboards"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("behind/<slug:figure>/", behind.behind, name="behind"),
    path("find/", palette.palette, name="palette"),
    path("handovers/new/", hand_over.hand_over, name="hand-over"),
    path("customers/", book.book, name="book"),
    path("customers/filter/", book.filtering, name="book-filter"),
    path("customers/<uuid:customer_id>/", customer.customer, name="customer"),
    path(
        "customers/<uuid:customer_id>/contracts/",
        customer.customer,
        {"tab": "contracts"},
        name="customer-contracts",
    ),
    path(
        "customers/<uuid:customer_id>/contacts/",
        customer.customer,
        {"tab": "contacts"},
        name="customer-contacts",
    ),
    path(
        "customers/<uuid:customer_id>/ownership/",
        customer.customer,
        {"tab": "ownership"},
        name="customer-ownership",
    ),
    path("customers/<uuid:customer_id>/log/", customer.log, name="log"),
    path("customers/<uuid:customer_id>/sign/", sign.sign, name="sign"),
    path("customers/<uuid:customer_id>/sign/estimate/", sign.estimate, name="sign-estimate"),
    path("customers/<uuid:customer_id>/tier/why/", why.tier, name="why-tier"),
    path("customers/<uuid:customer_id>/owner/why/", why.owner, name="why-owner"),
]
