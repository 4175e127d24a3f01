from django.urls import URLPattern, path

from crm.dashboards.api.handing import HandoverPreviews
from crm.dashboards.api.record import Timeline, Whys

urlpatterns: list[URLPattern] = [
    path("handover-previews/", HandoverPreviews.as_view(), name="handover-previews"),
    path("customers/<uuid:pk>/timeline/", Timeline.as_view(), name="customer-timeline"),
    path("customers/<uuid:pk>/why/", Whys.as_view(), name="customer-why"),
]
