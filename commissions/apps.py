from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    name = "commissions"

    def ready(self) -> None:
        from commissions.views import waiting
        from crm.web.waiting import WAITING

        WAITING["statements"] = waiting.own_statements
        WAITING["periods"] = waiting.periods
        WAITING["department-pools"] = waiting.pools
        WAITING["line-disputes"] = waiting.line_disputes
        WAITING["adjustments"] = waiting.adjustments
