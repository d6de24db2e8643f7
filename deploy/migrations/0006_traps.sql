-- SPDX-License-Identifier: Apache-2.0
-- Events of collectors (traps, informs, commands) in the event log, and the windows in which a test trap is expected.

ALTER TABLE events
	ADD COLUMN source text,                       -- who said it: an address, window/3
	ADD COLUMN source_at timestamptz,             -- when the collector learnt it; `at` is when it was recorded
	ADD COLUMN count int;                         -- how often, when more than once

-- As in 0001, with the three columns above; a batch of an older alarmd does not have them.
CREATE OR REPLACE FUNCTION events_apply(journal bytea, after bigint, upto bigint, batch json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE applied SET jseq = upto, at = now() WHERE journal_id = journal AND jseq = after;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'the cursor of this journal is not %', after USING ERRCODE = 'BB001';
	END IF;
	WITH b AS (
		SELECT * FROM json_to_recordset(batch) AS r (jseq bigint, at bigint, site_id bigint, device_id bigint, device text,
			alarm_id text, rule text, subject text, kind text, from_state smallint, to_state smallint, severity smallint,
			user_name text, comment text, text text, value double precision, unit text, test boolean, clock_step boolean,
			source text, source_at bigint, count int,
			episode bigint, raised bigint, cleared bigint, acked bigint, acked_by text, acked_comment text)
	), newest AS (
		SELECT DISTINCT ON (alarm_id) * FROM b WHERE rule <> 'event' ORDER BY alarm_id, jseq DESC
	), inserted AS (
		INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state,
			severity, user_name, comment, text, value, unit, test, clock_step, source, source_at, count)
		SELECT site_id, unix_us(at), journal, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state,
			severity, user_name, comment, text, value, unit, test, clock_step, source, unix_us(source_at), count FROM b
		ON CONFLICT DO NOTHING
	), ended AS (
		DELETE FROM alarm_state s USING newest n
		WHERE s.alarm_id = n.alarm_id AND n.to_state = 1 AND (s.journal_id <> journal OR s.jseq < n.jseq)
	)
	INSERT INTO alarm_state AS s (alarm_id, site_id, device_id, device, rule, subject, episode, severity, state, raised_at,
		cleared_at, acked_at, user_name, comment, text, value, unit, test, journal_id, jseq)
	SELECT alarm_id, site_id, device_id, device, rule, subject, episode, severity, to_state, unix_us(raised), unix_us(cleared),
		unix_us(acked), acked_by, acked_comment, text, value, unit, test, journal, jseq FROM newest WHERE to_state <> 1
	ON CONFLICT (alarm_id) DO UPDATE SET
		site_id = excluded.site_id, device = excluded.device, severity = excluded.severity, state = excluded.state,
		cleared_at = excluded.cleared_at, acked_at = excluded.acked_at, user_name = excluded.user_name,
		comment = excluded.comment, text = excluded.text, value = excluded.value, unit = excluded.unit,
		journal_id = excluded.journal_id, jseq = excluded.jseq
	WHERE s.journal_id <> excluded.journal_id OR s.jseq < excluded.jseq;
END $$;

-- A device is told to send a test trap at a set time: one that comes is a passed test, one that does not is an alarm.
CREATE TABLE trap_window (
	window_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id  bigint NOT NULL REFERENCES device,
	name       text NOT NULL DEFAULT '',
	days       smallint NOT NULL DEFAULT 127 CHECK (days BETWEEN 1 AND 127),   -- bit 0 Monday ... bit 6 Sunday
	at_minute  smallint NOT NULL CHECK (at_minute BETWEEN 0 AND 1439),         -- of the day, in tz
	minutes    smallint NOT NULL CHECK (minutes BETWEEN 1 AND 720),
	tz         text NOT NULL DEFAULT 'UTC'
);
CREATE INDEX trap_window_device ON trap_window (device_id);
CREATE TRIGGER trap_window_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON trap_window
	FOR EACH STATEMENT EXECUTE FUNCTION config_changed();

CREATE FUNCTION trap_window_add(device_key text, new_name text, new_days int, minute int, length int, zone text, actor text, source text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
	d bigint := (SELECT device_id FROM device WHERE key = device_key AND removed_at IS NULL);
BEGIN
	IF d IS NULL THEN
		RAISE EXCEPTION 'there is no device "%"', device_key USING ERRCODE = 'BB404';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = zone) THEN
		RAISE EXCEPTION 'there is no time zone "%"; name one such as Europe/Berlin', zone USING ERRCODE = 'BB409';
	END IF;
	IF (SELECT count(*) FROM trap_window w WHERE w.device_id = d) >= 8 THEN
		RAISE EXCEPTION 'device "%" has 8 windows already', device_key USING ERRCODE = 'BB409';
	END IF;
	INSERT INTO trap_window (device_id, name, days, at_minute, minutes, tz) VALUES (d, new_name, new_days, minute, length, zone)
		RETURNING window_id INTO id;
	PERFORM config_audit(actor, source, 'trap_window.add', device_key, jsonb_build_object('id', id, 'name', new_name, 'days', new_days,
		'at_minute', minute, 'minutes', length, 'tz', zone));
	RETURN id;
END $$;

CREATE FUNCTION trap_window_remove(id bigint, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE d bigint;
BEGIN
	DELETE FROM trap_window WHERE window_id = id RETURNING device_id INTO d;
	IF d IS NULL THEN
		RAISE EXCEPTION 'there is no window with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'trap_window.remove', (SELECT key FROM device WHERE device_id = d), jsonb_build_object('id', id));
END $$;

CREATE FUNCTION trap_windows() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', w.window_id::text, 'device_id', d.device_id::text, 'key', d.key, 'name', w.name,
		'days', (SELECT jsonb_agg(n ORDER BY i) FROM unnest(ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) WITH ORDINALITY u (n, i)
			WHERE (w.days >> (i - 1)::int) & 1 = 1), 'at', to_char(w.at_minute / 60, 'FM00') || ':' || to_char(w.at_minute % 60, 'FM00'), 'minutes', w.minutes,
		'tz', w.tz, 'last_result', e.subject, 'last_at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ORDER BY d.key, w.window_id), '[]')
	FROM trap_window w JOIN device d USING (device_id)
	LEFT JOIN LATERAL (SELECT subject, at FROM events e WHERE e.device_id = w.device_id AND e.kind = 'test_window'
		AND e.source = 'window/' || w.window_id ORDER BY at DESC, jseq DESC LIMIT 1) e ON true
	WHERE d.removed_at IS NULL
$$;

INSERT INTO schema_version (version) VALUES (6);
