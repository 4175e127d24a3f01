from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self) -> None:
        from crm.integrations.imports.kinds import register
        from crm.web.waiting import WAITING
        from customers.imports import KINDS
        from customers.views import waiting

        register(*KINDS)
        WAITING["news"] = waiting.news
        WAITING["disputes"] = waiting.disputes
        WAITING["handovers"] = waiting.handovers
        WAITING["splits"] = waiting.splits
