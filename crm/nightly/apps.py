from django.apps import AppConfig


class NightlyConfig(AppConfig):
    name = "crm.nightly"
