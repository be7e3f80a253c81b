"""Events and entries are append-only: a row trigger refuses UPDATE and DELETE."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION dossiers_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON dossiers_event
    FOR EACH ROW EXECUTE FUNCTION dossiers_append_only();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON dossiers_entry
    FOR EACH ROW EXECUTE FUNCTION dossiers_append_only();
"""
BACK = """
DROP TRIGGER event_append_only ON dossiers_event;
DROP TRIGGER entry_append_only ON dossiers_entry;
DROP FUNCTION dossiers_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTION, BACK)]
