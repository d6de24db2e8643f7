-- SPDX-License-Identifier: Apache-2.0
-- Maintenance windows, devices out of service, and what a device is reached through.

ALTER TABLE device
	ADD COLUMN parent_id bigint REFERENCES device,        -- gateway or switch
	ADD COLUMN out_of_service text,                       -- work order
	ADD COLUMN out_of_service_by text,
	ADD COLUMN out_of_service_at timestamptz;
ALTER TABLE site ADD COLUMN link_device bigint REFERENCES device;

-- Once (starts_at, ends_at) or every week (days, at_minute, minutes, tz). No scope: everything.
CREATE TABLE maintenance (
	maintenance_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text NOT NULL,
	profile     text,
	site_id     bigint REFERENCES site,
	group_id    bigint REFERENCES device_group ON DELETE CASCADE,
	device_id   bigint REFERENCES device,
	starts_at   timestamptz,
	ends_at     timestamptz,
	days        smallint CHECK (days BETWEEN 1 AND 127),            -- bit 0 Monday ... bit 6 Sunday
	at_minute   smallint CHECK (at_minute BETWEEN 0 AND 1439),      -- of the day, in tz
	minutes     int CHECK (minutes BETWEEN 1 AND 4320),
	tz          text,
	reason      text NOT NULL,
	user_name   text NOT NULL,
	created_at  timestamptz NOT NULL DEFAULT now(),
	CHECK (num_nonnulls(profile, site_id, group_id, device_id) <= 1),
	CHECK (num_nonnulls(starts_at, ends_at) IN (0, 2) AND num_nonnulls(days, at_minute, minutes, tz) IN (0, 4)
		AND num_nonnulls(starts_at, days) = 1 AND (starts_at IS NULL OR starts_at < ends_at))
);
CREATE INDEX maintenance_device ON maintenance (device_id);
CREATE INDEX device_parent ON device (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX site_link ON site (link_device) WHERE link_device IS NOT NULL;
CREATE TRIGGER maintenance_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON maintenance
	FOR EACH STATEMENT EXECUTE FUNCTION config_changed();

-- A removed device is nobody's parent and no site's link any more, and its windows are over.
CREATE FUNCTION device_leaves_topology() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- Asked first: each statement on these tables is a new generation of the configuration.
	IF EXISTS (SELECT FROM device WHERE parent_id = NEW.device_id) THEN
		UPDATE device SET parent_id = NULL WHERE parent_id = NEW.device_id;
	END IF;
	IF EXISTS (SELECT FROM site WHERE link_device = NEW.device_id) THEN
		UPDATE site SET link_device = NULL WHERE link_device = NEW.device_id;
	END IF;
	IF EXISTS (SELECT FROM maintenance WHERE device_id = NEW.device_id) THEN
		DELETE FROM maintenance WHERE device_id = NEW.device_id;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER device_leaves_topology AFTER UPDATE OF removed_at ON device
	FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL) EXECUTE FUNCTION device_leaves_topology();

CREATE FUNCTION life_device(device_key text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE id bigint := (SELECT device_id FROM device WHERE key = device_key AND removed_at IS NULL);
BEGIN
	IF id IS NULL THEN
		RAISE EXCEPTION 'there is no device "%"', device_key USING ERRCODE = 'BB409';
	END IF;
	RETURN id;
END $$;
CREATE FUNCTION life_site(site_key text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE id bigint := (SELECT site_id FROM site WHERE key = site_key AND site_id <> 0);
BEGIN
	IF id IS NULL THEN
		RAISE EXCEPTION 'there is no site "%"', site_key USING ERRCODE = 'BB409';
	END IF;
	RETURN id;
END $$;

-- doc: name, reason, scope, and starts_at, ends_at or days (bits), at_minute, minutes, tz. No id: a new one.
CREATE FUNCTION maintenance_put(id bigint, doc jsonb, actor text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	scope jsonb := coalesce(doc->'scope', '{}');
	m maintenance;
BEGIN
	IF doc->>'tz' IS NOT NULL AND NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = doc->>'tz') THEN
		RAISE EXCEPTION 'there is no time zone "%"; name one such as Europe/Berlin', doc->>'tz' USING ERRCODE = 'BB409';
	END IF;
	m := jsonb_populate_record(NULL::maintenance, doc);
	m.profile := scope->>'profile';
	m.site_id := CASE WHEN scope ? 'site' THEN life_site(scope->>'site') END;
	m.device_id := CASE WHEN scope ? 'device' THEN life_device(scope->>'device') END;
	m.group_id := (SELECT g.group_id FROM device_group g WHERE g.key = scope->>'group');
	IF scope ? 'group' AND m.group_id IS NULL THEN
		RAISE EXCEPTION 'there is no device group "%"', scope->>'group' USING ERRCODE = 'BB409';
	END IF;
	IF id IS NULL AND (SELECT count(*) FROM maintenance) >= 1000 THEN
		RAISE EXCEPTION 'there are 1000 windows already; remove those that are over' USING ERRCODE = 'BB409';
	END IF;
	IF id IS NULL THEN
		INSERT INTO maintenance (name, profile, site_id, group_id, device_id, starts_at, ends_at, days, at_minute, minutes, tz, reason, user_name)
			VALUES (m.name, m.profile, m.site_id, m.group_id, m.device_id, m.starts_at, m.ends_at, m.days, m.at_minute, m.minutes, m.tz,
				m.reason, actor) RETURNING maintenance_id INTO id;
	ELSE
		UPDATE maintenance x SET (name, profile, site_id, group_id, device_id, starts_at, ends_at, days, at_minute, minutes, tz, reason, user_name)
			= (m.name, m.profile, m.site_id, m.group_id, m.device_id, m.starts_at, m.ends_at, m.days, m.at_minute, m.minutes, m.tz, m.reason, actor)
			WHERE x.maintenance_id = id;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'there is no window with this id' USING ERRCODE = 'BB404';
		END IF;
	END IF;
	PERFORM config_audit(actor, source, 'maintenance.put', m.name, doc || jsonb_build_object('id', id));
	RETURN id;
END $$;

CREATE FUNCTION maintenance_remove(id bigint, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE n text;
BEGIN
	DELETE FROM maintenance WHERE maintenance_id = id RETURNING name INTO n;
	IF n IS NULL THEN
		RAISE EXCEPTION 'there is no window with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'maintenance.remove', n, jsonb_build_object('id', id));
END $$;

-- Beginnings of a weekly window whose ends lie ahead, the next ones first.
CREATE FUNCTION maintenance_times(m maintenance) RETURNS SETOF timestamptz LANGUAGE sql STABLE AS $$
	SELECT s FROM generate_series(-5, 9) i,
		LATERAL (SELECT (now() AT TIME ZONE m.tz)::date + i AS day) d,
		LATERAL (SELECT (d.day + make_interval(mins => m.at_minute)) AT TIME ZONE m.tz AS s) t
	WHERE (m.days >> (extract(isodow FROM d.day)::int - 1)) & 1 = 1 AND s + make_interval(mins => m.minutes) > now()
	ORDER BY s
$$;

CREATE FUNCTION rfc3339(t timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;

CREATE FUNCTION maintenance_list() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.maintenance_id::text, 'name', m.name,
		'scope', jsonb_strip_nulls(jsonb_build_object('profile', m.profile, 'site', s.key, 'group', g.key, 'device', d.key)),
		'starts_at', rfc3339(m.starts_at), 'ends_at', rfc3339(m.ends_at),
		'days', (SELECT jsonb_agg(n ORDER BY i) FROM unnest(ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) WITH ORDINALITY u (n, i)
			WHERE (m.days >> (i - 1)::int) & 1 = 1),
		'at', to_char(m.at_minute / 60, 'FM00') || ':' || to_char(m.at_minute % 60, 'FM00'), 'minutes', m.minutes, 'tz', m.tz,
		'reason', m.reason, 'user', m.user_name, 'created_at', rfc3339(m.created_at), 'running', coalesce(t.times[1] <= now(), false),
		'until', CASE WHEN t.times[1] <= now() THEN rfc3339(coalesce(m.ends_at, t.times[1] + make_interval(mins => m.minutes))) END,
		'next_at', rfc3339((SELECT min(x) FROM unnest(t.times) x WHERE x > now()))) ORDER BY m.maintenance_id), '[]')
	FROM maintenance m LEFT JOIN site s USING (site_id) LEFT JOIN device_group g USING (group_id) LEFT JOIN device d ON d.device_id = m.device_id,
		LATERAL (SELECT CASE WHEN m.days IS NULL THEN CASE WHEN m.ends_at > now() THEN ARRAY[m.starts_at] END
			ELSE ARRAY(SELECT maintenance_times(m)) END AS times) t
$$;

-- Topology, out of service ---------------------------------------------------------------------------------------------

CREATE FUNCTION device_parent_put(id bigint, parent_key text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	k text := (SELECT key FROM device WHERE device_id = id AND removed_at IS NULL);
	p bigint := CASE WHEN parent_key IS NOT NULL THEN life_device(parent_key) END;
BEGIN
	IF k IS NULL THEN
		RAISE EXCEPTION 'there is no device with this id' USING ERRCODE = 'BB404';
	END IF;
	IF id IN (WITH RECURSIVE up AS (SELECT p AS a UNION SELECT d.parent_id FROM up JOIN device d ON d.device_id = up.a) SELECT a FROM up WHERE a IS NOT NULL) THEN
		RAISE EXCEPTION '"%" is reached through "%" itself', parent_key, k USING ERRCODE = 'BB409';
	END IF;
	UPDATE device SET parent_id = p WHERE device_id = id;
	PERFORM config_audit(actor, source, 'device.parent', k, jsonb_build_object('parent', parent_key));
END $$;

CREATE FUNCTION site_link_put(site_key text, device_key text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE d bigint := CASE WHEN device_key IS NOT NULL THEN life_device(device_key) END;
BEGIN
	UPDATE site SET link_device = d WHERE site_id = life_site(site_key);
	PERFORM config_audit(actor, source, 'site.link', site_key, jsonb_build_object('device', device_key));
END $$;

CREATE FUNCTION device_service_put(id bigint, work_order text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE k text;
BEGIN
	UPDATE device SET out_of_service = work_order, out_of_service_by = CASE WHEN work_order IS NOT NULL THEN actor END,
		out_of_service_at = CASE WHEN work_order IS NOT NULL THEN now() END
		WHERE device_id = id AND removed_at IS NULL RETURNING key INTO k;
	IF k IS NULL THEN
		RAISE EXCEPTION 'there is no device with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, CASE WHEN work_order IS NULL THEN 'device.in_service' ELSE 'device.out_of_service' END, k,
		jsonb_build_object('work_order', work_order));
END $$;

CREATE FUNCTION topology() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object(
		'parents', coalesce((SELECT jsonb_agg(jsonb_build_object('device_id', d.device_id::text, 'key', d.key, 'parent_id', p.device_id::text, 'parent', p.key)
			ORDER BY d.key) FROM device d JOIN device p ON p.device_id = d.parent_id WHERE d.removed_at IS NULL), '[]'),
		'links', coalesce((SELECT jsonb_agg(jsonb_build_object('site', s.key, 'device_id', d.device_id::text, 'device', d.key) ORDER BY s.key)
			FROM site s JOIN device d ON d.device_id = s.link_device), '[]'),
		'out_of_service', coalesce((SELECT jsonb_agg(jsonb_build_object('device_id', device_id::text, 'key', key, 'work_order', out_of_service,
			'user', out_of_service_by, 'since', rfc3339(out_of_service_at)) ORDER BY key)
			FROM device WHERE removed_at IS NULL AND out_of_service IS NOT NULL), '[]'))
$$;

-- Backup ---------------------------------------------------------------------------------------------------------------

ALTER FUNCTION config_backup() RENAME TO config_backup_without_maintenance;
CREATE FUNCTION config_backup() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT config_backup_without_maintenance() || jsonb_build_object('topology', topology(), 'maintenance',
		coalesce((SELECT jsonb_agg(to_jsonb(m) - 'maintenance_id' - 'site_id' - 'group_id' - 'device_id' || jsonb_build_object('site', s.key,
			'group', g.key, 'device', d.key) ORDER BY m.maintenance_id)
			FROM maintenance m LEFT JOIN site s USING (site_id) LEFT JOIN device_group g USING (group_id)
			LEFT JOIN device d ON d.device_id = m.device_id), '[]'))
$$;

ALTER FUNCTION config_restore(jsonb, text, text) RENAME TO config_restore_without_maintenance;
CREATE FUNCTION config_restore(doc jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE done jsonb := config_restore_without_maintenance(doc, actor, source);
BEGIN
	IF doc ? 'topology' THEN
		UPDATE device d SET parent_id = (SELECT p.device_id FROM jsonb_array_elements(doc->'topology'->'parents') x
				JOIN device p ON p.key = x->>'parent' AND p.removed_at IS NULL WHERE x->>'key' = d.key),
			(out_of_service, out_of_service_by, out_of_service_at) = (SELECT x->>'work_order', x->>'user', (x->>'since')::timestamptz
				FROM (VALUES (1)) one LEFT JOIN jsonb_array_elements(doc->'topology'->'out_of_service') x ON x->>'key' = d.key)
			WHERE d.removed_at IS NULL;
		UPDATE site s SET link_device = (SELECT d.device_id FROM jsonb_array_elements(doc->'topology'->'links') x
			JOIN device d ON d.key = x->>'device' AND d.removed_at IS NULL WHERE x->>'site' = s.key);
	END IF;
	IF doc ? 'maintenance' THEN
		DELETE FROM maintenance;
		INSERT INTO maintenance (name, profile, site_id, group_id, device_id, starts_at, ends_at, days, at_minute, minutes, tz, reason, user_name, created_at)
			SELECT m.name, m.profile, s.site_id, g.group_id, d.device_id, m.starts_at, m.ends_at, m.days, m.at_minute, m.minutes, m.tz, m.reason,
				m.user_name, m.created_at
			FROM jsonb_array_elements(doc->'maintenance') x LEFT JOIN site s ON s.key = x->>'site' LEFT JOIN device_group g ON g.key = x->>'group'
				LEFT JOIN device d ON d.key = x->>'device' AND d.removed_at IS NULL, jsonb_populate_record(NULL::maintenance, x) m
			WHERE num_nonnulls(x->>'site', x->>'group', x->>'device') = num_nonnulls(s.site_id, g.group_id, d.device_id);
		done := done || jsonb_build_object('maintenance', jsonb_array_length(doc->'maintenance'));
	END IF;
	RETURN done;
END $$;

INSERT INTO schema_version (version) VALUES (14);
