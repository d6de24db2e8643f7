-- SPDX-License-Identifier: Apache-2.0
-- Samples (written by historyd alone). Two forms of the same facts:
--   sample_wide  one row per device and poll, for the open window of at most about three hours, one partition per hour
--   sample_day   one row per device, point and UTC day, folded from the window: differences in units of 10^-scale as int2[]
--                (or float4[] where that does not fit), minimum, average and maximum per hour beside them, and one shared
--                time base per device and day in sample_time (steps of 100 ms)
-- Text and status words: only their changes. View `sample` and function series_query() read both forms.

-- The ordered names of a wide row. layout_id is a hash of them, so that writers need not ask.
CREATE TABLE layout (
	layout_id  bigint PRIMARY KEY,
	point      text[] NOT NULL,
	idx        text[] NOT NULL,
	series     int[] NOT NULL
);
CREATE TABLE series (
	series  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	point   text NOT NULL,
	idx     text NOT NULL DEFAULT '',
	UNIQUE (point, idx)
);

CREATE FUNCTION layout_ensure(id bigint, points text[], idxs text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM layout WHERE layout_id = id) THEN
		RETURN;
	END IF;
	INSERT INTO series (point, idx)
		SELECT DISTINCT p, i FROM unnest(points, idxs) AS u (p, i) ON CONFLICT DO NOTHING;
	INSERT INTO layout
		SELECT id, points, idxs, array_agg(s.series ORDER BY u.n)
		FROM unnest(points, idxs) WITH ORDINALITY AS u (p, i, n) JOIN series s ON s.point = u.p AND s.idx = u.i
		ON CONFLICT DO NOTHING;
END $$;

CREATE TABLE sample_wide (
	site_id    bigint NOT NULL,
	device_id  bigint NOT NULL,
	at         timestamptz NOT NULL,
	layout_id  bigint NOT NULL,
	v          float4[] NOT NULL,                  -- NULL = not good
	PRIMARY KEY (device_id, at)
) PARTITION BY RANGE (at);

CREATE FUNCTION sample_window_ensure(from_at timestamptz, seconds int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	first timestamptz := to_timestamp(floor(extract(epoch FROM from_at) / seconds) * seconds);
	name text := 'sample_wide_' || to_char(first AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS');
BEGIN
	IF to_regclass(name) IS NULL THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF sample_wide FOR VALUES FROM (%L) TO (%L)',
			name, first, first + make_interval(secs => seconds));
	END IF;
	RETURN name;
END $$;

CREATE TABLE sample_day (
	site_id    bigint NOT NULL,
	device_id  bigint NOT NULL,
	day        date NOT NULL,
	series     int NOT NULL,
	scale      smallint NOT NULL,                  -- value = running sum of d / 10^scale; -1: values in v
	d          int2[],                             -- as many as sample_time.dt; NULL = no good value then
	v          float4[],
	hmin       float4[] NOT NULL,                  -- 24 each, NULL = nothing in that hour
	havg       float4[] NOT NULL,
	hmax       float4[] NOT NULL,
	hn         int2[] NOT NULL,
	PRIMARY KEY (device_id, series, day)
) PARTITION BY RANGE (day);
CREATE TABLE sample_time (
	site_id    bigint NOT NULL,
	device_id  bigint NOT NULL,
	day        date NOT NULL,
	dt         int4[] NOT NULL,                    -- steps of 100 ms; the first one from midnight UTC
	PRIMARY KEY (device_id, day)
) PARTITION BY RANGE (day);

CREATE FUNCTION sample_day_ensure(d date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	first date := date_trunc('month', d::timestamp)::date;
	after date := (date_trunc('month', d::timestamp) + interval '1 month')::date;
	suffix text := to_char(first, '_YYYY_MM');
BEGIN
	IF to_regclass('sample_day' || suffix) IS NULL THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF sample_day FOR VALUES FROM (%L) TO (%L)', 'sample_day' || suffix, first, after);
		EXECUTE format('CREATE TABLE %I PARTITION OF sample_time FOR VALUES FROM (%L) TO (%L)', 'sample_time' || suffix, first, after);
	END IF;
END $$;

CREATE TABLE text_change (
	site_id    bigint NOT NULL,
	device_id  bigint NOT NULL,
	at         timestamptz NOT NULL,
	series     int NOT NULL,
	value      text,                               -- NULL = unknown from here
	PRIMARY KEY (device_id, series, at)
);
CREATE FUNCTION text_change_put(sites bigint[], devices bigint[], times timestamptz[], points text[], idxs text[], vals text[])
RETURNS void LANGUAGE sql AS $$
	INSERT INTO series (point, idx) SELECT DISTINCT p, i FROM unnest(points, idxs) AS u (p, i)
		WHERE NOT EXISTS (SELECT FROM series x WHERE x.point = u.p AND x.idx = u.i) ON CONFLICT DO NOTHING;
	INSERT INTO text_change
		SELECT u.s, u.d, u.t, x.series, u.v
		FROM unnest(sites, devices, times, points, idxs, vals) AS u (s, d, t, p, i, v)
		JOIN series x ON x.point = u.p AND x.idx = u.i ON CONFLICT DO NOTHING;
$$;

-- Reading ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION sample_day_unnest(d date, dt int4[], scale int2, steps int2[], v float4[])
RETURNS TABLE (at timestamptz, value float8) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 8640 AS $$
	SELECT (d::timestamp AT TIME ZONE 'UTC') + make_interval(secs => u.t / 10.0), u.value
	FROM (
		SELECT sum(x.step) OVER w AS t,
			CASE WHEN scale < 0 THEN x.v::float8
			WHEN x.q IS NULL THEN NULL
			ELSE (sum(x.q) OVER w)::float8 / power(10::float8, scale) END AS value
		FROM unnest(dt, steps, v) WITH ORDINALITY AS x (step, q, v, n)
		WINDOW w AS (ORDER BY x.n ROWS UNBOUNDED PRECEDING)
	) u WHERE u.value IS NOT NULL
$$;

CREATE VIEW sample AS
	SELECT s.site_id, s.device_id, x.point, x.idx, u.at, u.value
	FROM sample_day s
	JOIN sample_time t USING (device_id, day)
	JOIN series x USING (series),
	LATERAL sample_day_unnest(s.day, t.dt, s.scale, s.d, s.v) u
	UNION ALL
	SELECT w.site_id, w.device_id, l.point[n], l.idx[n], w.at, w.v[n]::float8
	FROM sample_wide w JOIN layout l USING (layout_id), LATERAL generate_subscripts(l.point, 1) n
	WHERE w.v[n] IS NOT NULL;

CREATE VIEW sample_text AS
	SELECT c.site_id, c.device_id, x.point, x.idx, c.at, c.value FROM text_change c JOIN series x USING (series);

-- Raw values of one series in a range, from both forms; a value present in both is given once.
CREATE FUNCTION series_raw(dev bigint, p text, i text, from_at timestamptz, to_at timestamptz)
RETURNS TABLE (at timestamptz, value float8) LANGUAGE sql STABLE AS $$
	SELECT DISTINCT ON (date_trunc('milliseconds', r.at)) r.at, r.value FROM (
		SELECT u.at, u.value
		FROM sample_day s JOIN sample_time t USING (device_id, day),
			LATERAL sample_day_unnest(s.day, t.dt, s.scale, s.d, s.v) u
		WHERE s.device_id = dev AND s.series = (SELECT series FROM series WHERE point = p AND idx = i)
			AND s.day BETWEEN (from_at AT TIME ZONE 'UTC')::date AND (to_at AT TIME ZONE 'UTC')::date
			AND u.at >= from_at AND u.at < to_at
		UNION ALL
		SELECT w.at, w.v[array_position(l.series, (SELECT series FROM series WHERE point = p AND idx = i))]::float8
		FROM sample_wide w JOIN layout l USING (layout_id)
		WHERE w.device_id = dev AND w.at >= from_at AND w.at < to_at
	) r WHERE r.value IS NOT NULL ORDER BY date_trunc('milliseconds', r.at)
$$;

-- Minimum, average, maximum in `buckets` equal parts of the range. Ranges in which a bucket is at least an hour read the hour
-- summaries of folded days; the open window is always read raw.
CREATE FUNCTION series_query(dev bigint, p text, i text, from_at timestamptz, to_at timestamptz, buckets int)
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

INSERT INTO schema_version (version) VALUES (2);
