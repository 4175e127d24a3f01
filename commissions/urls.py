from django.urls import path

from commissions.views import mine

app_name = "commissions"
urlpatterns = [
    path("", mine.mine, name="mine"),
    path("entries/<uuid:entry_id>/why", mine.entry_why, name="entry-why"),
    path("contracts/<uuid:contract_id>/why", mine.contract_why, name="contract-why"),
]
