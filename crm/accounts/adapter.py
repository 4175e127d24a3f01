from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

CHOSEN = "language-before-sign-in"  # in the session
QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class AccountAdapter(DefaultAccountAdapter):
    """People are invited by their company; nobody signs up by himself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Failures are counted for e-mail and address together: a stranger elsewhere locks nobody out.
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{get_ip(request)}"

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """The base looks for an address that was verified by mail; ours are given by the company."""
        credentials = {"email": user.email, "password": password}  # type: ignore[attr-defined]
        again = self.authenticate(context.request, **credentials)
        return again is not None and again.pk == user.pk

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        """Bring the person's own language along: the one chosen before the sign-in, else the kept one."""
        chosen = request.session.pop(CHOSEN, "")
        response = super().post_login(request, user, **details)
        if chosen and chosen != user.language:
            speak(user, chosen)
        if user.language:
            keep_language(response, user.language)
        return response

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)


def speak(user: Any, language: str) -> None:
    """Let it be the person's language from now on, wherever he signs in."""
    user.language = language
    user.save(update_fields=["language"])


def keep_language(response: HttpResponse, language: str) -> None:
    """Let the browser ask in this language from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
