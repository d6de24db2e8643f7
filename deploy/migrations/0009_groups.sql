-- SPDX-License-Identifier: Apache-2.0
-- Device groups (sets of devices that people name) and redundancy groups (k of n must work).

CREATE TABLE device_group (
	group_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key       text NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9_.-]{0,39}$'),
	name      text NOT NULL
);
CREATE TABLE device_group_member (
	group_id   bigint NOT NULL REFERENCES device_group ON DELETE CASCADE,
	device_id  bigint REFERENCES device,
	site_id    bigint REFERENCES site,                -- with everything below
	member_id  bigint REFERENCES device_group,
	CHECK (num_nonnulls(device_id, site_id, member_id) = 1)
);
CREATE UNIQUE INDEX device_group_member_once ON device_group_member (group_id, coalesce(device_id, 0), coalesce(site_id, 0), coalesce(member_id, 0));
CREATE INDEX device_group_member_device ON device_group_member (device_id);
CREATE INDEX device_group_member_member ON device_group_member (member_id);

CREATE TABLE redundancy_group (
	redundancy_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key            text NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9_.-]{0,39}$'),
	name           text NOT NULL,
	site_id        bigint REFERENCES site,            -- NULL: what its devices have in common
	need           int NOT NULL CHECK (need >= 1),
	hold_s         int NOT NULL DEFAULT 0 CHECK (hold_s BETWEEN 0 AND 3600),
	severity       smallint NOT NULL DEFAULT 1 CHECK (severity BETWEEN 1 AND 5),   -- of redundancy_lost
	fails_on       text[] NOT NULL
);
CREATE TABLE redundancy_member (
	redundancy_id  bigint NOT NULL REFERENCES redundancy_group ON DELETE CASCADE,
	position       int NOT NULL,
	device_id      bigint REFERENCES device,
	point          text,                              -- with op and value: a condition on the device
	op             text CHECK (op IN ('=', '!=', '<', '<=', '>', '>=', 'has')),
	value          text,
	group_id       bigint REFERENCES device_group,
	member_id      bigint REFERENCES redundancy_group,
	PRIMARY KEY (redundancy_id, position),
	CHECK (num_nonnulls(device_id, group_id, member_id) = 1),
	CHECK (num_nonnulls(point, op, value) IN (0, 3) AND (point IS NULL OR device_id IS NOT NULL))
);
CREATE INDEX redundancy_member_device ON redundancy_member (device_id);

DO $$ DECLARE t text; BEGIN
	FOREACH t IN ARRAY ARRAY['device_group', 'device_group_member', 'redundancy_group', 'redundancy_member'] LOOP
		EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I '
			'FOR EACH STATEMENT EXECUTE FUNCTION config_changed()', t || '_changed', t);
	END LOOP;
END $$;

-- A member of a redundancy group is not removed: the group would silently have fewer. A device group just loses it.
CREATE FUNCTION device_leaves_groups() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE used text := (SELECT r.key FROM redundancy_member m JOIN redundancy_group r USING (redundancy_id) WHERE m.device_id = NEW.device_id LIMIT 1);
BEGIN
	IF used IS NOT NULL THEN
		RAISE EXCEPTION 'device "%" is part of redundancy group "%"; take it out of the group first', NEW.key, used USING ERRCODE = 'BB409';
	END IF;
	-- A statement that deletes nothing still makes a generation; thousands of devices may leave at once.
	IF EXISTS (SELECT FROM device_group_member WHERE device_id = NEW.device_id) THEN
		DELETE FROM device_group_member WHERE device_id = NEW.device_id;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER device_leaves_groups AFTER UPDATE OF removed_at ON device
	FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL) EXECUTE FUNCTION device_leaves_groups();

-- Device groups -------------------------------------------------------------------------------------------------------

-- The groups a group holds, directly or not; itself only when it holds itself.
CREATE FUNCTION device_group_below(id bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
	WITH RECURSIVE below (group_id) AS (
		SELECT member_id FROM device_group_member m WHERE m.group_id = id AND member_id IS NOT NULL
		UNION SELECT m.member_id FROM below b JOIN device_group_member m ON m.group_id = b.group_id WHERE m.member_id IS NOT NULL)
	SELECT group_id FROM below
$$;

-- The devices a group reaches, each once.
CREATE FUNCTION device_group_devices(id bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
	WITH m AS (SELECT * FROM device_group_member WHERE group_id = id OR group_id IN (SELECT device_group_below(id)))
	SELECT d.device_id FROM m JOIN device d USING (device_id) WHERE d.removed_at IS NULL
	UNION SELECT d.device_id FROM m JOIN site s USING (site_id) JOIN site below ON below.key = s.key OR starts_with(below.key, s.key || '/')
		JOIN device d ON d.site_id = below.site_id WHERE d.removed_at IS NULL
$$;

CREATE FUNCTION device_group_docs() RETURNS TABLE (group_id bigint, key text, doc jsonb) LANGUAGE sql STABLE AS $$
	SELECT g.group_id, g.key, jsonb_build_object('id', g.group_id::text, 'key', g.key, 'name', g.name,
		'devices', coalesce((SELECT jsonb_agg(d.key ORDER BY d.key) FROM device_group_member m JOIN device d USING (device_id)
			WHERE m.group_id = g.group_id), '[]'),
		'sites', coalesce((SELECT jsonb_agg(s.key ORDER BY s.key) FROM device_group_member m JOIN site s USING (site_id)
			WHERE m.group_id = g.group_id), '[]'),
		'groups', coalesce((SELECT jsonb_agg(x.key ORDER BY x.key) FROM device_group_member m JOIN device_group x ON x.group_id = m.member_id
			WHERE m.group_id = g.group_id), '[]'),
		'used_by', coalesce((SELECT jsonb_agg(DISTINCT u.name) FROM (
			SELECT 'group/' || x.key AS name FROM device_group_member m JOIN device_group x ON x.group_id = m.group_id WHERE m.member_id = g.group_id
			UNION ALL SELECT 'redundancy/' || r.key FROM redundancy_member m JOIN redundancy_group r USING (redundancy_id)
				WHERE m.group_id = g.group_id) u), '[]'))
	FROM device_group g
$$;

CREATE FUNCTION device_group_doc(ref text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT g.doc || jsonb_build_object('device_ids', coalesce((SELECT jsonb_agg(d::text ORDER BY d) FROM device_group_devices(g.group_id) d), '[]'))
	FROM device_group_docs() g WHERE g.group_id::text = ref OR g.key = ref
$$;

-- `ref` NULL: a new group named doc.key; otherwise id or key of the one to change.
CREATE FUNCTION device_group_put(ref text, doc jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	g device_group;
	missing text;
BEGIN
	LOCK TABLE device_group IN SHARE ROW EXCLUSIVE MODE;
	IF ref IS NULL THEN
		INSERT INTO device_group (key, name) VALUES (doc->>'key', coalesce(nullif(doc->>'name', ''), doc->>'key'))
			ON CONFLICT (key) DO NOTHING RETURNING * INTO g;
		IF g.group_id IS NULL THEN
			RAISE EXCEPTION 'there is a device group "%" already', doc->>'key' USING ERRCODE = 'BB409';
		END IF;
	ELSE
		UPDATE device_group x SET name = coalesce(nullif(doc->>'name', ''), x.key) WHERE x.group_id::text = ref OR x.key = ref RETURNING * INTO g;
		IF g.group_id IS NULL THEN
			RAISE EXCEPTION 'there is no device group "%"', ref USING ERRCODE = 'BB404';
		END IF;
	END IF;
	SELECT k INTO missing FROM jsonb_array_elements_text(doc->'devices') k
		WHERE NOT EXISTS (SELECT FROM device d WHERE d.key = k AND d.removed_at IS NULL) LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'there is no device "%"', missing USING ERRCODE = 'BB409';
	END IF;
	SELECT k INTO missing FROM jsonb_array_elements_text(doc->'sites') k
		WHERE NOT EXISTS (SELECT FROM site s WHERE s.key = k AND s.site_id <> 0) LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'there is no site "%"', missing USING ERRCODE = 'BB409';
	END IF;
	SELECT k INTO missing FROM jsonb_array_elements_text(doc->'groups') k WHERE NOT EXISTS (SELECT FROM device_group x WHERE x.key = k) LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'there is no device group "%"', missing USING ERRCODE = 'BB409';
	END IF;
	DELETE FROM device_group_member WHERE group_id = g.group_id;
	INSERT INTO device_group_member (group_id, device_id) SELECT DISTINCT g.group_id, d.device_id
		FROM jsonb_array_elements_text(doc->'devices') k JOIN device d ON d.key = k AND d.removed_at IS NULL;
	INSERT INTO device_group_member (group_id, site_id) SELECT DISTINCT g.group_id, s.site_id
		FROM jsonb_array_elements_text(doc->'sites') k JOIN site s ON s.key = k;
	INSERT INTO device_group_member (group_id, member_id) SELECT DISTINCT g.group_id, x.group_id
		FROM jsonb_array_elements_text(doc->'groups') k JOIN device_group x ON x.key = k;
	IF g.group_id IN (SELECT device_group_below(g.group_id)) THEN
		RAISE EXCEPTION 'device group "%" would hold itself', g.key USING ERRCODE = 'BB409';
	END IF;
	PERFORM redundancy_check();
	PERFORM config_audit(actor, source, CASE WHEN ref IS NULL THEN 'device_group.add' ELSE 'device_group.set' END, g.key, doc - 'key');
	RETURN jsonb_build_object('id', g.group_id::text, 'key', g.key);
END $$;

CREATE FUNCTION device_group_remove(ref text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE g record;
BEGIN
	LOCK TABLE device_group IN SHARE ROW EXCLUSIVE MODE;
	SELECT * INTO g FROM device_group_docs() x WHERE x.group_id::text = ref OR x.key = ref;
	IF g.group_id IS NULL THEN
		RAISE EXCEPTION 'there is no device group "%"', ref USING ERRCODE = 'BB404';
	END IF;
	IF g.doc->'used_by' <> '[]' THEN
		RAISE EXCEPTION 'device group "%" is used by %', g.key, g.doc->'used_by'->>0 USING ERRCODE = 'BB409';
	END IF;
	DELETE FROM device_group WHERE group_id = g.group_id;
	PERFORM config_audit(actor, source, 'device_group.remove', g.key);
END $$;

-- Redundancy groups ---------------------------------------------------------------------------------------------------

CREATE FUNCTION redundancy_below(id bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
	WITH RECURSIVE below (redundancy_id) AS (
		SELECT member_id FROM redundancy_member m WHERE m.redundancy_id = id AND member_id IS NOT NULL
		UNION SELECT m.member_id FROM below b JOIN redundancy_member m ON m.redundancy_id = b.redundancy_id WHERE m.member_id IS NOT NULL)
	SELECT redundancy_id FROM below
$$;

-- How many members it has: a device counts once, each condition and each group in it, too.
CREATE FUNCTION redundancy_total(id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT (SELECT count(*) FROM (
			SELECT device_id FROM redundancy_member WHERE redundancy_id = id AND device_id IS NOT NULL AND point IS NULL
			UNION SELECT d FROM redundancy_member m, device_group_devices(m.group_id) d WHERE m.redundancy_id = id AND m.group_id IS NOT NULL) u)
		+ (SELECT count(*) FROM redundancy_member WHERE redundancy_id = id AND (point IS NOT NULL OR member_id IS NOT NULL))
$$;

-- What would leave a redundancy group with fewer members than it needs is refused.
CREATE FUNCTION redundancy_check() RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE r record;
BEGIN
	SELECT g.key, g.need, redundancy_total(g.redundancy_id) AS total INTO r FROM redundancy_group g
		WHERE EXISTS (SELECT FROM redundancy_member m WHERE m.redundancy_id = g.redundancy_id)   -- a restore names them all first
			AND g.need > redundancy_total(g.redundancy_id) ORDER BY g.key LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'redundancy group "%" needs % of only % members: it could never work', r.key, r.need, r.total USING ERRCODE = 'BB409';
	END IF;
END $$;
CREATE FUNCTION redundancy_check_devices() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM redundancy_check(); RETURN NULL; END $$;
CREATE TRIGGER redundancy_check_devices AFTER UPDATE OF removed_at ON device FOR EACH STATEMENT EXECUTE FUNCTION redundancy_check_devices();

CREATE FUNCTION redundancy_docs() RETURNS TABLE (redundancy_id bigint, key text, doc jsonb) LANGUAGE sql STABLE AS $$
	SELECT r.redundancy_id, r.key, jsonb_build_object('id', r.redundancy_id::text, 'key', r.key, 'name', r.name, 'site', coalesce(s.key, ''),
		'need', r.need, 'hold_s', r.hold_s, 'severity', severity_name(r.severity), 'fails_on', to_jsonb(r.fails_on),
		'members', coalesce((SELECT jsonb_agg(CASE
				WHEN m.point IS NOT NULL THEN jsonb_build_object('device', d.key, 'point', m.point, 'op', m.op, 'value', m.value)
				WHEN m.device_id IS NOT NULL THEN jsonb_build_object('device', d.key)
				WHEN m.group_id IS NOT NULL THEN jsonb_build_object('group', g.key)
				ELSE jsonb_build_object('redundancy', x.key) END ORDER BY m.position)
			FROM redundancy_member m LEFT JOIN device d USING (device_id) LEFT JOIN device_group g USING (group_id)
				LEFT JOIN redundancy_group x ON x.redundancy_id = m.member_id
			WHERE m.redundancy_id = r.redundancy_id), '[]'))
	FROM redundancy_group r LEFT JOIN site s USING (site_id)
$$;

CREATE FUNCTION redundancy_put(ref text, doc jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	r redundancy_group;
	missing text;
	at bigint;
BEGIN
	LOCK TABLE redundancy_group IN SHARE ROW EXCLUSIVE MODE;
	IF doc->>'site' <> '' THEN
		at := (SELECT site_id FROM site s WHERE s.key = doc->>'site' AND s.site_id <> 0);
		IF at IS NULL THEN
			RAISE EXCEPTION 'there is no site "%"', doc->>'site' USING ERRCODE = 'BB409';
		END IF;
	END IF;
	IF ref IS NULL THEN
		INSERT INTO redundancy_group (key, name, site_id, need, hold_s, severity, fails_on)
			VALUES (doc->>'key', coalesce(nullif(doc->>'name', ''), doc->>'key'), at, (doc->>'need')::int, (doc->>'hold_s')::int,
				(doc->>'severity')::int, ARRAY(SELECT jsonb_array_elements_text(doc->'fails_on')))
			ON CONFLICT (key) DO NOTHING RETURNING * INTO r;
		IF r.redundancy_id IS NULL THEN
			RAISE EXCEPTION 'there is a redundancy group "%" already', doc->>'key' USING ERRCODE = 'BB409';
		END IF;
	ELSE
		UPDATE redundancy_group x SET name = coalesce(nullif(doc->>'name', ''), x.key), site_id = at, need = (doc->>'need')::int,
			hold_s = (doc->>'hold_s')::int, severity = (doc->>'severity')::int,
			fails_on = ARRAY(SELECT jsonb_array_elements_text(doc->'fails_on'))
			WHERE x.redundancy_id::text = ref OR x.key = ref RETURNING * INTO r;
		IF r.redundancy_id IS NULL THEN
			RAISE EXCEPTION 'there is no redundancy group "%"', ref USING ERRCODE = 'BB404';
		END IF;
	END IF;
	SELECT CASE WHEN m ? 'device' THEN 'device "' || (m->>'device') || '"' WHEN m ? 'group' THEN 'device group "' || (m->>'group') || '"'
			ELSE 'redundancy group "' || (m->>'redundancy') || '"' END INTO missing
		FROM jsonb_array_elements(doc->'members') m
		WHERE NOT EXISTS (SELECT FROM device d WHERE d.key = m->>'device' AND d.removed_at IS NULL)
			AND NOT EXISTS (SELECT FROM device_group g WHERE g.key = m->>'group')
			AND NOT EXISTS (SELECT FROM redundancy_group x WHERE x.key = m->>'redundancy') LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'there is no %', missing USING ERRCODE = 'BB409';
	END IF;
	-- Rules that are not built in are entries of table rule (a later step); of none the group would wait for ever.
	SELECT k INTO missing FROM jsonb_array_elements_text(doc->'own_rules') k
		WHERE NOT EXISTS (SELECT FROM rule x WHERE x.rule_id = k AND x.removed_at IS NULL) LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'there is no rule "%"', missing USING ERRCODE = 'BB409';
	END IF;
	DELETE FROM redundancy_member WHERE redundancy_id = r.redundancy_id;
	INSERT INTO redundancy_member (redundancy_id, position, device_id, point, op, value, group_id, member_id)
		SELECT r.redundancy_id, n, (SELECT device_id FROM device d WHERE d.key = m->>'device' AND d.removed_at IS NULL), m->>'point', m->>'op',
			m->>'value', (SELECT group_id FROM device_group g WHERE g.key = m->>'group'),
			(SELECT x.redundancy_id FROM redundancy_group x WHERE x.key = m->>'redundancy')
		FROM jsonb_array_elements(doc->'members') WITH ORDINALITY a (m, n);
	IF r.redundancy_id IN (SELECT redundancy_below(r.redundancy_id)) THEN
		RAISE EXCEPTION 'redundancy group "%" would hold itself', r.key USING ERRCODE = 'BB409';
	END IF;
	PERFORM redundancy_check();
	PERFORM config_audit(actor, source, CASE WHEN ref IS NULL THEN 'redundancy.add' ELSE 'redundancy.set' END, r.key,
		doc - 'key' - 'own_rules');
	RETURN jsonb_build_object('id', r.redundancy_id::text, 'key', r.key);
END $$;

CREATE FUNCTION redundancy_remove(ref text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r redundancy_group;
	used text;
BEGIN
	LOCK TABLE redundancy_group IN SHARE ROW EXCLUSIVE MODE;
	SELECT * INTO r FROM redundancy_group x WHERE x.redundancy_id::text = ref OR x.key = ref;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no redundancy group "%"', ref USING ERRCODE = 'BB404';
	END IF;
	used := (SELECT x.key FROM redundancy_member m JOIN redundancy_group x USING (redundancy_id) WHERE m.member_id = r.redundancy_id LIMIT 1);
	IF used IS NOT NULL THEN
		RAISE EXCEPTION 'redundancy group "%" is a member of "%"', r.key, used USING ERRCODE = 'BB409';
	END IF;
	DELETE FROM redundancy_group WHERE redundancy_id = r.redundancy_id;
	PERFORM config_audit(actor, source, 'redundancy.remove', r.key);
END $$;

-- Backup: an archive from before has no groups; then what is there stays. --------------------------------------------

ALTER FUNCTION config_backup() RENAME TO config_backup_without_groups;
CREATE FUNCTION config_backup() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT config_backup_without_groups() || jsonb_build_object(
		'device_groups', coalesce((SELECT jsonb_agg(doc - 'id' - 'used_by' ORDER BY key) FROM device_group_docs()), '[]'),
		'redundancy_groups', coalesce((SELECT jsonb_agg(doc - 'id' ORDER BY key) FROM redundancy_docs()), '[]'))
$$;

ALTER FUNCTION config_restore(jsonb, text, text) RENAME TO config_restore_without_groups;
CREATE FUNCTION config_restore(doc jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	done jsonb;
	has_groups boolean := doc ? 'device_groups' AND doc ? 'redundancy_groups';
	x jsonb;
BEGIN
	IF has_groups THEN
		DELETE FROM redundancy_member;
		DELETE FROM device_group_member;
	END IF;
	done := config_restore_without_groups(doc, actor, source);
	IF NOT has_groups THEN
		RETURN done;
	END IF;
	-- First all of them, then who is in which: they name each other.
	INSERT INTO device_group (key, name) SELECT g->>'key', g->>'name' FROM jsonb_array_elements(doc->'device_groups') g ON CONFLICT DO NOTHING;
	INSERT INTO redundancy_group (key, name, need, fails_on) SELECT g->>'key', g->>'name', 1, '{}'
		FROM jsonb_array_elements(doc->'redundancy_groups') g ON CONFLICT DO NOTHING;
	DELETE FROM redundancy_group WHERE key NOT IN (SELECT g->>'key' FROM jsonb_array_elements(doc->'redundancy_groups') g);
	DELETE FROM device_group WHERE key NOT IN (SELECT g->>'key' FROM jsonb_array_elements(doc->'device_groups') g);
	FOR x IN SELECT * FROM jsonb_array_elements(doc->'device_groups') LOOP
		PERFORM device_group_put(x->>'key', x, actor, source);
	END LOOP;
	FOR x IN SELECT * FROM jsonb_array_elements(doc->'redundancy_groups') LOOP
		PERFORM redundancy_put(x->>'key', x || jsonb_build_object('severity', (SELECT n FROM generate_series(1, 5) n
			WHERE severity_name(n) = x->>'severity')), actor, source);
	END LOOP;
	RETURN done || jsonb_build_object('device_groups', jsonb_array_length(doc->'device_groups'),
		'redundancy_groups', jsonb_array_length(doc->'redundancy_groups'));
END $$;

INSERT INTO schema_version (version) VALUES (9);
