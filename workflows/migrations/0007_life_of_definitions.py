"""The life of a definition: its acts, the day it comes into force, and a trigger by which the
database itself refuses to change or delete what has been published."""

import django.db.models.deletion
import django_fsm
from django.db import migrations, models

GUARD = """
CREATE FUNCTION workflows_definition_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('published', 'retired') THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE'
        OR (NEW.body, NEW.sha256, NEW.version, NEW.procedure_id, NEW.published_at)
            IS DISTINCT FROM
            (OLD.body, OLD.sha256, OLD.version, OLD.procedure_id, OLD.published_at)
        OR NOT (NEW.state = 'retired' OR NEW.state = OLD.state)
    THEN
        RAISE EXCEPTION 'a published definition never changes: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER definition_kept BEFORE UPDATE OR DELETE ON workflows_definition
    FOR EACH ROW EXECUTE FUNCTION workflows_definition_kept();
"""
BACK = """
DROP TRIGGER definition_kept ON workflows_definition;
DROP FUNCTION workflows_definition_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0006_limit_decided_by")]

    operations = [
        migrations.AlterField(
            model_name="definition",
            name="state",
            field=django_fsm.FSMField(
                choices=[
                    ("draft", "Draft"),
                    ("checked", "Checked"),
                    ("published", "Published"),
                    ("retired", "Retired"),
                ],
                default="draft",
                max_length=20,
                protected=True,
            ),
        ),
        migrations.AddField(
            model_name="definition",
            name="publish_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="DefinitionAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("drafted", "Drafted"),
                            ("revised", "Changed"),
                            ("attached", "Attached to its procedure"),
                            ("checked", "Checked"),
                            ("scheduled", "Day of coming into force set"),
                            ("published", "Published"),
                            ("not_published", "Did not come into force"),
                            ("retired", "Retired"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("facts", models.JSONField(default=dict)),
                (
                    "definition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acts",
                        to="workflows.definition",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.post",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunSQL(GUARD, BACK),
    ]
