from django.urls import path

from lifecycle.views import doing, followups, neglect, risks

app_name = "lifecycle"
urlpatterns = [
    path("risks/", risks.risks, name="risks"),
    path("customers/<uuid:customer_id>/risk/", risks.risk_why, name="risk-why"),
    path("customers/<uuid:customer_id>/stage/", risks.stage_why, name="stage-why"),
    path("follow-ups/", followups.follow_ups, name="follow-ups"),
    path("follow-ups/missed/", neglect.missed, name="neglect"),
    path("follow-ups/missed/rules/", neglect.rules, name="neglect-rules"),
    path("customers/<uuid:customer_id>/follow-ups/new/", doing.new, name="follow-up-new"),
    *(
        path(f"follow-ups/<uuid:follow_up_id>/{name}/", doing.act, {"name": name}, name=f"follow-up-{name}")
        for name in doing.ACTS
    ),
]
