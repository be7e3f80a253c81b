"""Settings: one file for every installation; what differs comes from the environment.

Each variable is read once, here, and listed in the README. The private servers are only named:
importing this module starts nothing and writes nothing.
"""

import sys
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from onestop import embedded, keys, logs


class Environment(environ.Env):
    """The environment, with one clear line instead of a traceback for a value of the wrong kind."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        """The value of `var`; ends the process with exit status 2 if it cannot be read."""
        try:
            return super().get_value(var, *args, **kwargs)
        except (ValueError, KeyError, ImproperlyConfigured) as error:
            return refuse(f"{var} cannot be read: {error}")


def refuse(reason: str) -> NoReturn:
    """A wrong setting is one line for the reader and exit status 2."""
    sys.stderr.write(f"OneStop: {reason}\n")
    sys.exit(2)


env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent
ONESTOP_HOME = embedded.home()

# Secrets: from the environment, else made in the home when first needed.
SECRET_KEY = env.str("SECRET_KEY", "") or SimpleLazyObject(
    lambda: keys.read_or_make(ONESTOP_HOME / "secret.key")
)
FIELD_KEY = env.str("FIELD_KEY", "") or SimpleLazyObject(
    lambda: keys.read_or_make(ONESTOP_HOME / "field.key")
)

# Addresses
DEBUG = env.bool("DEBUG", False)
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]", urlsplit(SITE_URL).hostname or "", HOST]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOCAL_HOSTS)
HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

# Engines: the private ones, unless the environment names others.
DATABASE_URL = env.str("DATABASE_URL", "") or embedded.database_url(ONESTOP_HOME)
EMBEDDED_DATABASE = not env.str("DATABASE_URL", "")
if not DATABASE_URL.startswith(("postgres://", "postgresql://")):
    refuse("DATABASE_URL must be the address of a PostgreSQL database")
EMBEDDED_REDIS = not env.str("REDIS_URL", "")
try:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    # Without a mail server e-mail goes to the mailbox page: a trial reaches nobody by mistake.
    EMAIL = (
        env.email_url("EMAIL_URL")
        if env.str("EMAIL_URL", "")
        else {"EMAIL_BACKEND": "notifications.channels.mailbox.MailboxBackend"}
    )
except (ValueError, KeyError, ImproperlyConfigured) as error:
    refuse(f"DATABASE_URL or EMAIL_URL cannot be read: {error}")
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
# The statements that every act makes are planned once a connection (`dossiers.lifecycle`).
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("prepare_threshold", 5)
REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url(ONESTOP_HOME)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "onestop",
    }
}

# The application
INSTALLED_APPS = [
    "onestop",
    "onestop.accounts",
    "onestop.ui",
    "dossiers",
    "workflows",
    "notifications",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "onestop.logs.bind_request",
    "django.middleware.security.SecurityMiddleware",
    "onestop.headers.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "onestop.ui.language.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dossiers.backoffice.workplace.workplace",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "onestop.urls"
WSGI_APPLICATION = "onestop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "onestop.ui.context.frame",
            ],
        },
    }
]

# Who logs in
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "backoffice:work"
LOGOUT_REDIRECT_URL = "home"
_VALIDATORS = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATORS}CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day and its overtime
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False  # the proxy's business; it would also hide /health/ from probes
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
X_FRAME_OPTIONS = "SAMEORIGIN"

# Languages and time: Vietnamese first, stored in UTC
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "onestop" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# Whose counter this is, and whether its people and figures are simulated: every page then says so.
TRIAL_MODE = env.bool("TRIAL_MODE", EMBEDDED_DATABASE)
CITY_NAME = env.str("CITY_NAME", "Hà Nội")
CENTRE_NAME = env.str("CENTRE_NAME", "Trung tâm Phục vụ hành chính công Thành phố")

# Files
STATIC_URL = "/static/"
STATIC_ROOT = ONESTOP_HOME / "static"
MEDIA_ROOT = ONESTOP_HOME / "uploads"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# Messages that leave the house
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "onestop@localhost")
EMAIL_TIMEOUT = 10
globals().update(EMAIL)

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "dossiers.api.problems.answer_problem",
    "DEFAULT_THROTTLE_RATES": {"token_by_address": "30/min", "token_by_name": "10/min"},
    # Only a proxy of ours may say who is calling; without one the header is not believed.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "OneStop",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "PartyKindEnum": "dossiers.models.Party.Kind",
        "PaperItemKindEnum": "workflows.models.PaperItem.Kind",
        "ReturnMethodEnum": "dossiers.models.ReturnMethod",
        "HandedEnum": "dossiers.models.Apology.Handed",
    },
}

# Metrics at /metrics: for this machine, and for who shows the token.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
COUNT_METRICS = True

# The worker. The broker is a doorbell: whatever it loses, the next beat finds in the database.
CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "dossiers.fire_timers": {"queue": "timers"},
    "notifications.*": {"queue": "messages"},
    "dossiers.fold_figures": {"queue": "figures"},
}
# A knock that was not answered before the next one is dropped, not queued up.
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in {
        "dossiers.fire_timers": 10.0,
        "notifications.drain": 10.0,
        "notifications.forget": 24 * 60 * 60.0,
        "dossiers.fold_figures": 30.0,
        "dossiers.recount_clocks": 30.0,
        "dossiers.raise_repeated": 60.0,
        "workflows.publish_due": 30.0,
    }.items()
}

# Logs
LOG_FORMAT = env.str("LOG_FORMAT", "json" if HTTPS else "text")
LOGGING_CONFIG = None
logs.configure(LOG_FORMAT)
