"""Settings by environment. README lists them; with none set, private servers are started from wheels."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data").resolve()
NO_SERVERS = os.environ.get("GUANHU_NO_SERVERS") == "1"
DEBUG = os.environ.get("DEBUG") == "1"


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0") == "1"


def _list(name: str, default: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def _urls() -> tuple[str, str, str, str, str]:
    """Where the database is as app, owner and reader, and Valkey/Redis as cache and as broker."""
    if NO_SERVERS:
        nowhere = "postgresql://nobody@127.0.0.1:1/none"
        return nowhere, nowhere, nowhere, "redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0"
    from crm.embedded import servers

    urls = servers.urls()
    return urls.database, urls.owner, urls.reader, urls.redis, urls.broker


DATABASE_URL, DATABASE_OWNER_URL, DATABASE_READER_URL, REDIS_URL, BROKER_URL = _urls()


def _database(url: str) -> dict:
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "crm.tenancy.backend",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", "") or parts.hostname or ""),
        "PORT": query.pop("port", "") or parts.port or "",
        "OPTIONS": {key: unquote(value) for key, value in query.items()},
    }


# One database, three roles. crm_owner migrates and backs up; crm_app serves people and jobs under
# row-level security; crm_reader can only read (what-if, replay).
DATABASES = {
    "default": _database(DATABASE_URL)
    | {
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 0 if "DATABASE_POOL" in os.environ else 60,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # PgBouncer in transaction mode
        "TEST": {"MIRROR": "owner"},
    },
    "owner": _database(DATABASE_OWNER_URL)
    | {"TEST": {"NAME": os.environ.get("TEST_DATABASE"), "DEPENDENCIES": []}},
    "reader": _database(DATABASE_READER_URL) | {"TEST": {"MIRROR": "owner"}},
}
if "DATABASE_POOL" in os.environ:
    DATABASES["default"]["OPTIONS"]["pool"] = {"max_size": int(os.environ["DATABASE_POOL"])}
DATABASE_ROUTERS = ["crm.tenancy.reading.Router"]
DATABASE_ROLES = {
    "app": DATABASES["default"]["USER"],
    "owner": DATABASES["owner"]["USER"],
    "reader": DATABASES["reader"]["USER"],
}
# Rows of tenants cannot be read without one, and no test restores them from a dump.
TEST_NON_SERIALIZED_APPS = [
    "crm.integrations",
    "crm.accounts",
    "crm.events",
    "crm.tenancy",
    "crm.nightly",
    "crm.web",
    "customers",
    "tiers",
    "commissions",
    "lifecycle",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _secret_key() -> str:
    if "SECRET_KEY" in os.environ:
        return os.environ["SECRET_KEY"]
    if NO_SERVERS:
        return "no-server-needs-no-secret"
    from crm.embedded.secret import secret

    return secret(DATA_DIR, "secret-key")


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = _list("CSRF_TRUSTED_ORIGINS", "")
HTTPS = _flag("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20  # 1 MiB of form or JSON; import files stream to disk
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
IMPORT_MAX_BYTES = int(os.environ.get("IMPORT_MAX_BYTES", 200 << 20))

INSTALLED_APPS = [
    "crm",
    "crm.dashboards",
    "crm.nightly",
    "crm.demo",
    "commissions",
    "lifecycle",
    "tiers",
    "customers",
    "crm.integrations",
    "crm.web",
    "crm.accounts",
    "crm.events",
    "crm.tenancy",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "crm.web.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.web.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "crm.web.middleware.Api",  # what follows is for pages only
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crm.tenancy.middleware.TenantOfSession",
    "crm.web.middleware.Refusals",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.web.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "crm.web.templatetags.show",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "crm" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if NO_SERVERS or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "files"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "crm.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Guanhu 管户"
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "crm.web.api.schema.ResourceSchema",
    "UNAUTHENTICATED_USER": None,
}
API_KEYRING = "crm.integrations.api.authentication.KeyAuthentication"  # the base knows no keys itself
API_RATE_PER_KEY = int(os.environ.get("API_RATE_PER_KEY", 3000))  # calls a minute
API_RATE_PER_TENANT = int(os.environ.get("API_RATE_PER_TENANT", 12_000))
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")  # without one there is no /metrics
SPECTACULAR_SETTINGS = {
    "TITLE": "Guanhu 管户",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": ["crm.web.api.schema.finish"],
}

CELERY_BROKER_URL = BROKER_URL

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": "structlog.processors.KeyValueRenderer",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
