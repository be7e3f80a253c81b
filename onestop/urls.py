"""Where the packages' pages and APIs are mounted."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from dossiers.portal.views.home import home
from onestop.health import health
from onestop.metrics import metrics
from onestop.ui.login import LoginForm

urlpatterns = [
    path("", home, name="home"),
    path("", include("dossiers.portal.urls")),
    path("", include("dossiers.backoffice.urls")),
    path("health/", health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(authentication_form=LoginForm), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("ui/", include("onestop.ui.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("api/", include("dossiers.api.urls")),
    path("api/", include("workflows.api.urls")),
    path("catalogue/", include("workflows.backoffice.urls")),
    path("", include("notifications.web.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]
