"""The base of the REST API (contract: api.md). A resource is written from these names."""

from crm.web.api.resource import Changed, Created, Deleted, Listed, Resource, Routes, Shown
from crm.web.api.shapes import Derived, Embed, Input, Money, Reference, Shape
from crm.web.api.view import ApiView, Overtaken

__all__ = [
    "ApiView",
    "Changed",
    "Created",
    "Deleted",
    "Derived",
    "Embed",
    "Input",
    "Listed",
    "Money",
    "Overtaken",
    "Reference",
    "Resource",
    "Routes",
    "Shape",
    "Shown",
]
