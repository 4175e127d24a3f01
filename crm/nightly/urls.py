from django.urls import URLPattern, path

from crm.nightly import views

app_name = "nightly"
urlpatterns: list[URLPattern] = [
    path("", views.runs, name="runs"),
    path("<uuid:run_id>/", views.run, name="run"),
    path("<uuid:run_id>/again/", views.again, name="again"),
]
