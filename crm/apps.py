from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        from crm import celery  # noqa: F401  (without it .delay() would go to Celery's default broker)
        from crm.events import record
        from crm.flows import FLOWS

        record.register(FLOWS)
