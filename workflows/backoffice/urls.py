"""The pages of catalogue managers."""

from django.urls import path

from workflows.backoffice import definitions, editor, trial
from workflows.backoffice.ladders import procedures, reminders
from workflows.backoffice.limits import work_list
from workflows.backoffice.terms import terms

app_name = "catalogue"
urlpatterns = [
    path("limits/", work_list, name="limits"),
    path("reminders/", procedures, name="procedures-reminded"),
    path("reminders/<str:code>/", reminders, name="reminders"),
    path("terms/<str:code>/", terms, name="terms"),
    path("definitions/", definitions.index, name="definitions"),
    path("definitions/new/", definitions.begin_new, name="definition-new"),
    path("definitions/import/", definitions.upload, name="definition-upload"),
    path("definitions/<int:pk>/", definitions.definition, name="definition"),
    path("definitions/<int:pk>.<slug:form>", definitions.export, name="definition-export"),
    path("definitions/<int:pk>/draft/", definitions.begin, name="definition-begin"),
    path("definitions/<int:pk>/check/", definitions.check, name="definition-check"),
    path("definitions/<int:pk>/attach/", definitions.attach, name="definition-attach"),
    path("definitions/<int:pk>/discard/", definitions.discard, name="definition-discard"),
    path("definitions/<int:pk>/publish/", definitions.publish, name="definition-publish"),
    path("definitions/<int:pk>/compare/", trial.compare, name="definition-compare"),
    path("definitions/<int:pk>/try/", trial.dry_run, name="definition-try"),
    path("definitions/<int:pk>/edit/", editor.edit, name="definition-edit"),
    path("definitions/<int:pk>/edit/<str:key>/", editor.step, name="definition-step"),
    path("definitions/<int:pk>/retire/", definitions.retire, name="definition-retire"),
]
