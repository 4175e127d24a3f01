from crm.integrations.models.key import ApiKey

__all__ = ["ApiKey"]
