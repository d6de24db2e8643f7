-- SPDX-License-Identifier: Apache-2.0
-- Figures of alarm management per day, from the event log alone: EEMUA 191 and ISA-18.2 as docs/api.md says them.

-- Events of alarms of a site (NULL: all, own-alarms too) in a span; test alarms do not count.
CREATE FUNCTION kpi_events(site text, lo timestamptz, hi timestamptz) RETURNS TABLE (at timestamptz, kind text, rule text, device text, severity smallint,
	was_active boolean, is_active boolean, from_state smallint, raised_at timestamptz) LANGUAGE plpgsql STABLE ROWS 100000 AS $$
BEGIN
	RETURN QUERY EXECUTE 'SELECT at, kind, rule, device, severity, from_state IN (2, 3), to_state IN (2, 3), from_state, raised_at FROM events '
		'WHERE at >= $1 AND at < $2 AND rule <> ''event'' AND NOT test AND (kind IN (''raise'', ''clear'', ''ack'', ''shelve'', ''unshelve'') '
		'OR from_state IN (2, 3) AND to_state NOT IN (2, 3))' || CASE WHEN site IS NULL THEN '' ELSE ' AND starts_with(device, $3)' END
		USING lo, hi, site || '/';
END $$;

-- Spans in flood among these raises (sorted): it begins with the raise that is the 11th within 10 minutes and ends when fewer than 5 are left
-- in the window. The last may be open: then it ends when the 5th-last of its raises leaves the window.
CREATE FUNCTION kpi_floods(ats timestamptz[]) RETURNS TABLE (begins timestamptz, ends timestamptz) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	width CONSTANT interval := interval '10 min';
BEGIN
	FOR i IN 1..cardinality(ats) LOOP
		-- four raises left in the window: the fifth-last has just gone out of it
		IF begins IS NOT NULL AND ats[i] >= ats[i - 5] + width THEN
			ends := ats[i - 5] + width;
			RETURN NEXT;
			begins := NULL;
		END IF;
		IF begins IS NULL AND i > 10 AND ats[i] < ats[i - 10] + width THEN
			begins := ats[i];
		END IF;
	END LOOP;
	IF begins IS NOT NULL THEN
		ends := ats[cardinality(ats) - 4] + width;
		RETURN NEXT;
	END IF;
END $$;

CREATE FUNCTION kpi(site text, first date, last date, tz text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
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
	), raised AS MATERIALIZED (
		SELECT at, rule, device, severity, n, count(*) OVER (ORDER BY at RANGE interval '599.999999 s' PRECEDING) AS in_10min,
			count(*) OVER (ORDER BY at RANGE interval '59.999999 s' PRECEDING) AS in_1min FROM e WHERE kind = 'raise' AND at >= lo - interval '1 day' AND at < hi
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
	), stood AS MATERIALIZED (
		SELECT DISTINCT device, rule, raised_at, at AS ended_at FROM e WHERE was_active AND NOT is_active AND width_bucket(raised_at, edges) <> n + 1
		UNION ALL SELECT a.device, a.rule, a.raised_at, 'infinity' FROM alarm_state a
			WHERE a.state IN (2, 3) AND NOT a.test AND (kpi.site IS NULL OR starts_with(a.device, kpi.site || '/'))
	), standing AS (
		SELECT s.n, count(*) AS standing, count(*) FILTER (WHERE raised_at <= s.ends - interval '24 hours') AS stale
		FROM spans s JOIN stood t ON t.raised_at < s.ends AND t.ended_at >= s.ends GROUP BY s.n
	), shelves AS (
		SELECT at AS begins, least(lead(at) OVER (PARTITION BY device, rule ORDER BY at), at + interval '7 days') AS ends, kind FROM e WHERE kind IN ('shelve', 'unshelve')
	), shelved AS (
		SELECT s.n, count(*) AS shelved FROM spans s JOIN shelves h ON h.kind = 'shelve' AND h.begins < s.ends AND h.ends >= s.ends GROUP BY s.n
	), took AS (
		SELECT n, avg(extract(epoch FROM at - raised_at)) FILTER (WHERE kind = 'ack') AS ack_mean, count(*) FILTER (WHERE kind = 'ack') AS acks,
			avg(extract(epoch FROM at - raised_at)) FILTER (WHERE kind = 'clear') AS normal_mean, count(*) FILTER (WHERE kind = 'clear') AS normals
		FROM e WHERE raised_at IS NOT NULL AND (kind = 'ack' AND from_state = 2 OR kind = 'clear' AND was_active) AND at >= lo AND at < hi
		GROUP BY GROUPING SETS ((n), ())
	), whole AS (
		SELECT s.n, jsonb_build_object('day', s.day, 'raises', coalesce(c.raises, 0), 'peak_10min', coalesce(peak_10min, 0), 'peak_1min', coalesce(peak_1min, 0),
			'flood_s', (SELECT coalesce(round(sum(extract(epoch FROM least(f.ends, s.ends) - greatest(f.begins, s.begins)))), 0)
				FROM floods f WHERE f.begins < s.ends AND f.ends > s.begins),
			'standing', coalesce(standing, 0), 'stale', coalesce(stale, 0), 'shelved', coalesce(shelved, 0),
			'ack_mean_s', round(ack_mean, 3), 'acks', coalesce(acks, 0), 'normal_mean_s', round(normal_mean, 3), 'normals', coalesce(normals, 0),
			'by_severity', '{"critical": 0, "major": 0, "unknown": 0, "minor": 0, "info": 0}' || coalesce(mix, '{}'),
			'top', coalesce(top, '[]'), 'chattering', coalesce(g.pairs, '[]')) AS doc
		FROM spans s LEFT JOIN peaks p ON p.n IS NOT DISTINCT FROM s.n LEFT JOIN raises c ON c.n IS NOT DISTINCT FROM s.n
			LEFT JOIN tops t ON t.n IS NOT DISTINCT FROM s.n LEFT JOIN chattering g ON g.n IS NOT DISTINCT FROM s.n
			LEFT JOIN severities v ON v.n IS NOT DISTINCT FROM s.n LEFT JOIN standing w ON w.n IS NOT DISTINCT FROM s.n
			LEFT JOIN shelved h ON h.n IS NOT DISTINCT FROM s.n LEFT JOIN took k ON k.n IS NOT DISTINCT FROM s.n
	)
	SELECT jsonb_agg(doc ORDER BY n) FILTER (WHERE n IS NOT NULL), (array_agg(doc) FILTER (WHERE n IS NULL))[1] INTO days, total FROM whole;
	RETURN jsonb_build_object('site', site, 'from', first, 'to', last, 'tz', tz, 'days', days, 'total', total);
END $$;

-- What GET /kpis asks for: NULL takes the default.
CREATE FUNCTION kpi_report(site text, from_day text, to_day text, tz text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	first date;
	last date;
BEGIN
	IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = tz) THEN
		RAISE EXCEPTION 'there is no time zone "%"; name one such as Europe/Berlin', tz USING ERRCODE = 'BB400';
	END IF;
	IF NOT coalesce(from_day, '2026-01-01') ~ '^\d{4}-\d\d-\d\d$' OR NOT coalesce(to_day, '2026-01-01') ~ '^\d{4}-\d\d-\d\d$' THEN
		RAISE datetime_field_overflow;
	END IF;
	last := coalesce(to_day::date, (now() AT TIME ZONE tz)::date);
	first := coalesce(from_day::date, last - 29);
	IF first > last OR last - first > 91 THEN
		RAISE EXCEPTION 'figures are for 1 to 92 days, from the first to the last' USING ERRCODE = 'BB400';
	END IF;
	RETURN kpi(site, first, last, tz);
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
	RAISE EXCEPTION 'a day is written 2026-11-21' USING ERRCODE = 'BB400';
END $$;

INSERT INTO schema_version (version) VALUES (15);
