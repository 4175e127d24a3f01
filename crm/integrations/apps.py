from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "crm.integrations"

    def ready(self) -> None:
        from crm.integrations.imports.kinds import register
        from crm.integrations.people import DEPARTMENTS, MEMBERS

        register(DEPARTMENTS, MEMBERS)
