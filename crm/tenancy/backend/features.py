from typing import Any

from django.db.backends.postgresql import features

from crm.tenancy.fields import tenant_field


class DatabaseFeatures(features.DatabaseFeatures):
    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        # The key is (tenant_id, id): grouping by id alone is refused by PostgreSQL.
        return not tenant_field(model) and super().allows_group_by_selected_pks_on_model(model)
