-- SPDX-License-Identifier: Apache-2.0
-- How long history is kept. Nothing is dropped unless a setting says so, and then whole months only, at once and without a trace of
-- dead rows: samples and texts by historyd, events by alarmd. What was dropped is recorded.

CREATE TABLE history_drop (
	what       text NOT NULL,                      -- samples texts events
	partition  text NOT NULL,
	at         timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (what, partition, at)
);

CREATE FUNCTION history_setting(what text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE what WHEN 'samples' THEN 'history.keep_days' WHEN 'texts' THEN 'history.keep_text_days'
	WHEN 'events' THEN 'history.keep_event_days' END $$;

-- NULL: everything is kept. What is not a sound number keeps everything, too.
CREATE FUNCTION history_keep_days(what text) RETURNS int LANGUAGE sql STABLE AS $$
	SELECT value::int FROM setting WHERE name = history_setting(what) AND value ~ '^[0-9]{2,5}$' AND value::int BETWEEN 31 AND 36500
$$;

CREATE FUNCTION history_table(what text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE what WHEN 'samples' THEN 'sample_day' WHEN 'texts' THEN 'text_change' WHEN 'events' THEN 'events' END $$;

-- Month partitions that hold rows, oldest first.
CREATE FUNCTION history_months(what text) RETURNS TABLE (month date, name text) LANGUAGE plpgsql AS $$
DECLARE
	p record;
	is_used boolean;
BEGIN
	FOR p IN SELECT c.relname, to_date(right(c.relname, 7), 'YYYY_MM') AS first FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = to_regclass(history_table(what)) AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' ORDER BY 2
	LOOP
		EXECUTE format('SELECT EXISTS (SELECT FROM %I)', p.relname) INTO is_used;
		IF is_used THEN
			month := p.first;
			name := p.relname;
			RETURN NEXT;
		END IF;
	END LOOP;
END $$;

-- A state that began in a month that goes still holds behind it.
CREATE FUNCTION text_change_carry(partition text, month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	after timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
	PERFORM text_change_ensure(after);
	EXECUTE format('INSERT INTO text_change SELECT DISTINCT ON (device_id, series) site_id, device_id, %L::timestamptz, series, value '
		'FROM %I ORDER BY device_id, series, at DESC ON CONFLICT DO NOTHING', after, partition);
END $$;

-- Drops the months whose last day is older than the setting says; returns their names. A month goes only while at least as many newer
-- months with rows are there as the setting asks for: a clock that jumps years ahead must not empty the history.
CREATE FUNCTION history_retain(what text) RETURNS SETOF text LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
	days int := history_keep_days(what);
	today date := (now() AT TIME ZONE 'UTC')::date;
	m record;
	t text;
BEGIN
	IF days IS NULL THEN
		RETURN;
	END IF;
	FOR m IN SELECT h.*, count(*) OVER (ORDER BY h.month DESC) - 1 AS newer FROM history_months(what) h ORDER BY h.month LOOP
		CONTINUE WHEN m.month + interval '1 month' > today - days OR m.newer < days / 31 + 1;
		IF what = 'texts' THEN
			PERFORM text_change_carry(m.name, m.month);
		END IF;
		IF what = 'samples' THEN
			FOREACH t IN ARRAY ARRAY['sample_week', 'sample_time'] LOOP
				EXECUTE format('DROP TABLE IF EXISTS %I', t || to_char(m.month, '_YYYY_MM'));
			END LOOP;
			DELETE FROM sample_week_state WHERE week < m.month + interval '1 month' AND week + 7 <= m.month + interval '1 month';
		END IF;
		EXECUTE format('DROP TABLE %I', m.name);
		INSERT INTO history_drop (what, partition) VALUES (what, m.name);
		RETURN NEXT m.name;
	END LOOP;
END $$;

CREATE FUNCTION history_bytes(what text) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)::bigint FROM pg_inherits i
	WHERE i.inhparent = ANY (CASE what WHEN 'samples' THEN '{sample_day,sample_time,sample_week,sample_wide}'::regclass[]
		ELSE ARRAY[to_regclass(history_table(what))] END)
$$;

CREATE FUNCTION history_list() RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_agg(jsonb_build_object('what', w.what, 'keep_days', history_keep_days(w.what),
		'oldest', (SELECT min(month) FROM history_months(w.what)), 'partitions', (SELECT count(*) FROM history_months(w.what)),
		'bytes', history_bytes(w.what), 'dropped', coalesce((SELECT jsonb_agg(jsonb_build_object('partition', d.partition, 'at',
			to_char(d.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ORDER BY d.at DESC, d.partition DESC)
			FROM (SELECT * FROM history_drop d WHERE d.what = w.what ORDER BY at DESC, partition DESC LIMIT 10) d), '[]')) ORDER BY w.n)
	FROM unnest(ARRAY['samples', 'texts', 'events']) WITH ORDINALITY w (what, n)
$$;

INSERT INTO schema_version (version) VALUES (11);
