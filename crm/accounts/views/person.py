from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.accounts.adapter import keep_language
from crm.accounts.forms import ProfileForm
from crm.web.access import PageRequest, page
from crm.web.fragments import done


@page()
def profile(request: PageRequest) -> HttpResponse:
    """The person's own settings, and the ways to password, second factor and keys."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        response = done(request, reverse("accounts:profile"), _("Saved."))
        if request.user.language:
            keep_language(response, request.user.language)
        return response
    status = 422 if form.errors else 200
    return render(
        request, "accounts/profile.html", {"form": form, "rights": request.viewer.rights}, status=status
    )
