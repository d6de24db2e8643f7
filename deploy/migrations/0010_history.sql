-- SPDX-License-Identifier: Apache-2.0
-- History, continued (written by historyd alone): hours packed by week, so that a chart of a year touches few rows; texts in months, so
-- that they can be dropped whole; what was dropped and when.

-- Time of the day's last sample in steps of 100 ms; NULL in rows of older programs.
ALTER TABLE sample_time ADD COLUMN last int4;

-- The hours of a closed week (Monday to Sunday, UTC) once more, side by side: 168 times minimum, average, maximum (float4) and number
-- (int2) as in sample_day, big-endian. Only a shortcut: without a row the days are read. A day that changes removes its week's rows.
CREATE TABLE sample_week (
	site_id    bigint NOT NULL,
	device_id  bigint NOT NULL,
	week       date NOT NULL,                      -- its Monday
	series     int NOT NULL,
	h          bytea NOT NULL,
	PRIMARY KEY (device_id, series, week)
) PARTITION BY RANGE (week);
ALTER TABLE sample_week ALTER COLUMN h SET STORAGE PLAIN;  -- reading many is cheap only when nothing has to be unpacked

-- A row with device_id 0 per week that has samples, and one per device whose week changed after it was packed.
CREATE TABLE sample_week_state (
	week       date NOT NULL,
	device_id  bigint NOT NULL,
	is_packed  boolean NOT NULL DEFAULT false,
	PRIMARY KEY (week, device_id)
);

CREATE FUNCTION week_of(d date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT d - (extract(isodow FROM d)::int - 1) $$;

INSERT INTO sample_week_state (week, device_id) SELECT DISTINCT week_of(day), 0 FROM sample_time;

CREATE FUNCTION month_partition_ensure(parent text, d date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	first date := date_trunc('month', d::timestamp)::date;
	name text := parent || to_char(first, '_YYYY_MM');
BEGIN
	IF to_regclass(name) IS NULL THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name, parent, first,
			(first + interval '1 month')::date);
	END IF;
END $$;

-- A day was written (in the same transaction): its week must be packed, perhaps again.
CREATE FUNCTION sample_day_changed(dev bigint, d date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	w date := week_of(d);
BEGIN
	INSERT INTO sample_week_state (week, device_id) VALUES (w, 0) ON CONFLICT DO NOTHING;
	IF EXISTS (SELECT FROM sample_week_state WHERE week = w AND device_id = 0 AND is_packed) THEN
		DELETE FROM sample_week WHERE device_id = dev AND week = w;
		INSERT INTO sample_week_state (week, device_id) VALUES (w, dev) ON CONFLICT DO NOTHING;
	END IF;
END $$;

-- Texts by month -------------------------------------------------------------------------------------------------------

ALTER TABLE text_change RENAME TO text_change_old;
ALTER INDEX text_change_pkey RENAME TO text_change_old_pkey;
CREATE TABLE text_change (
	site_id    bigint NOT NULL,
	device_id  bigint NOT NULL,
	at         timestamptz NOT NULL,
	series     int NOT NULL,
	value      text,                               -- NULL = unknown from here
	PRIMARY KEY (device_id, series, at)
) PARTITION BY RANGE (at);

CREATE FUNCTION text_change_ensure(t timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	first timestamp := date_trunc('month', t AT TIME ZONE 'UTC');
	name text := 'text_change' || to_char(first, '_YYYY_MM');
BEGIN
	IF to_regclass(name) IS NULL THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF text_change FOR VALUES FROM (%L) TO (%L)', name, first AT TIME ZONE 'UTC',
			(first + interval '1 month') AT TIME ZONE 'UTC');
	END IF;
END $$;

SELECT text_change_ensure(m) FROM (SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS m FROM text_change_old) x;
INSERT INTO text_change SELECT * FROM text_change_old;
CREATE OR REPLACE VIEW sample_text AS
	SELECT c.site_id, c.device_id, x.point, x.idx, c.at, c.value FROM text_change c JOIN series x USING (series);
DROP TABLE text_change_old;

CREATE OR REPLACE FUNCTION text_change_put(sites bigint[], devices bigint[], times timestamptz[], points text[], idxs text[], vals text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM text_change_ensure(m) FROM (SELECT DISTINCT date_trunc('month', t AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS m
		FROM unnest(times) t) x;
	INSERT INTO series (point, idx) SELECT DISTINCT p, i FROM unnest(points, idxs) AS u (p, i)
		WHERE NOT EXISTS (SELECT FROM series x WHERE x.point = u.p AND x.idx = u.i) ON CONFLICT DO NOTHING;
	INSERT INTO text_change
		SELECT u.s, u.d, u.t, x.series, u.v
		FROM unnest(sites, devices, times, points, idxs, vals) AS u (s, d, t, p, i, v)
		JOIN series x ON x.point = u.p AND x.idx = u.i ON CONFLICT DO NOTHING;
END $$;

INSERT INTO schema_version (version) VALUES (10);
