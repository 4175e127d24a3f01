from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        from crm.events import record
        from crm.flows import FLOWS

        record.register(FLOWS)
