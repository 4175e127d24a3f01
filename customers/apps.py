from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self) -> None:
        from crm.integrations.imports.kinds import register
        from customers.imports import KINDS

        register(*KINDS)
