"""The queue and the whole timetable, in clock order."""

import os

from celery import Celery

from crm.tenancy.tasks import TenantTask

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm", task_cls=TenantTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=True,  # a killed worker's job is taken again; every job is safe to run twice
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600, "socket_connect_timeout": 2},
    task_publish_retry=False,  # a page never waits for the broker: the sweep sends what was not sent
    timezone="UTC",
)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "what a lost message left behind": {"task": "crm.events.tasks.sweep", "schedule": 60},
    "tenants whose night has come": {"task": "crm.nightly.tasks.start_due", "schedule": 600},
}
