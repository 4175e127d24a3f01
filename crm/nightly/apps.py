from django.apps import AppConfig


class NightlyConfig(AppConfig):
    name = "crm.nightly"

    def ready(self) -> None:
        from crm.integrations import health
        from crm.nightly.due import check
        from crm.nightly.waiting import failed_runs
        from crm.web.waiting import WAITING

        health.register("night", check)
        WAITING["failed-runs"] = failed_runs
