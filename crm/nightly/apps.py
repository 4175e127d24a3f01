from django.apps import AppConfig


class NightlyConfig(AppConfig):
    name = "crm.nightly"

    def ready(self) -> None:
        from crm.integrations import health
        from crm.nightly.due import check

        health.register("night", check)
