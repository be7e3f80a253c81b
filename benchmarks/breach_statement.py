"""The least that could be done: one hand-written statement for what a sweep writes about breaches.

It knows of one kind of clock, one ladder and one moment; it locks no more and checks no more than
it must, and what needs working time counted (until when, by whom used) is handed to it ready-made.
The signature in a message's link is left out: PostgreSQL has no HMAC without an extension.
"""

from __future__ import annotations

# The canonical spelling of a breach's event, as `dossiers.statistics.seal` has it.
_SPELLING = """'{"fields":{"at":"' || spelled.at || '","by_applicant":false,"dossier":"' || late.ref
    || '","facts":{"limit_at":"' || spelled.limit_at || '","of":"dossier","promise":1},"from":"",'
    || '"kind":"breached","late_entry":false,"n":' || late.n || ',"on_behalf_of":null,"post":null,'
    || '"recorded_at":"' || spelled.recorded_at || '","to":"","undoes":null},"previous":"'
    || late.previous || '"}'"""

SWEEP = f"""
WITH late AS MATERIALIZED (
    SELECT t.id AS timer_id, t.clock_id, t.fires_at, c.limit_at, d.id, d.ref, d.code,
           d.head_n + 1 AS n, d.head_sha256 AS previous, d.answering_agency_id, d.unit_id,
           d.receiving_agency_id, d.procedure_id, d.edition_id, d.channel_id,
           s.id AS step_id, s.agency_id AS step_agency_id, s.unit_id AS step_unit_id, s.officer_id
      FROM dossiers_timer t
      JOIN dossiers_clockrow c ON c.id = t.clock_id AND c.kind = 'dossier'
      JOIN dossiers_dossier d ON d.id = t.dossier_id
      JOIN dossiers_steprun s ON s.dossier_id = d.id AND s.state IN ('waiting', 'working')
     WHERE t.fires_at < %(at)s AND t.set_aside_at IS NULL AND t.kind = 'breach'
       FOR UPDATE OF d),
spelled AS (
    SELECT late.id,
           to_char(fires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS at,
           to_char(limit_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') AS limit_at,
           to_char(%(at)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS recorded_at
      FROM late),
hashed AS MATERIALIZED (
    SELECT late.*, spelled.limit_at AS limit_text,
           encode(sha256(convert_to(E'onestop/event/1\\n' || {_SPELLING}, 'UTF8')), 'hex') AS sha256
      FROM late JOIN spelled USING (id)),
moved AS (
    UPDATE dossiers_dossier d
       SET head_n = h.n, head_sha256 = h.sha256, version = d.version + 1
      FROM hashed h WHERE d.id = h.id),
event AS (
    INSERT INTO dossiers_event
           (dossier_id, n, kind, at, recorded_at, from_status, to_status, by_applicant, late_entry,
            facts, previous, sha256)
    SELECT id, n, 'breached', fires_at, %(at)s, '', '', false, false,
           jsonb_build_object('of', 'dossier', 'promise', 1, 'limit_at', limit_text),
           previous, sha256
      FROM hashed),
breach AS (
    INSERT INTO dossiers_breach
           (dossier_id, clock_id, of, promise_number, limit_at, breached_at, noticed_at, event_n,
            agency_id, unit_id, held_by_agency_id, held_by_unit_id, step_run_id, officer_id,
            attribution, debts, owes_explanation, owes_apology, apology_due_at, state,
            annulled_because)
    SELECT id, clock_id, 'dossier', 1, limit_at, fires_at, %(at)s, n,
           answering_agency_id, unit_id, step_agency_id, step_unit_id, step_id, officer_id,
           %(attribution)s, %(debts)s, true, true, %(apology_due_at)s, 'unexplained', ''
      FROM hashed),
entry AS (
    INSERT INTO dossiers_entry
           (agency_id, unit_id, receiving_agency_id, procedure_id, edition_id, channel_id, measure,
            amount, dossier_id, event_n, at, counts_at, recorded_at)
    SELECT answering_agency_id, unit_id, receiving_agency_id, procedure_id, edition_id, channel_id,
           measure, 1, id, n, fires_at + interval '1 microsecond',
           fires_at + interval '1 microsecond', %(at)s
      FROM hashed CROSS JOIN unnest(ARRAY['overdue', 'breaches', 'apologies_owed']) AS measure
 RETURNING id),
unfolded AS (
    INSERT INTO dossiers_unfolded (entry_id) SELECT id FROM entry),
clock AS (
    UPDATE dossiers_clockrow c SET breached = '[1]' FROM hashed h WHERE c.id = h.clock_id),
gone AS (
    DELETE FROM dossiers_timer t USING hashed h WHERE t.id = h.timer_id),
wound AS (
    INSERT INTO dossiers_timer (clock_id, dossier_id, kind, fires_at, fault)
    SELECT clock_id, id, rung.kind, rung.at, ''
      FROM hashed CROSS JOIN (VALUES ('unexplained', %(explain_by)s::timestamptz),
                                     ('apology_overdue', %(apology_due_at)s)) AS rung (kind, at)),
message AS (
    INSERT INTO notifications_message
           (key, topic, stream, recipient, context, created_at, not_before, due_at)
    SELECT h.ref || '/' || h.clock_id || '/breach/1/' || h.limit_text || '/' || p.user_id,
           'breached', h.code,
           jsonb_build_object('kind', 'staff', 'name', p.name, 'email', '', 'phone', '',
                              'user_id', p.user_id, 'language', 'vi'),
           jsonb_build_object(
               'code', h.code, 'link', '/t/' || h.code || '/', 'phone', a.phone,
               'agency', a.name, 'limit_at', h.limit_text, 'procedure', f.name,
               'about', jsonb_build_object(
                   'of', 'dossier', 'rung', 'breach', 'step', NULL, 'clock', h.clock_id,
                   'officer', NULL, 'promise', 1, 'limit_at', h.limit_text)),
           %(at)s, %(not_before)s, %(not_before)s
      FROM hashed h
      JOIN workflows_procedure f ON f.id = h.procedure_id
      JOIN workflows_agency a ON a.id = h.answering_agency_id
      JOIN workflows_post p
        ON p.role = 'unit_head' AND p.unit_id = h.unit_id
        OR p.role = 'approver' AND p.agency_id = h.answering_agency_id
     WHERE p.valid_to IS NULL)
SELECT count(*) FROM hashed
"""
