from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from crm.tenancy.context import no_tenant, tenant

SESSION_KEY = "tenant"


class TenantOfSession:
    """Works the request for the tenant that the signed-in person has entered, or for none.

    Whether the person is still a member is asked inside the view's transaction by crm.web.access.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/api/", "/static/", "/healthz", "/readyz")):
            with no_tenant():  # the API's tenant comes from its key
                return self.get_response(request)
        entered = request.session.get(SESSION_KEY)
        if not isinstance(entered, int):
            with no_tenant():
                return self.get_response(request)
        with tenant(entered):
            return self.get_response(request)
