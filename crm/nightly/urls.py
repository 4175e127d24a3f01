from django.urls import URLPattern

app_name = "nightly"
urlpatterns: list[URLPattern] = []
