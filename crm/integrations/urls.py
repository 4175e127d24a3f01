from django.urls import URLPattern, path

from crm.integrations import views

app_name = "integrations"
urlpatterns: list[URLPattern] = [
    path("", views.imports, name="imports"),
    path("new/", views.new, name="import-new"),
    path("<uuid:import_id>/", views.one, name="import"),
    path("<uuid:import_id>/columns/", views.mapping, name="import-mapping"),
    path("<uuid:import_id>/run/", views.start, name="import-run"),
    path("<uuid:import_id>/resume/", views.resume, name="import-resume"),
    path("<uuid:import_id>/errors/", views.errors, name="import-errors"),
    path("<uuid:import_id>/refused/", views.refused, name="import-refused"),
]
