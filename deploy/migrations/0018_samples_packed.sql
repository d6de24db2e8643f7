-- SPDX-License-Identifier: Apache-2.0
-- Samples packed (written by historyd alone; the form of t, p and s: common/packed.h). What a fold takes from the open window lies in
-- sample_part until its day is over, then all parts of a day become its rows of sample_day at once. Rows of older programs stay as they are.

ALTER TABLE sample_time
	ALTER COLUMN dt DROP NOT NULL,                 -- rows of older programs
	ADD COLUMN t bytea;                            -- times
ALTER TABLE sample_day
	ADD COLUMN p bytea,                            -- values
	ADD COLUMN s bytea;                            -- slots: minimum, average, maximum of ten minutes each
ALTER TABLE sample_time ALTER COLUMN t SET STORAGE EXTERNAL;
ALTER TABLE sample_day ALTER COLUMN p SET STORAGE EXTERNAL, ALTER COLUMN s SET STORAGE MAIN;

CREATE TABLE sample_part (
	site_id    bigint NOT NULL,
	device_id  bigint NOT NULL,
	day        date NOT NULL,
	first      int4 NOT NULL,                      -- times of the first and last sample, steps of 100 ms
	last       int4 NOT NULL,
	series     int[] NOT NULL,
	scale      int2[] NOT NULL,
	ends       int[] NOT NULL,                     -- where the values of each series end in p
	t          bytea NOT NULL,
	p          bytea NOT NULL
) PARTITION BY RANGE (day);
ALTER TABLE sample_part ALTER COLUMN t SET STORAGE EXTERNAL, ALTER COLUMN p SET STORAGE EXTERNAL;
CREATE INDEX ON sample_part (device_id, day);

-- Nobody plans by what stands in arrays of samples, and looking into them is dear.
CREATE FUNCTION sample_statistics_off(part regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	col name;
BEGIN
	FOR col IN SELECT attname FROM pg_attribute WHERE attrelid = part AND attnum > 0 AND NOT attisdropped
		AND (atttypid = 'bytea'::regtype OR format_type(atttypid, NULL) LIKE '%[]') LOOP
		EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', part, col);
	END LOOP;
END $$;
SELECT sample_statistics_off(c.oid) FROM pg_class c
	WHERE relname IN ('sample_day', 'sample_time', 'sample_week', 'sample_part') AND relkind = 'p' AND relnamespace = current_schema::regnamespace;

-- Dropped whole soon after: there is nothing to clean.
CREATE FUNCTION sample_part_ensure(d date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	name text := 'sample_part_' || to_char(d, 'YYYYMMDD');
BEGIN
	IF to_regclass(name) IS NULL THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF sample_part FOR VALUES FROM (%L) TO (%L) WITH (autovacuum_enabled = false, '
			'toast.autovacuum_enabled = false)', name, d, d + 1);
	END IF;
END $$;

CREATE OR REPLACE FUNCTION sample_window_ensure(from_at timestamptz, seconds int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	first timestamptz := to_timestamp(floor(extract(epoch FROM from_at) / seconds) * seconds);
	name text := 'sample_wide_' || to_char(first AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS');
BEGIN
	IF to_regclass(name) IS NULL THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF sample_wide FOR VALUES FROM (%L) TO (%L) WITH (autovacuum_enabled = false)',
			name, first, first + make_interval(secs => seconds));
	END IF;
	RETURN name;
END $$;

CREATE OR REPLACE FUNCTION sample_day_ensure(d date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	first date := date_trunc('month', d::timestamp)::date;
	after date := (date_trunc('month', d::timestamp) + interval '1 month')::date;
	suffix text := to_char(first, '_YYYY_MM');
	parent text;
BEGIN
	IF to_regclass('sample_day' || suffix) IS NOT NULL THEN
		RETURN;
	END IF;
	FOREACH parent IN ARRAY ARRAY['sample_day', 'sample_time'] LOOP
		EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', parent || suffix, parent, first, after);
		PERFORM sample_statistics_off((parent || suffix)::regclass);
	END LOOP;
END $$;

-- Days that are over: all their windows are in parts.
CREATE FUNCTION sample_days_over() RETURNS SETOF date LANGUAGE sql AS $$
	SELECT d FROM (SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS d FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'sample_part'::regclass) x
	WHERE d < (now() AT TIME ZONE 'UTC')::date AND NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'sample_wide'::regclass AND left(right(c.relname, 15), 8) = to_char(d, 'YYYYMMDD')) ORDER BY d
$$;

-- Reading ----------------------------------------------------------------------------------------------------------

-- n numbers of the stream that begins at byte `pos`, as they stand there.
CREATE FUNCTION packed_stream(b bytea, pos int, n int) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	result bigint[] := '{}';
	bits varbit;
	m int;
	w int;
BEGIN
	WHILE n > 0 LOOP
		m := least(n, 64);
		w := get_byte(b, pos);
		IF w = 0 THEN
			result := result || array_fill(0::bigint, ARRAY[m]);
		ELSE
			bits := ('x' || encode(substr(b, pos + 2, (m * w + 7) / 8), 'hex'))::varbit;
			result := result || ARRAY(SELECT (B'0' || substring(bits FROM i * w + 1 FOR w))::bit(64)::bigint >> (63 - w)
				FROM generate_series(0, m - 1) i ORDER BY i);
		END IF;
		pos := pos + 1 + (m * w + 7) / 8;
		n := n - m;
	END LOOP;
	RETURN result;
END $$;

CREATE FUNCTION packed_number(b bytea, pos int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ('x' || encode(substr(b, pos + 1, 4), 'hex'))::bit(32)::int $$;

CREATE FUNCTION packed_float(bits bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN bits & 2147483647 = 2139095040 THEN CASE WHEN bits >> 31 = 0 THEN 'Infinity' ELSE '-Infinity' END::float8
		ELSE (1 - 2 * (bits >> 31)) * CASE WHEN bits >> 23 & 255 = 0 THEN (bits & 8388607) * power(2::float8, -149)
			ELSE (1 + (bits & 8388607) / 8388608::float8) * power(2::float8, (bits >> 23 & 255) - 127) END END
$$;

CREATE FUNCTION sample_unpack(d date, t bytea, scale int2, p bytea) RETURNS TABLE (at timestamptz, value float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 8640 AS $$
DECLARE
	midnight CONSTANT timestamptz := d::timestamp AT TIME ZONE 'UTC';
	unit CONSTANT float8 := power(10::float8, greatest(scale, 0));
	n CONSTANT int := packed_number(t, 0);
	step CONSTANT int := packed_number(t, 8);
	has_bitmap CONSTANT boolean := get_byte(p, 0) >= 128;
	steps CONSTANT bigint[] := packed_stream(t, 12, n - 1);
	head CONSTANT int := 1 + CASE WHEN has_bitmap THEN (n + 7) / 8 ELSE 0 END;
	z CONSTANT bigint[] := packed_stream(p, head + 4, n);
	now_at bigint := packed_number(t, 4);
	sum bigint := CASE WHEN scale < 0 THEN packed_number(p, head) & 4294967295 ELSE packed_number(p, head) END;
BEGIN
	FOR i IN 1..n LOOP
		IF i > 1 THEN
			now_at := now_at + step + ((steps[i - 1] >> 1) # -(steps[i - 1] & 1));
		END IF;
		sum := CASE WHEN scale < 0 THEN sum # z[i] ELSE sum + ((z[i] >> 1) # -(z[i] & 1)) END;
		IF has_bitmap AND get_byte(p, 1 + (i - 1) / 8) & (128 >> (i - 1) % 8) = 0 THEN
			CONTINUE;
		END IF;
		at := midnight + now_at * interval '100 ms';
		value := CASE WHEN scale < 0 THEN packed_float(sum) ELSE sum / unit END;
		RETURN NEXT;
	END LOOP;
END $$;

-- Of a row of sample_day, of whichever form.
CREATE FUNCTION sample_day_values(day date, dt int4[], t bytea, scale int2, d int2[], v float4[], p bytea)
RETURNS TABLE (at timestamptz, value float8) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 8640 AS $$
BEGIN
	IF p IS NULL THEN
		RETURN QUERY SELECT * FROM sample_day_unnest(day, dt, scale, d, v);
	ELSE
		RETURN QUERY SELECT * FROM sample_unpack(day, t, scale, p);
	END IF;
END $$;

-- One row per series of a part.
CREATE VIEW sample_part_series AS
	SELECT q.site_id, q.device_id, q.day, q.first, q.last, q.series[n] AS series, q.t, q.scale[n] AS scale,
		substr(q.p, 1 + coalesce(q.ends[n - 1], 0), q.ends[n] - coalesce(q.ends[n - 1], 0)) AS p
	FROM sample_part q, LATERAL generate_subscripts(q.series, 1) n;

CREATE OR REPLACE VIEW sample AS
	SELECT s.site_id, s.device_id, x.point, x.idx, u.at, u.value
	FROM sample_day s
	JOIN sample_time t USING (device_id, day)
	JOIN series x USING (series),
	LATERAL sample_day_values(s.day, t.dt, t.t, s.scale, s.d, s.v, s.p) u
	UNION ALL
	SELECT q.site_id, q.device_id, x.point, x.idx, u.at, u.value
	FROM sample_part_series q JOIN series x USING (series), LATERAL sample_unpack(q.day, q.t, q.scale, q.p) u
	UNION ALL
	SELECT w.site_id, w.device_id, l.point[n], l.idx[n], w.at, w.v[n]::float8
	FROM sample_wide w JOIN layout l USING (layout_id), LATERAL generate_subscripts(l.point, 1) n
	WHERE w.v[n] IS NOT NULL;

CREATE OR REPLACE FUNCTION series_raw(dev bigint, p text, i text, from_at timestamptz, to_at timestamptz)
RETURNS TABLE (at timestamptz, value float8) LANGUAGE sql STABLE AS $$
	WITH sid AS MATERIALIZED (SELECT series FROM series WHERE point = p AND idx = i)
	SELECT DISTINCT ON (date_trunc('milliseconds', r.at)) r.at, r.value FROM (
		SELECT u.at, u.value
		FROM sample_day s JOIN sample_time t USING (device_id, day),
			LATERAL sample_day_values(s.day, t.dt, t.t, s.scale, s.d, s.v, s.p) u
		WHERE s.device_id = dev AND s.series = (SELECT series FROM sid)
			AND s.day BETWEEN (from_at AT TIME ZONE 'UTC')::date AND (to_at AT TIME ZONE 'UTC')::date
			AND u.at >= from_at AND u.at < to_at
		UNION ALL
		SELECT u.at, u.value FROM sample_part_series q, LATERAL sample_unpack(q.day, q.t, q.scale, q.p) u
		WHERE q.device_id = dev AND q.series = (SELECT series FROM sid)
			AND q.day BETWEEN (from_at AT TIME ZONE 'UTC')::date AND (to_at AT TIME ZONE 'UTC')::date
			AND u.at >= from_at AND u.at < to_at
		UNION ALL
		SELECT w.at, w.v[array_position(l.series, (SELECT series FROM sid))]::float8
		FROM sample_wide w JOIN layout l USING (layout_id)
		WHERE w.device_id = dev AND w.at >= from_at AND w.at < to_at
	) r WHERE r.value IS NOT NULL ORDER BY date_trunc('milliseconds', r.at)
$$;

CREATE OR REPLACE FUNCTION series_query(dev bigint, p text, i text, from_at timestamptz, to_at timestamptz, buckets int)
RETURNS TABLE (at timestamptz, vmin float8, vavg float8, vmax float8, n int) LANGUAGE plpgsql STABLE AS $$
DECLARE
	width float8 := extract(epoch FROM to_at - from_at) / greatest(buckets, 1);
	start float8 := extract(epoch FROM from_at);
	sid int := (SELECT series FROM series WHERE point = p AND idx = i);
BEGIN
	IF sid IS NULL OR width <= 0 THEN
		RETURN;
	END IF;
	IF width >= 3600 THEN
		RETURN QUERY
		SELECT to_timestamp(start + x.b * width), min(x.lo)::float8, sum(x.av * x.c)::float8 / sum(x.c), max(x.hi)::float8, sum(x.c)::int
		FROM (
			SELECT floor((extract(epoch FROM s.day::timestamp AT TIME ZONE 'UTC') + (h - 1) * 3600 - start) / width) AS b,
				s.hmin[h] AS lo, s.havg[h] AS av, s.hmax[h] AS hi, s.hn[h]::float8 AS c
			FROM sample_day s, generate_series(1, 24) h
			WHERE s.device_id = dev AND s.series = sid
				AND s.day BETWEEN (from_at AT TIME ZONE 'UTC')::date AND (to_at AT TIME ZONE 'UTC')::date AND s.hn[h] > 0
			UNION ALL
			SELECT floor((extract(epoch FROM u.at) - start) / width), u.value, u.value, u.value, 1
			FROM sample_part_series q, LATERAL sample_unpack(q.day, q.t, q.scale, q.p) u
			WHERE q.device_id = dev AND q.series = sid
				AND q.day BETWEEN (from_at AT TIME ZONE 'UTC')::date AND (to_at AT TIME ZONE 'UTC')::date
			UNION ALL
			SELECT floor((extract(epoch FROM w.at) - start) / width), w.v[k], w.v[k], w.v[k], 1
			FROM sample_wide w JOIN layout l USING (layout_id), LATERAL (SELECT array_position(l.series, sid) AS k) q
			WHERE w.device_id = dev AND w.at >= from_at AND w.at < to_at AND w.v[k] IS NOT NULL
		) x WHERE x.b >= 0 AND x.b < buckets GROUP BY x.b ORDER BY x.b;
	ELSE
		RETURN QUERY
		SELECT to_timestamp(start + x.b * width), min(x.value), avg(x.value), max(x.value), count(*)::int
		FROM (SELECT floor((extract(epoch FROM r.at) - start) / width) AS b, r.value FROM series_raw(dev, p, i, from_at, to_at) r) x
		WHERE x.b >= 0 AND x.b < buckets GROUP BY x.b ORDER BY x.b;
	END IF;
END $$;

CREATE OR REPLACE FUNCTION history_bytes(what text) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)::bigint FROM pg_inherits i
	WHERE i.inhparent = ANY (CASE what WHEN 'samples' THEN '{sample_day,sample_time,sample_week,sample_part,sample_wide}'::regclass[]
		ELSE ARRAY[to_regclass(history_table(what))] END)
$$;

INSERT INTO schema_version (version) VALUES (18);
