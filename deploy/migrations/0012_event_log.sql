-- SPDX-License-Identifier: Apache-2.0
-- The event log: the journal's chain hash in each row, one index for every filter, pages, histogram. Figures per day: the next step.

ALTER TABLE events
	ADD COLUMN chain bytea,                       -- the journal's chain hash of the record
	ADD COLUMN rest bytea,                        -- what the record holds beyond these columns; with them it is the record again
	ADD COLUMN raised_at timestamptz;             -- of the alarm; null for events of collectors
ALTER TABLE refused
	ADD COLUMN type int,                          -- of the record in the journal
	ADD COLUMN chain bytea;

-- As in 0006, with the columns above.
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
			source text, source_at bigint, count int, chain bytea, rest bytea,
			episode bigint, raised bigint, cleared bigint, acked bigint, acked_by text, acked_comment text)
	), newest AS (
		SELECT DISTINCT ON (alarm_id) * FROM b WHERE rule <> 'event' ORDER BY alarm_id, jseq DESC
	), inserted AS (
		INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state,
			severity, user_name, comment, text, value, unit, test, clock_step, source, source_at, count, chain, rest, raised_at)
		SELECT site_id, unix_us(at), journal, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state,
			severity, user_name, comment, text, value, unit, test, clock_step, source, unix_us(source_at), count, chain, rest,
			CASE WHEN rule <> 'event' THEN unix_us(raised) END FROM b
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

-- A record the tables do not take: kept as it is with its place in the chain, and the cursor goes on.
CREATE FUNCTION events_refuse(journal bytea, after bigint, refused_jseq bigint, why text, bytes bytea, record_type int, record_chain bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM events_refuse(journal, after, refused_jseq, why, bytes);
	UPDATE refused SET type = record_type, chain = record_chain WHERE journal_id = journal AND jseq = refused_jseq;
END $$;

-- Records come in the order of their numbers: a few kilobytes find any of them.
CREATE INDEX events_jseq ON events USING brin (jseq) WITH (pages_per_range = 32, autosummarize = on);

-- What an event says, for finding words in it. The signs that make the parser see file names, hosts and decimals become space.
CREATE FUNCTION event_said(text text, comment text, subject text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT translate(left(coalesce(text, '') || ' ' || coalesce(comment, '') || ' ' || subject, 2000), './-@:_<>&', '         ')
$$;

-- Everything one can filter by, as lexemes of one index: GIN walks the rarest and skips in the others, so that two frequent ones that never
-- meet cost little. A sign ':' parts them from the words. Paths: the key and up to five levels above; longer paths and texts are
-- compared in the row.
CREATE FUNCTION event_lexemes(device text, device_id bigint, rule text, kind text, severity smallint, to_state smallint, user_name text, source text,
	alarm_id text, test boolean, text text, comment text, subject text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
	p text[] := string_to_array(device, '/');
BEGIN
	RETURN to_tsvector('simple'::regconfig, event_said(text, comment, subject)) || array_to_tsvector(array_remove(ARRAY[
		'd:' || device_id, 'r:' || left(rule, 200), 'k:' || left(kind, 200), 'v:' || severity, 't:' || to_state, 'c:' || left(kind, 200) || '/' || to_state,
		'u:' || left(user_name, 200), 'o:' || left(source, 200), 'a:' || left(substr(alarm_id, 34), 40), CASE WHEN test THEN 'x:' END,
		's:' || left(device, 200), 's:' || left(p[1], 200), 's:' || left(p[1] || '/' || p[2], 200), 's:' || left(p[1] || '/' || p[2] || '/' || p[3], 200),
		CASE WHEN p[4] IS NOT NULL THEN 's:' || left(array_to_string(p[1:4], '/'), 200) END,
		CASE WHEN p[5] IS NOT NULL THEN 's:' || left(array_to_string(p[1:5], '/'), 200) END], NULL));
END $$;
CREATE INDEX events_lexemes ON events USING gin (event_lexemes(device, device_id, rule, kind, severity, to_state, user_name, source, alarm_id, test,
	text, comment, subject));

-- Devices of the groups of a filter; null when it names none.
CREATE FUNCTION event_members(f jsonb) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	missing text := (SELECT v FROM jsonb_array_elements_text(f->'group') v WHERE NOT EXISTS (SELECT FROM device_group g WHERE g.key = v) LIMIT 1);
BEGIN
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'filter "group": there is no group "%"', missing USING ERRCODE = 'BB400';
	END IF;
	RETURN CASE WHEN f ? 'group' THEN ARRAY(SELECT DISTINCT d FROM device_group g, device_group_devices(g.group_id) d
		WHERE g.key IN (SELECT jsonb_array_elements_text(f->'group'))) END;
END $$;

-- Filters -----------------------------------------------------------------------------------------------------------
-- A filter is {since, until, site: [..], device: [..], group: [..], kind, rule, severity: [n], state: [n], user, source, alarm: [..], test: bool,
-- words: [{t, exact, not}]}. It becomes a query of the index (all it can decide) and a condition on the row (all there is).

CREATE FUNCTION event_quote(lexeme text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''''
$$;

CREATE FUNCTION event_any(prefix text, vals jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT '(' || string_agg(event_quote(prefix || left(v, 200)), '|') || ')' FROM jsonb_array_elements_text(vals) v
$$;

CREATE FUNCTION event_texts(vals jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT array_agg(v) FROM jsonb_array_elements_text(vals) v
$$;

-- A word or phrase as a query, its words joined by `op`. The last one may go on when it is not exact.
CREATE FUNCTION event_phrase(item jsonb, op text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(event_quote(lexeme), op ORDER BY n) || CASE WHEN (item->>'exact')::boolean THEN '' ELSE ':*' END
	FROM (SELECT lexeme, n FROM to_tsvector('simple'::regconfig, event_said(item->>'t', '', '')) v, unnest(v) u (lexeme, positions, weights), unnest(positions) n) w
$$;

CREATE FUNCTION event_words_query(f jsonb) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	item jsonb;
	q text;
	parts text[];
BEGIN
	FOR item IN SELECT * FROM jsonb_array_elements(f->'words') LOOP
		q := event_phrase(item, ' <-> ');
		IF q IS NULL THEN
			RAISE EXCEPTION 'filter "text": there is no word in "%"', item->>'t' USING ERRCODE = 'BB400';
		END IF;
		parts := parts || (CASE WHEN (item->>'not')::boolean THEN '!(' ELSE '(' END || q || ')');
	END LOOP;
	RETURN array_to_string(parts, '&')::tsquery;
END $$;

CREATE FUNCTION event_devices(f jsonb) RETURNS bigint[] LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(device_id), '{}') FROM device WHERE removed_at IS NULL AND key IN (SELECT jsonb_array_elements_text(f->'device'))
$$;

CREATE FUNCTION event_query(f jsonb, members bigint[]) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
	parts text[];
	item jsonb;
BEGIN
	IF f ? 'kind' AND f ? 'state' THEN
		parts := parts || (SELECT '(' || string_agg(event_quote('c:' || left(k, 200) || '/' || s), '|') || ')'
			FROM jsonb_array_elements_text(f->'kind') k, jsonb_array_elements_text(f->'state') s);
	ELSE
		parts := parts || event_any('k:', f->'kind') || event_any('t:', f->'state');
	END IF;
	parts := parts || event_any('r:', f->'rule') || event_any('v:', f->'severity') || event_any('u:', f->'user') || event_any('o:', f->'source')
		|| (SELECT '(' || string_agg(event_quote('a:' || left(substr(a, 34), 40)), '|') || ')' FROM jsonb_array_elements_text(f->'alarm') a)
		|| (SELECT '(' || string_agg(event_quote('s:' || left(array_to_string((string_to_array(s, '/'))[1:5], '/'), 200)), '|') || ')'
			FROM jsonb_array_elements_text(f->'site') s)
		|| CASE WHEN f ? 'device' THEN '(' || concat_ws('|', event_any('s:', f->'device'), event_any('d:', to_jsonb(event_devices(f)))) || ')' END
		|| CASE WHEN cardinality(members) BETWEEN 1 AND 50 THEN event_any('d:', to_jsonb(members)) END
		|| CASE WHEN (f->>'test')::boolean THEN '''x:''' END;
	FOR item IN SELECT w FROM jsonb_array_elements(f->'words') w WHERE NOT (w->>'not')::boolean LOOP
		parts := parts || ('(' || event_phrase(item, '&') || ')');
	END LOOP;
	RETURN nullif(array_to_string(array_remove(parts, NULL), '&'), '')::tsquery;
END $$;

CREATE FUNCTION event_condition(f jsonb, members bigint[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	c text := '';
	col record;
BEGIN
	FOR col IN SELECT * FROM (VALUES ('kind', 'kind'), ('rule', 'rule'), ('user', 'user_name'), ('source', 'source'), ('alarm', 'alarm_id')) v (name, col) LOOP
		IF f ? col.name THEN
			c := c || format(' AND %I = ANY(%L::text[])', col.col, event_texts(f->col.name));
		END IF;
	END LOOP;
	IF f ? 'severity' THEN
		c := c || format(' AND severity = ANY(%L::smallint[])', event_texts(f->'severity'));
	END IF;
	IF f ? 'state' THEN
		c := c || format(' AND to_state = ANY(%L::smallint[])', event_texts(f->'state'));
	END IF;
	IF f ? 'device' THEN
		c := c || format(' AND (device = ANY(%L::text[]) OR device_id = ANY(%L::bigint[]))', event_texts(f->'device'), event_devices(f));
	END IF;
	IF f ? 'site' THEN
		c := c || (SELECT ' AND (' || string_agg(format('starts_with(device, %L)', s || '/'), ' OR ') || ')' FROM jsonb_array_elements_text(f->'site') s);
	END IF;
	IF members IS NOT NULL THEN
		c := c || format(' AND device_id = ANY(%L::bigint[])', members);
	END IF;
	IF f ? 'test' THEN
		c := c || CASE WHEN (f->>'test')::boolean THEN ' AND test' ELSE ' AND NOT test' END;
	END IF;
	IF f ? 'words' THEN
		c := c || format(' AND to_tsvector(''simple''::regconfig, event_said(text, comment, subject)) @@ %L::tsquery', event_words_query(f));
	END IF;
	RETURN nullif(substr(c, 6), '');
END $$;

-- Pages -------------------------------------------------------------------------------------------------------------

CREATE FUNCTION event_indexed(q tsquery, cond text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN q IS NULL THEN '' ELSE format(' AND event_lexemes(device, device_id, rule, kind, severity, to_state, user_name, source, alarm_id, '
		'test, text, comment, subject) @@ %L::tsquery', q) END || coalesce(' AND ' || cond, '')
$$;

-- The matches of one window in order, through the index alone: never by walking in order of time and hoping to meet matches soon.
CREATE FUNCTION events_matching(within text, q tsquery, cond text, ord text, n int) RETURNS SETOF events LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off AS $$
BEGIN
	RETURN QUERY EXECUTE 'SELECT * FROM (SELECT * FROM events WHERE ' || within || event_indexed(q, cond) || format(' OFFSET 0) e ORDER BY %s LIMIT %s', ord, n);
END $$;


-- Are there n matches in the window? Those of the index in whatever order.
CREATE FUNCTION events_number(within text, q tsquery, cond text, most int) RETURNS int LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
	got int;
BEGIN
	EXECUTE 'SELECT count(*) FROM (SELECT FROM events WHERE ' || within || event_indexed(q, cond) || format(' LIMIT %s) e', most) INTO got;
	RETURN got;
END $$;

CREATE FUNCTION event_window(newest boolean, lo timestamptz, hi timestamptz, from_at timestamptz, from_jseq bigint, from_journal bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT format(CASE WHEN newest THEN 'at >= %L AND at < %L AND at <= %L AND (at, jseq, journal_id) < (%L, %s, %L::bytea)'
		ELSE 'at >= %L AND at < %L AND at >= %L AND (at, jseq, journal_id) > (%L, %s, %L::bytea)' END, lo, hi, from_at, from_at, from_jseq, from_journal)
$$;

-- Up to n events behind the place (from_at, from_jseq, from_journal; null: from the beginning) in order of time, newest or oldest first. The
-- nearest few thousand rows are looked at one by one, which finds what is frequent; then the index says, month by month, whether there is
-- anything. A last row without kind says that the time was up: the search goes on behind its (at, jseq, journal_id).
CREATE FUNCTION events_page(f jsonb, newest boolean, from_at timestamptz, from_jseq bigint, from_journal bytea, n int, budget_ms int)
RETURNS SETOF events LANGUAGE plpgsql STABLE AS $$
DECLARE
	ends_at CONSTANT timestamptz := clock_timestamp() + budget_ms * interval '1 ms';
	members bigint[] := event_members(f);
	q tsquery := event_query(f, members);
	cond text := event_condition(f, members);
	by_index boolean := q IS NOT NULL OR members IS NOT NULL;
	-- the index knows all about it: nothing is left to see in the rows
	is_exact boolean := q IS NOT NULL AND coalesce(cardinality(members), 0) <= 50 AND NOT (f @> '{"test": false}')
		AND coalesce(event_words_query(f)::text, '') !~ '<->|!';
	ord text := CASE WHEN newest THEN 'at DESC, jseq DESC, journal_id DESC' ELSE 'at, jseq, journal_id' END;
	lo timestamptz := greatest((f->>'since')::timestamptz, (SELECT min(at) FROM events));
	hi timestamptz := least((f->>'until')::timestamptz, (SELECT max(at) FROM events) + interval '1 us');
	step_lo timestamptz := lo;
	step_hi timestamptz := hi;
	walk int := CASE WHEN cond IS NULL THEN n ELSE 5000 END;
	is_first boolean := true;
	is_done boolean;
	within text;
	more int;
	got int;
	place record;
	last events;
BEGIN
	IF members = '{}' OR lo IS NULL OR hi <= lo THEN
		RETURN;
	END IF;
	IF from_at IS NULL THEN
		from_at := CASE WHEN newest THEN hi ELSE lo - interval '1 us' END;
		from_jseq := CASE WHEN newest THEN 0 ELSE 9223372036854775807 END;
		from_journal := '';
	END IF;
	LOOP
		more := NULL;
		is_done := false;
		IF by_index AND NOT is_first THEN
			IF is_exact THEN
				EXIT WHEN events_number(event_window(newest, lo, hi, from_at, from_jseq, from_journal), q, cond, 1) = 0;
				is_exact := false;      -- asked once
			END IF;
			IF newest THEN
				step_lo := greatest(lo, date_trunc('month', from_at - interval '1 us', 'UTC'));
			ELSE
				step_hi := least(hi, date_trunc('month', from_at + interval '1 us', 'UTC') + interval '1 month');
			END IF;
			more := events_number(event_window(newest, step_lo, step_hi, from_at, from_jseq, from_journal), q, cond, 2000);
		END IF;
		IF coalesce(more, 2000) >= 2000 THEN
			within := event_window(newest, step_lo, step_hi, from_at, from_jseq, from_journal);
			EXECUTE format('SELECT at, jseq, journal_id FROM events WHERE %s ORDER BY %s OFFSET %s LIMIT 1', within, ord, walk - 1) INTO place;
			RETURN QUERY EXECUTE format('SELECT * FROM (SELECT * FROM events WHERE %s ORDER BY %s LIMIT %s) e%s LIMIT %s', within, ord, walk,
				coalesce(' WHERE ' || cond, ''), n);
			GET DIAGNOSTICS got = ROW_COUNT;
			n := n - got;
			is_done := place.at IS NULL;
			EXIT WHEN n <= 0 OR is_done AND (is_first OR NOT by_index);
			IF NOT is_done THEN
				from_at := place.at;
				from_jseq := place.jseq;
				from_journal := place.journal_id;
			END IF;
		END IF;
		IF more > 0 AND NOT is_done THEN
			RETURN QUERY SELECT * FROM events_matching(event_window(newest, step_lo, step_hi, from_at, from_jseq, from_journal), q, cond, ord, n);
			GET DIAGNOSTICS got = ROW_COUNT;
			n := n - got;
			EXIT WHEN n <= 0;
		END IF;
		IF more IS NOT NULL THEN
			EXIT WHEN CASE WHEN newest THEN step_lo = lo ELSE step_hi = hi END;
			from_at := CASE WHEN newest THEN step_lo ELSE step_hi - interval '1 us' END;
			from_jseq := CASE WHEN newest THEN 0 ELSE 9223372036854775807 END;
			from_journal := '';
		END IF;
		is_first := false;
		IF clock_timestamp() > ends_at THEN
			last.at := from_at;
			last.jseq := from_jseq;
			last.journal_id := from_journal;
			RETURN NEXT last;
			EXIT;
		END IF;
	END LOOP;
END $$;

-- Histogram ---------------------------------------------------------------------------------------------------------

-- Events of each slice, whatever they are: numbers of the journal run on, so two probes of the index count. Where two journals meet, or the
-- clock went back, the slice is counted.
CREATE FUNCTION events_per_slice(lo timestamptz, width interval, n int) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	out bigint[];
	a record;
	b record;
	until timestamptz;
BEGIN
	FOR i IN 1..n LOOP
		until := lo + i * width;
		SELECT jseq, journal_id AS id INTO a FROM events WHERE at >= until - width AND at < until ORDER BY at, events.jseq LIMIT 1;
		SELECT jseq, journal_id AS id INTO b FROM events WHERE at >= until - width AND at < until ORDER BY at DESC, events.jseq DESC LIMIT 1;
		out[i] := CASE WHEN a.jseq IS NULL THEN 0 WHEN a.id = b.id AND b.jseq >= a.jseq THEN b.jseq - a.jseq + 1
			ELSE (SELECT count(*) FROM events WHERE at >= until - width AND at < until) END;
	END LOOP;
	RETURN out;
END $$;

-- How many events of a filter per slice of time. Many rows: a sample of pages says which share of each slice matches. Few matches: all of
-- them, newest months first.
CREATE FUNCTION events_histogram(f jsonb, buckets int, budget_ms int) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	ends_at CONSTANT timestamptz := clock_timestamp() + budget_ms * interval '1 ms';
	sampled CONSTANT int := 100000;
	members bigint[] := event_members(f);
	q tsquery := event_query(f, members);
	cond text := event_condition(f, members);
	lo timestamptz := coalesce((f->>'since')::timestamptz, (SELECT min(at) FROM events), now());
	hi timestamptz := coalesce((f->>'until')::timestamptz, (SELECT max(at) FROM events) + interval '1 us', now());
	width interval;
	slots bigint[] := array_fill(0::bigint, ARRAY[buckets]);
	totals bigint[];
	many bigint;
	hits bigint := 0;
	is_estimate boolean := false;
	step_lo timestamptz;
	step_hi timestamptz;
	slot record;
BEGIN
	hi := greatest(hi, lo + interval '1 s');
	width := (hi - lo) / buckets;
	totals := events_per_slice(lo, width, buckets);
	many := (SELECT sum(v) FROM unnest(totals) v);
	IF many > 3 * sampled AND cond IS NULL THEN
		slots := totals;
		is_estimate := true;
	ELSIF many > 3 * sampled THEN
		FOR slot IN EXECUTE format('SELECT least(%s, 1 + floor(extract(epoch FROM at - %L) / %s))::int AS i, count(*) AS n, count(*) FILTER (WHERE %s) AS hits '
			'FROM events TABLESAMPLE SYSTEM (%s) REPEATABLE (1) WHERE at >= %L AND at < %L GROUP BY 1',
			buckets, lo, extract(epoch FROM width), cond, round(100.0 * sampled / many, 4), lo, hi) LOOP
			slots[slot.i] := round(slot.hits::numeric * totals[slot.i] / slot.n);
			hits := hits + slot.hits;
		END LOOP;
		is_estimate := hits >= 1000 OR q IS NULL AND members IS NULL;
	END IF;
	IF NOT is_estimate THEN
		slots := array_fill(0::bigint, ARRAY[buckets]);
		step_hi := hi;
		WHILE step_hi > lo AND members IS DISTINCT FROM '{}' LOOP
			step_lo := greatest(lo, date_trunc('month', step_hi - interval '1 us', 'UTC'));
			FOR slot IN SELECT * FROM events_counted(format('at >= %L AND at < %L', step_lo, step_hi), q, cond, lo, extract(epoch FROM width)::float8, buckets) LOOP
				slots[slot.i] := slots[slot.i] + slot.n;
			END LOOP;
			step_hi := step_lo;
			EXIT WHEN clock_timestamp() > ends_at;
		END LOOP;
		FOR i IN 1..buckets LOOP
			slots[i] := CASE WHEN lo + i * width > step_hi THEN slots[i] END;
		END LOOP;
	END IF;
	RETURN jsonb_build_object('from', event_time(lo), 'to', event_time(hi), 'bucket_s', extract(epoch FROM width), 'counts', to_jsonb(slots),
		'total', (SELECT coalesce(sum(v), 0) FROM unnest(slots) v), 'estimate', is_estimate, 'complete', array_position(slots, NULL) IS NULL);
END $$;

CREATE FUNCTION event_time(t timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE FUNCTION events_counted(within text, q tsquery, cond text, lo timestamptz, width_s float8, buckets int) RETURNS TABLE (i int, n bigint)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT least(%s, 1 + floor(extract(epoch FROM at - %L) / %s))::int, count(*) FROM events WHERE ', buckets, lo, width_s)
		|| within || event_indexed(q, cond) || ' GROUP BY 1';
END $$;

INSERT INTO schema_version (version) VALUES (12);
