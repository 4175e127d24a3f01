from django.db.models import Q

ONE_PAYEE = Q(member__isnull=True, department__isnull=False) | Q(
    member__isnull=False, department__isnull=True
)
