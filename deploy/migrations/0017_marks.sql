-- SPDX-License-Identifier: Apache-2.0
-- Marks of an alarm in the log: what was quiet is counted apart, what was recorded with a doubtful clock says so. Bits: 1 shelved, 2 consequence of
-- something lost, 4 maintenance, 8 out of service, 16 the clock of the host was not synchronised. NULL: recorded before there was the column.

ALTER TABLE events ADD COLUMN marks smallint;
ALTER TABLE alarm_state ADD COLUMN marks smallint;

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
			source text, source_at bigint, count int, chain bytea, rest bytea, marks smallint,
			episode bigint, raised bigint, cleared bigint, acked bigint, acked_by text, acked_comment text)
	), newest AS (
		SELECT DISTINCT ON (alarm_id) * FROM b WHERE rule <> 'event' ORDER BY alarm_id, jseq DESC
	), inserted AS (
		INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state,
			severity, user_name, comment, text, value, unit, test, clock_step, source, source_at, count, chain, rest, raised_at, marks)
		SELECT site_id, unix_us(at), journal, jseq, device_id, device, alarm_id, rule, subject, kind, from_state, to_state,
			severity, user_name, comment, text, value, unit, test, clock_step, source, unix_us(source_at), count, chain, rest,
			CASE WHEN rule <> 'event' THEN unix_us(raised) END, marks FROM b
		ON CONFLICT DO NOTHING
	), ended AS (
		DELETE FROM alarm_state s USING newest n
		WHERE s.alarm_id = n.alarm_id AND n.to_state = 1 AND (s.journal_id <> journal OR s.jseq < n.jseq)
	)
	INSERT INTO alarm_state AS s (alarm_id, site_id, device_id, device, rule, subject, episode, severity, state, raised_at,
		cleared_at, acked_at, user_name, comment, text, value, unit, test, journal_id, jseq, marks)
	SELECT alarm_id, site_id, device_id, device, rule, subject, episode, severity, to_state, unix_us(raised), unix_us(cleared),
		unix_us(acked), acked_by, acked_comment, text, value, unit, test, journal, jseq, marks FROM newest WHERE to_state <> 1
	ON CONFLICT (alarm_id) DO UPDATE SET
		site_id = excluded.site_id, device = excluded.device, severity = excluded.severity, state = excluded.state,
		cleared_at = excluded.cleared_at, acked_at = excluded.acked_at, user_name = excluded.user_name,
		comment = excluded.comment, text = excluded.text, value = excluded.value, unit = excluded.unit,
		journal_id = excluded.journal_id, jseq = excluded.jseq, marks = excluded.marks
	WHERE s.journal_id <> excluded.journal_id OR s.jseq < excluded.jseq;
END $$;

-- Events of alarms of a site (NULL: all, own-alarms too) in a span; test alarms do not count. `marks` without the clock's.
DROP FUNCTION kpi_events(text, timestamptz, timestamptz);
CREATE FUNCTION kpi_events(site text, lo timestamptz, hi timestamptz) RETURNS TABLE (at timestamptz, jseq bigint, kind text, rule text, device text,
	severity smallint, was_active boolean, is_active boolean, from_state smallint, raised_at timestamptz, marks int) LANGUAGE plpgsql STABLE ROWS 100000 AS $$
BEGIN
	RETURN QUERY EXECUTE 'SELECT at, jseq, kind, rule, device, severity, from_state IN (2, 3), to_state IN (2, 3), from_state, raised_at, '
		'coalesce(marks, 0) & 15 FROM events '
		'WHERE at >= $1 AND at < $2 AND rule <> ''event'' AND NOT test AND (kind IN (''raise'', ''clear'', ''ack'', ''shelve'', ''unshelve'', '
		'''suppress'', ''unsuppress'', ''maintenance'', ''maintenance_end'', ''out_of_service'', ''in_service'') '
		'OR from_state IN (2, 3) AND to_state NOT IN (2, 3))' || CASE WHEN site IS NULL THEN '' ELSE ' AND starts_with(device, $3)' END
		USING lo, hi, site || '/';
END $$;

CREATE OR REPLACE FUNCTION kpi(site text, first date, last date, tz text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	lo timestamptz := first::timestamp AT TIME ZONE tz;
	hi timestamptz := least((last + 1)::timestamp AT TIME ZONE tz, now());
	edges timestamptz[] := ARRAY(SELECT (first + n)::timestamp AT TIME ZONE tz FROM generate_series(0, last + 1 - first) n);
	days jsonb;
	total jsonb;
BEGIN
	WITH d AS MATERIALIZED (
		SELECT n, (first + n)::text AS day, (first + n)::timestamp AT TIME ZONE tz AS begins, least((first + n + 1)::timestamp AT TIME ZONE tz, now()) AS ends
		FROM generate_series(0, last - first) n
	), spans AS (
		SELECT n, day, begins, ends FROM d UNION ALL SELECT NULL, NULL, lo, hi
	), e AS MATERIALIZED (
		SELECT *, width_bucket(at, edges) - 1 AS n FROM kpi_events(site, lo - interval '7 days', now())
	), began AS MATERIALIZED (
		SELECT n, marks FROM e WHERE kind = 'raise' AND at >= lo AND at < hi AND marks <> 0
	), raised AS MATERIALIZED (
		SELECT at, rule, device, severity, n, count(*) OVER (ORDER BY at RANGE interval '599.999999 s' PRECEDING) AS in_10min,
			count(*) OVER (ORDER BY at RANGE interval '59.999999 s' PRECEDING) AS in_1min FROM e WHERE kind = 'raise' AND marks = 0 AND at >= lo - interval '1 day' AND at < hi
	), r AS MATERIALIZED (
		SELECT * FROM raised WHERE at >= lo
	), peaks AS (
		SELECT n, max(in_10min) AS peak_10min, max(in_1min) AS peak_1min FROM r GROUP BY GROUPING SETS ((n), ())
	), floods AS MATERIALIZED (
		SELECT f.begins, f.ends FROM kpi_floods(coalesce((SELECT array_agg(at ORDER BY at) FROM raised), '{}')) f
	), pairs AS MATERIALIZED (
		SELECT n, rule, device, count(*) AS raises FROM r GROUP BY GROUPING SETS ((n, rule, device), (rule, device))
	), raises AS (
		SELECT n, sum(raises) AS raises FROM pairs GROUP BY n
	), tops AS (
		SELECT p.n, jsonb_agg(jsonb_build_object('rule', rule, 'device', device, 'count', p.raises, 'share', round(p.raises::numeric / s.raises, 4))
			ORDER BY p.raises DESC, rule, device) AS top
		FROM (SELECT *, row_number() OVER (PARTITION BY n ORDER BY raises DESC, rule, device) AS place FROM pairs) p
		JOIN raises s ON s.n IS NOT DISTINCT FROM p.n WHERE place <= 10 GROUP BY p.n
	), restless AS MATERIALIZED (
		SELECT DISTINCT n, rule, device FROM (SELECT n, rule, device, at - lag(at, 2) OVER w < interval '60 s' OR at - lag(at, 4) OVER w < interval '10 min' AS is_so
			FROM r WINDOW w AS (PARTITION BY rule, device ORDER BY at)) x WHERE is_so
	), chattering AS (
		SELECT p.n, jsonb_agg(jsonb_build_object('rule', rule, 'device', device, 'raises', raises) ORDER BY raises DESC, rule, device) AS pairs
		FROM pairs p WHERE EXISTS (SELECT FROM restless q WHERE q.rule = p.rule AND q.device = p.device AND (p.n IS NULL OR q.n = p.n)) GROUP BY p.n
	), severities AS (
		SELECT n, jsonb_object_agg(severity_name(severity), many) AS mix FROM (SELECT n, severity, count(*) AS many FROM r
			GROUP BY GROUPING SETS ((n, severity), (severity))) x GROUP BY n
	), marked AS MATERIALIZED (     -- which marks an alarm had, and until when
		SELECT device, rule, raised_at, marks, kind, at AS begins, coalesce(lead(at) OVER w, 'infinity') AS ends FROM e
			WHERE (is_active OR was_active) AND kind IN ('raise', 'shelve', 'unshelve', 'suppress', 'unsuppress', 'maintenance', 'maintenance_end',
				'out_of_service', 'in_service')
			WINDOW w AS (PARTITION BY device, rule, raised_at ORDER BY at, jseq)
	), stood AS MATERIALIZED (
		SELECT DISTINCT device, rule, raised_at, at AS ended_at, marks FROM e
			WHERE was_active AND NOT is_active AND width_bucket(raised_at, edges) <> n + 1
		UNION ALL SELECT a.device, a.rule, a.raised_at, 'infinity', coalesce(a.marks, 0) & 15 FROM alarm_state a
			WHERE a.state IN (2, 3) AND NOT a.test AND (kpi.site IS NULL OR starts_with(a.device, kpi.site || '/'))
	), standing AS (
		SELECT n, count(*) FILTER (WHERE marks = 0) AS standing, count(*) FILTER (WHERE marks = 0 AND is_old) AS stale, count(*) FILTER (WHERE marks <> 0) AS quiet
		FROM (SELECT s.n, t.raised_at <= s.ends - interval '24 hours' AS is_old, coalesce(m.marks, t.marks) AS marks
			FROM spans s JOIN stood t ON t.raised_at < s.ends AND t.ended_at >= s.ends
			LEFT JOIN marked m ON m.device = t.device AND m.rule = t.rule AND m.raised_at = t.raised_at AND m.begins < s.ends AND m.ends >= s.ends) x
		GROUP BY n
	), shelves AS (
		SELECT at AS begins, least(lead(at) OVER (PARTITION BY device, rule ORDER BY at), at + interval '7 days') AS ends, kind FROM e WHERE kind IN ('shelve', 'unshelve')
	), shelved AS (
		SELECT s.n, count(*) AS shelved FROM spans s JOIN shelves h ON h.kind = 'shelve' AND h.begins < s.ends AND h.ends >= s.ends GROUP BY s.n
	), took AS (    -- since it was raised, or since its quiet ended: before that nobody heard of it
		SELECT n, avg(s) FILTER (WHERE kind = 'ack') AS ack_mean, count(*) FILTER (WHERE kind = 'ack') AS acks,
			avg(s) FILTER (WHERE kind = 'clear') AS normal_mean, count(*) FILTER (WHERE kind = 'clear') AS normals
		FROM (SELECT e.n, e.kind, extract(epoch FROM e.at - CASE WHEN m.kind <> 'raise' THEN m.begins ELSE e.raised_at END) AS s
			FROM e LEFT JOIN marked m ON m.device = e.device AND m.rule = e.rule AND m.raised_at = e.raised_at AND m.begins < e.at AND m.ends >= e.at
			WHERE e.raised_at IS NOT NULL AND (e.kind = 'ack' AND e.from_state = 2 OR e.kind = 'clear' AND e.was_active) AND e.marks = 0
				AND e.at >= lo AND e.at < hi) x
		GROUP BY GROUPING SETS ((n), ())
	), quiet AS (
		SELECT n, count(*) AS raises, count(*) FILTER (WHERE marks & 1 <> 0) AS shelved, count(*) FILTER (WHERE marks & 2 <> 0) AS suppressed,
			count(*) FILTER (WHERE marks & 4 <> 0) AS maintenance, count(*) FILTER (WHERE marks & 8 <> 0) AS out_of_service
		FROM began GROUP BY GROUPING SETS ((n), ())
	), whole AS (
		SELECT s.n, jsonb_build_object('day', s.day, 'raises', coalesce(c.raises, 0), 'peak_10min', coalesce(peak_10min, 0), 'peak_1min', coalesce(peak_1min, 0),
			'flood_s', (SELECT coalesce(round(sum(extract(epoch FROM least(f.ends, s.ends) - greatest(f.begins, s.begins)))), 0)
				FROM floods f WHERE f.begins < s.ends AND f.ends > s.begins),
			'standing', coalesce(standing, 0), 'stale', coalesce(stale, 0), 'shelved', coalesce(h.shelved, 0),
			'left_out', jsonb_build_object('raises', coalesce(q.raises, 0), 'standing', coalesce(w.quiet, 0), 'shelved', coalesce(q.shelved, 0),
				'suppressed', coalesce(q.suppressed, 0), 'maintenance', coalesce(q.maintenance, 0), 'out_of_service', coalesce(q.out_of_service, 0)),
			'ack_mean_s', round(ack_mean, 3), 'acks', coalesce(acks, 0), 'normal_mean_s', round(normal_mean, 3), 'normals', coalesce(normals, 0),
			'by_severity', '{"critical": 0, "major": 0, "unknown": 0, "minor": 0, "info": 0}' || coalesce(mix, '{}'),
			'top', coalesce(top, '[]'), 'chattering', coalesce(g.pairs, '[]')) AS doc
		FROM spans s LEFT JOIN peaks p ON p.n IS NOT DISTINCT FROM s.n LEFT JOIN raises c ON c.n IS NOT DISTINCT FROM s.n
			LEFT JOIN tops t ON t.n IS NOT DISTINCT FROM s.n LEFT JOIN chattering g ON g.n IS NOT DISTINCT FROM s.n
			LEFT JOIN severities v ON v.n IS NOT DISTINCT FROM s.n LEFT JOIN standing w ON w.n IS NOT DISTINCT FROM s.n
			LEFT JOIN shelved h ON h.n IS NOT DISTINCT FROM s.n LEFT JOIN took k ON k.n IS NOT DISTINCT FROM s.n
			LEFT JOIN quiet q ON q.n IS NOT DISTINCT FROM s.n
	)
	SELECT jsonb_agg(doc ORDER BY n) FILTER (WHERE n IS NOT NULL), (array_agg(doc) FILTER (WHERE n IS NULL))[1] INTO days, total FROM whole;
	RETURN jsonb_build_object('site', site, 'from', first, 'to', last, 'tz', tz, 'days', days, 'total', total);
END $$;

-- ---- rules that two people change, or that something names ----

ALTER TABLE rule ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- What stands for all entries as they are now.
CREATE FUNCTION rules_state() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT md5(coalesce(string_agg(entry_id || ':' || version, ',' ORDER BY entry_id), '')) FROM rule WHERE removed_at IS NULL
$$;

-- Of these ids no rule is left although redundancy groups name them: such a group would never see the failure again. `builtin`: ids of rules that
-- are in the program.
CREATE FUNCTION rule_must_stay(ids text[], builtin text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	gone text;
	users text;
BEGIN
	FOREACH gone IN ARRAY coalesce(ids, '{}') LOOP
		CONTINUE WHEN gone = ANY (builtin) OR EXISTS (SELECT FROM rule WHERE rule_id = gone AND removed_at IS NULL);
		SELECT string_agg('"' || key || '"', ', ' ORDER BY key) INTO users FROM redundancy_group WHERE gone = ANY (fails_on);
		IF users IS NOT NULL THEN
			RAISE EXCEPTION 'rule "%" is what makes members of redundancy group % fail; take it out there first', gone, users USING ERRCODE = 'BB409';
		END IF;
	END LOOP;
END $$;

-- `base`: the version somebody looked at before he changed it, "*" for whatever it is.
CREATE FUNCTION rule_is_at(ref text, base text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r rule;
BEGIN
	SELECT * INTO r FROM rule WHERE entry_id::text = ref AND removed_at IS NULL FOR UPDATE;
	IF r.entry_id IS NOT NULL AND base <> '*' AND r.version::text <> base THEN
		RAISE EXCEPTION 'rule "%" was changed by "%" at %: it is at version % now, yours is %; look at it again', r.rule_id, r.user_name,
			to_char(r.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), r.version, base USING ERRCODE = 'BB412';
	END IF;
	RETURN r.rule_id;
END $$;

CREATE OR REPLACE FUNCTION rule_put(ref text, new_doc jsonb, actor text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	kind text := coalesce((SELECT k FROM jsonb_object_keys(new_doc->'scope') k), '');
	dev bigint := (SELECT device_id FROM device d WHERE d.key = new_doc->'scope'->>'device' AND d.removed_at IS NULL);
	named text := CASE kind WHEN '' THEN '' WHEN 'device' THEN '' ELSE new_doc->'scope'->>kind END;
	id bigint;
BEGIN
	PERFORM rule_check(new_doc);
	IF ref IS NULL THEN
		IF (SELECT count(*) FROM rule WHERE removed_at IS NULL) >= 5000 THEN
			RAISE EXCEPTION 'there are 5000 rules already' USING ERRCODE = 'BB409';
		END IF;
		INSERT INTO rule (rule_id, scope, scope_key, device_id, doc, user_name) VALUES (new_doc->>'id', kind, named, dev, new_doc - 'id' - 'scope', actor)
			ON CONFLICT (rule_id, scope, scope_key, coalesce(device_id, 0)) WHERE removed_at IS NULL DO NOTHING RETURNING entry_id INTO id;
		IF id IS NULL THEN
			RAISE EXCEPTION 'rule "%" stands in this scope already', new_doc->>'id' USING ERRCODE = 'BB409';
		END IF;
	ELSE
		IF EXISTS (SELECT FROM rule r WHERE r.rule_id = new_doc->>'id' AND r.scope = kind AND r.scope_key = named
				AND r.device_id IS NOT DISTINCT FROM dev AND r.entry_id::text <> ref AND r.removed_at IS NULL) THEN
			RAISE EXCEPTION 'rule "%" stands in this scope already', new_doc->>'id' USING ERRCODE = 'BB409';
		END IF;
		UPDATE rule r SET rule_id = new_doc->>'id', scope = kind, scope_key = named, device_id = dev, doc = new_doc - 'id' - 'scope',
			user_name = actor, changed_at = now(), version = version + 1 WHERE r.entry_id::text = ref AND r.removed_at IS NULL RETURNING r.entry_id INTO id;
		IF id IS NULL THEN
			RAISE EXCEPTION 'there is no entry of the rules with this id' USING ERRCODE = 'BB404';
		END IF;
	END IF;
	PERFORM config_audit(actor, source, CASE WHEN ref IS NULL THEN 'rule.add' ELSE 'rule.set' END, new_doc->>'id', new_doc || jsonb_build_object('entry', id));
	RETURN id::text;
END $$;

CREATE FUNCTION rule_put(ref text, new_doc jsonb, actor text, source text, base text, builtin text[]) RETURNS TABLE (entry text, version bigint)
LANGUAGE plpgsql AS $$
DECLARE was text := rule_is_at(ref, base);
BEGIN
	entry := rule_put(ref, new_doc, actor, source);
	PERFORM rule_must_stay(ARRAY[was], builtin);
	SELECT r.version INTO version FROM rule r WHERE r.entry_id::text = entry;
	RETURN NEXT;
END $$;

CREATE FUNCTION rule_remove(ref text, actor text, source text, base text, builtin text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE was text := rule_is_at(ref, base);
BEGIN
	PERFORM rule_remove(ref, actor, source);
	PERFORM rule_must_stay(ARRAY[was], builtin);
END $$;

CREATE FUNCTION rules_import(docs jsonb, try boolean, actor text, source text, base text, builtin text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	was text[];
	newest rule;
	done jsonb;
BEGIN
	LOCK TABLE rule IN SHARE ROW EXCLUSIVE MODE;
	IF base <> '*' AND base <> rules_state() THEN
		SELECT * INTO newest FROM rule ORDER BY coalesce(removed_at, changed_at) DESC LIMIT 1;
		RAISE EXCEPTION 'rules were changed since this text was made, the last by "%" at %; export them again', newest.user_name,
			to_char(coalesce(newest.removed_at, newest.changed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') USING ERRCODE = 'BB412';
	END IF;
	was := ARRAY(SELECT DISTINCT rule_id FROM rule WHERE removed_at IS NULL
		AND rule_id NOT IN (SELECT n->>'id' FROM jsonb_array_elements(docs) n));
	done := rules_import(docs, try, actor, source);
	IF try THEN     -- nothing is gone yet
		was := ARRAY(SELECT w FROM unnest(was) w WHERE NOT w = ANY (builtin));
		IF EXISTS (SELECT FROM redundancy_group WHERE fails_on && was) THEN
			RAISE EXCEPTION 'redundancy group % names a rule that is not in the text: %',
				(SELECT string_agg('"' || key || '"', ', ' ORDER BY key) FROM redundancy_group WHERE fails_on && was),
				(SELECT string_agg(DISTINCT '"' || f || '"', ', ') FROM redundancy_group, unnest(fails_on) f WHERE f = ANY (was)) USING ERRCODE = 'BB409';
		END IF;
	ELSE
		PERFORM rule_must_stay(was, builtin);
	END IF;
	RETURN done || jsonb_build_object('state', rules_state());
END $$;

-- Names all of its users, not the first.
CREATE OR REPLACE FUNCTION device_group_has_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE used text := (SELECT string_agg(DISTINCT '"' || rule_id || '"', ', ') FROM rule WHERE removed_at IS NULL
	AND ((scope = 'group' AND scope_key = OLD.key) OR doc->>'group' = OLD.key));
BEGIN
	IF used IS NOT NULL THEN
		RAISE EXCEPTION 'device group "%" is named by rule %; change the rule first', OLD.key, used USING ERRCODE = 'BB409';
	END IF;
	RETURN OLD;
END $$;

INSERT INTO schema_version (version) VALUES (17);
