from crm.integrations.models.importing import Import, ImportFault, ImportMapping
from crm.integrations.models.key import ApiKey

__all__ = ["ApiKey", "Import", "ImportFault", "ImportMapping"]
