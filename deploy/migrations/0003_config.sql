-- SPDX-License-Identifier: Apache-2.0
-- How webd changes the configuration: one function per change, so that each is one transaction with its audit row.
-- Values are checked by webd before; what only the database can know is refused here with a sentence for people:
-- BB404 no such thing, BB409 contradicts the present state, BB412 changed by somebody else.

CREATE FUNCTION config_audit(actor text, source text, action text, object text, detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE sql AS $$ INSERT INTO audit (user_name, source, action, object, detail) VALUES (actor, source, action, object, detail) $$;

-- The site a device key lies in; it and the sites above it are made on demand.
CREATE FUNCTION site_key_of(device_key text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN position('/' IN device_key) = 0 THEN 'unsorted' ELSE regexp_replace(device_key, '/[^/]*$', '') END $$;

CREATE FUNCTION site_ensure(site_keys text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO site (key, name)
	SELECT DISTINCT above, regexp_replace(above, '^.*/', '')
	FROM (SELECT DISTINCT unnest(site_keys) AS k) s,
		LATERAL (SELECT array_to_string((string_to_array(s.k, '/'))[1:n], '/') AS above
			FROM generate_series(1, cardinality(string_to_array(s.k, '/'))) n) a
	WHERE NOT EXISTS (SELECT FROM site x WHERE x.key = above)
$$;

CREATE TYPE device_item AS (line int, key text, collector text, address text, port int, version text, community_sealed text,
	community_tag text, interval_ms int, status_interval_ms int, profile text, op text);

-- A device of a plan is not removed: the plan would silently wait for fewer devices.
CREATE FUNCTION device_remove_ids(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE used record;
BEGIN
	SELECT d.key AS device, p.key AS plan INTO used FROM plan_device pd JOIN device d USING (device_id) JOIN plan p USING (plan_id)
		WHERE pd.device_id = ANY (ids) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'device "%" is part of plan "%"; take it out of the plan first', used.device, used.plan USING ERRCODE = 'BB409';
	END IF;
	UPDATE device SET removed_at = now(), changed_at = now() WHERE device_id = ANY (ids) AND removed_at IS NULL;
END $$;

-- What an import would do to each line. A line without community keeps the present one; a new device needs one.
CREATE FUNCTION device_import_ops(items jsonb) RETURNS SETOF device_item LANGUAGE sql STABLE AS $$
	SELECT i.line, i.key, i.collector, i.address, i.port, i.version, i.community_sealed, i.community_tag, i.interval_ms,
		i.status_interval_ms, i.profile,
		CASE WHEN d.device_id IS NULL AND i.community_sealed IS NULL THEN 'error'
		WHEN d.device_id IS NULL THEN 'add'
		WHEN (d.collector, d.address, d.port, d.version, d.interval_ms, d.status_interval_ms, d.profile)
			= (i.collector, i.address, i.port, i.version, i.interval_ms, i.status_interval_ms, i.profile)
			AND (i.community_tag IS NULL OR i.community_tag = d.community_tag) THEN 'same'
		ELSE 'change' END
	FROM jsonb_populate_recordset(NULL::device_item, items) i LEFT JOIN device d ON d.key = i.key AND d.removed_at IS NULL
	ORDER BY i.line
$$;

CREATE FUNCTION device_import(items jsonb, prune boolean, dry_run boolean, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	ops device_item[];
	gone bigint[];
	n_error int;
	result jsonb;
BEGIN
	SELECT coalesce(array_agg(o), '{}') INTO ops FROM device_import_ops(items) o;
	n_error := (SELECT count(*) FROM unnest(ops) o WHERE o.op = 'error');
	SELECT coalesce(array_agg(device_id), '{}') INTO gone FROM device
		WHERE prune AND removed_at IS NULL AND key NOT IN (SELECT o.key FROM unnest(ops) o);
	result := jsonb_build_object('dry_run', dry_run,
		'added', (SELECT count(*) FROM unnest(ops) o WHERE o.op = 'add'),
		'changed', (SELECT count(*) FROM unnest(ops) o WHERE o.op = 'change'),
		'same', (SELECT count(*) FROM unnest(ops) o WHERE o.op = 'same'),
		'removed', cardinality(gone),
		'items', coalesce((SELECT jsonb_agg(jsonb_build_object('line', o.line, 'key', o.key, 'op', o.op)) FROM unnest(ops) o WHERE o.op <> 'error'), '[]')
			|| coalesce((SELECT jsonb_agg(jsonb_build_object('line', NULL, 'key', key, 'op', 'remove') ORDER BY key) FROM device
				WHERE device_id = ANY (gone)), '[]'),
		'errors', coalesce((SELECT jsonb_agg(jsonb_build_object('line', o.line, 'key', o.key, 'reason',
			'the community is missing; a new device needs one')) FROM unnest(ops) o WHERE o.op = 'error'), '[]'));
	IF dry_run OR (prune AND n_error > 0) THEN
		RETURN result;
	END IF;
	PERFORM device_remove_ids(gone) WHERE cardinality(gone) > 0;
	PERFORM site_ensure((SELECT array_agg(DISTINCT site_key_of(o.key)) FROM unnest(ops) o WHERE o.op = 'add'));
	INSERT INTO device (key, site_id, collector, address, port, version, community_sealed, community_tag, interval_ms, status_interval_ms, profile)
		SELECT o.key, s.site_id, o.collector, o.address, o.port, o.version, decode(o.community_sealed, 'hex'), o.community_tag,
			o.interval_ms, o.status_interval_ms, o.profile
		FROM unnest(ops) o JOIN site s ON s.key = site_key_of(o.key) WHERE o.op = 'add';
	UPDATE device d SET collector = o.collector, address = o.address, port = o.port, version = o.version, interval_ms = o.interval_ms,
			status_interval_ms = o.status_interval_ms, profile = o.profile,
			community_sealed = coalesce(decode(o.community_sealed, 'hex'), d.community_sealed),
			community_tag = coalesce(o.community_tag, d.community_tag), changed_at = now()
		FROM unnest(ops) o WHERE o.op = 'change' AND d.key = o.key AND d.removed_at IS NULL;
	PERFORM config_audit(actor, source, 'device.import', '', result - 'items' - 'errors');
	RETURN result;
END $$;

CREATE FUNCTION device_add(item jsonb, actor text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE i device_item := jsonb_populate_record(NULL::device_item, item);
	id bigint;
BEGIN
	IF EXISTS (SELECT FROM device WHERE key = i.key AND removed_at IS NULL) THEN
		RAISE EXCEPTION 'there is a device "%" already', i.key USING ERRCODE = 'BB409';
	END IF;
	PERFORM device_import(jsonb_build_array(item || '{"line": 1}'), false, false, actor, source);
	SELECT device_id INTO id FROM device WHERE key = i.key AND removed_at IS NULL;
	RETURN id;
END $$;

CREATE FUNCTION device_etag(d device) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT md5(concat_ws('|', d.device_id, d.key, d.collector, d.address, d.port, d.version, d.community_tag, d.interval_ms, d.status_interval_ms, d.profile)) $$;

CREATE FUNCTION device_config(id bigint) RETURNS TABLE (etag text, doc jsonb) LANGUAGE sql STABLE AS $$
	SELECT device_etag(d), jsonb_build_object('id', d.device_id::text, 'key', d.key, 'collector', d.collector, 'address', d.address,
		'port', d.port, 'version', d.version, 'has_community', d.community_sealed IS NOT NULL, 'interval_s', d.interval_ms / 1000.0,
		'status_interval_s', d.status_interval_ms / 1000.0, 'profile', d.profile)
	FROM device d WHERE d.device_id = id AND d.removed_at IS NULL
$$;

CREATE FUNCTION device_change(id bigint, if_match text, patch jsonb, actor text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE d device;
	p device_item := jsonb_populate_record(NULL::device_item, patch);
BEGIN
	SELECT * INTO d FROM device WHERE device_id = id AND removed_at IS NULL FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no device with this id' USING ERRCODE = 'BB404';
	END IF;
	IF if_match <> '*' AND if_match <> device_etag(d) THEN
		RAISE EXCEPTION 'the device was changed meanwhile' USING ERRCODE = 'BB412';
	END IF;
	IF p.key <> d.key AND EXISTS (SELECT FROM device WHERE key = p.key AND removed_at IS NULL) THEN
		RAISE EXCEPTION 'there is a device "%" already', p.key USING ERRCODE = 'BB409';
	END IF;
	IF p.collector <> d.collector AND p.community_sealed IS NULL THEN
		RAISE EXCEPTION 'the community is sealed to "%"; give it again for "%"', d.collector, p.collector USING ERRCODE = 'BB409';
	END IF;
	PERFORM site_ensure(ARRAY[site_key_of(p.key)]) WHERE p.key IS NOT NULL;
	UPDATE device SET key = coalesce(p.key, d.key), site_id = (SELECT site_id FROM site WHERE site.key = site_key_of(coalesce(p.key, d.key))),
		collector = coalesce(p.collector, d.collector), address = coalesce(p.address, d.address), port = coalesce(p.port, d.port),
		version = coalesce(p.version, d.version), interval_ms = coalesce(p.interval_ms, d.interval_ms),
		status_interval_ms = coalesce(p.status_interval_ms, d.status_interval_ms), profile = coalesce(p.profile, d.profile),
		community_sealed = coalesce(decode(p.community_sealed, 'hex'), d.community_sealed),
		community_tag = coalesce(p.community_tag, d.community_tag), changed_at = now()
		WHERE device_id = id;
	PERFORM config_audit(actor, source, CASE WHEN p.key <> d.key THEN 'device.rename' ELSE 'device.set' END, d.key,
		jsonb_strip_nulls(patch - 'community_sealed' - 'community_tag'));
	RETURN coalesce(p.key, d.key);
END $$;

CREATE FUNCTION device_remove(id bigint, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE k text;
BEGIN
	SELECT key INTO k FROM device WHERE device_id = id AND removed_at IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no device with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM device_remove_ids(ARRAY[id]);
	PERFORM config_audit(actor, source, 'device.remove', k);
END $$;

CREATE FUNCTION device_export() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'collector', collector, 'address', address, 'port', port, 'version', version,
		'interval_s', interval_ms / 1000.0, 'status_interval_s', status_interval_ms / 1000.0, 'profile', profile) ORDER BY key), '[]')
	FROM device WHERE removed_at IS NULL
$$;

-- Settings, recipients ------------------------------------------------------------------------------------------------

CREATE FUNCTION setting_put(setting_name text, new_value text, sealed text, sealed_reader text, actor text, source text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF new_value IS NULL AND sealed IS NULL THEN
		DELETE FROM setting WHERE name = setting_name;
	ELSE
		INSERT INTO setting (name, value, value_sealed, reader) VALUES (setting_name, new_value, decode(sealed, 'hex'), sealed_reader)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, value_sealed = excluded.value_sealed, reader = excluded.reader;
	END IF;
	PERFORM config_audit(actor, source, 'setting.put', setting_name, jsonb_build_object('value', new_value, 'secret', sealed IS NOT NULL));
END $$;

CREATE FUNCTION recipient_add(new_name text, new_address text, severity int, actor text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE id bigint;
BEGIN
	INSERT INTO recipient (name, address, min_severity) VALUES (new_name, new_address, severity) ON CONFLICT (name) DO NOTHING
		RETURNING recipient_id INTO id;
	IF id IS NULL THEN
		RAISE EXCEPTION 'there is a recipient "%" already', new_name USING ERRCODE = 'BB409';
	END IF;
	PERFORM config_audit(actor, source, 'recipient.add', new_name, jsonb_build_object('address', new_address, 'min_severity', severity_name(severity)));
	RETURN id;
END $$;

CREATE FUNCTION recipient_remove(id bigint, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE n text;
BEGIN
	DELETE FROM recipient WHERE recipient_id = id RETURNING name INTO n;
	IF n IS NULL THEN
		RAISE EXCEPTION 'there is no recipient with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'recipient.remove', n);
END $$;

-- Shutdown plans ------------------------------------------------------------------------------------------------------

CREATE FUNCTION plan_docs() RETURNS TABLE (key text, doc jsonb) LANGUAGE sql STABLE AS $$
	SELECT p.key, jsonb_build_object('key', p.key, 'version', p.version, 'mode', p.mode, 'simulated_version', p.simulated_version, 'need', p.need,
		'hold_s', p.hold_s, 'restore_hold_s', p.restore_hold_s, 'validity_s', p.validity_s,
		'devices', coalesce((SELECT jsonb_agg(d.key ORDER BY d.key) FROM plan_device pd JOIN device d USING (device_id) WHERE pd.plan_id = p.plan_id), '[]'),
		'targets', coalesce((SELECT jsonb_agg(jsonb_build_object('name', t.name, 'address', t.address, 'port', t.port, 'method', t.method,
			'template', t.template_name, 'text', t.text) ORDER BY t.target_id) FROM plan_target t WHERE t.plan_id = p.plan_id), '[]'))
	FROM plan p
$$;

-- A changed plan has a new version, which nobody has simulated: it falls back to simulate.
CREATE FUNCTION plan_put(plan_key text, doc jsonb, actor text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
	missing text;
	v bigint;
	before jsonb := (SELECT p.doc - 'version' - 'mode' - 'simulated_version' FROM plan_docs() p WHERE p.key = plan_key);
BEGIN
	IF before = doc || jsonb_build_object('key', plan_key) THEN
		RETURN (SELECT version FROM plan WHERE plan.key = plan_key);
	END IF;
	SELECT k INTO missing FROM jsonb_array_elements_text(doc->'devices') k
		WHERE NOT EXISTS (SELECT FROM device d WHERE d.key = k AND d.removed_at IS NULL) LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'there is no device "%"', missing USING ERRCODE = 'BB409';
	END IF;
	INSERT INTO plan (key, need, hold_s, restore_hold_s, validity_s)
		VALUES (plan_key, (doc->>'need')::int, (doc->>'hold_s')::int, (doc->>'restore_hold_s')::int, (doc->>'validity_s')::int)
		ON CONFLICT (key) DO UPDATE SET need = excluded.need, hold_s = excluded.hold_s, restore_hold_s = excluded.restore_hold_s,
			validity_s = excluded.validity_s, version = plan.version + 1, mode = 'simulate'
		RETURNING plan_id, version INTO id, v;
	DELETE FROM plan_device WHERE plan_id = id;
	INSERT INTO plan_device SELECT DISTINCT id, d.device_id FROM jsonb_array_elements_text(doc->'devices') k
		JOIN device d ON d.key = k AND d.removed_at IS NULL;
	DELETE FROM plan_target WHERE plan_id = id;
	INSERT INTO plan_target (plan_id, name, address, port, method, template_name, text)
		SELECT id, t->>'name', t->>'address', (t->>'port')::int, t->>'method', t->>'template', t->>'text'
		FROM jsonb_array_elements(doc->'targets') t;
	PERFORM config_audit(actor, source, 'plan.put', plan_key, doc);
	RETURN v;
END $$;

CREATE FUNCTION plan_remove(plan_key text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM plan WHERE key = plan_key;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no plan "%"', plan_key USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'plan.remove', plan_key);
END $$;

-- Only the version that was really simulated counts; false when the plan was changed meanwhile.
CREATE FUNCTION plan_simulated(plan_key text, plan_version bigint, actor text, source text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	UPDATE plan SET simulated_version = plan_version WHERE key = plan_key AND version = plan_version;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM config_audit(actor, source, 'plan.simulate', plan_key, jsonb_build_object('version', plan_version));
	RETURN true;
END $$;

CREATE FUNCTION plan_set_mode(plan_key text, new_mode text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE p plan;
BEGIN
	SELECT * INTO p FROM plan WHERE key = plan_key FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no plan "%"', plan_key USING ERRCODE = 'BB404';
	END IF;
	IF new_mode <> 'simulate' AND p.simulated_version <> p.version THEN
		RAISE EXCEPTION 'version % of plan "%" was never simulated; simulate it first', p.version, plan_key USING ERRCODE = 'BB409';
	END IF;
	UPDATE plan SET mode = new_mode WHERE plan_id = p.plan_id;
	PERFORM config_audit(actor, source, 'plan.mode', plan_key, jsonb_build_object('mode', new_mode, 'version', p.version));
END $$;

-- Users, tokens -------------------------------------------------------------------------------------------------------

-- The first user of an empty installation; false when there is somebody already.
CREATE FUNCTION user_first(hash text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
	IF EXISTS (SELECT FROM users) THEN
		RETURN false;
	END IF;
	INSERT INTO users (name, password_hash, role, must_change) VALUES ('admin', hash, 'admin', true);
	PERFORM config_audit('busbar', 'start', 'user.first', 'admin');
	RETURN true;
END $$;

CREATE FUNCTION user_password(user_name text, hash text, one_time boolean, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE users SET password_hash = hash, must_change = one_time WHERE name = user_name;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no user "%"', user_name USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, CASE WHEN one_time THEN 'user.reset' ELSE 'user.password' END, user_name);
END $$;

-- `owner` NULL (the local console): the first administrator.
CREATE FUNCTION token_add(owner text, token_name text, hash text, token_role text, actor text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	uid bigint := (SELECT user_id FROM users WHERE name = owner OR (owner IS NULL AND role = 'admin') ORDER BY user_id LIMIT 1);
	id bigint;
BEGIN
	IF uid IS NULL THEN
		RAISE EXCEPTION 'there is no user the token could belong to' USING ERRCODE = 'BB409';
	END IF;
	INSERT INTO api_token (user_id, name, token_hash, role) VALUES (uid, token_name, decode(hash, 'hex'), token_role) RETURNING token_id INTO id;
	PERFORM config_audit(actor, source, 'token.add', token_name, jsonb_build_object('role', token_role));
	RETURN id;
END $$;

CREATE FUNCTION token_remove(id bigint, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE n text;
BEGIN
	UPDATE api_token SET revoked_at = now() WHERE token_id = id AND revoked_at IS NULL RETURNING name INTO n;
	IF n IS NULL THEN
		RAISE EXCEPTION 'there is no token with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'token.remove', n);
END $$;

-- Backup: configuration without users, tokens and keys; secrets travel sealed ------------------------------------------

CREATE FUNCTION config_backup() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object(
		'devices', coalesce((SELECT jsonb_agg(jsonb_build_object('key', key, 'collector', collector, 'address', address, 'port', port,
			'version', version, 'community_sealed', encode(community_sealed, 'hex'), 'community_tag', community_tag,
			'interval_ms', interval_ms, 'status_interval_ms', status_interval_ms, 'profile', profile) ORDER BY key)
			FROM device WHERE removed_at IS NULL), '[]'),
		'sites', coalesce((SELECT jsonb_agg(jsonb_build_object('key', key, 'name', name) ORDER BY key) FROM site WHERE site_id <> 0), '[]'),
		'settings', coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'value', value, 'sealed', encode(value_sealed, 'hex'))
			ORDER BY name) FROM setting), '[]'),
		'recipients', coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'address', address,
			'min_severity', severity_name(min_severity)) ORDER BY name) FROM recipient), '[]'),
		'plans', coalesce((SELECT jsonb_agg(p.doc - 'version' - 'mode' - 'simulated_version' ORDER BY p.key) FROM plan_docs() p), '[]'))
$$;

-- The archive replaces what is there. Plans come back in mode simulate: nobody has tried them on this installation.
CREATE FUNCTION config_restore(doc jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	p jsonb;
	devices jsonb;
BEGIN
	DELETE FROM plan WHERE key NOT IN (SELECT x->>'key' FROM jsonb_array_elements(doc->'plans') x);
	DELETE FROM plan_device pd USING device d WHERE pd.device_id = d.device_id AND d.removed_at IS NULL
		AND d.key NOT IN (SELECT x->>'key' FROM jsonb_array_elements(doc->'devices') x);
	devices := device_import(doc->'devices', true, false, actor, source);
	IF devices->'errors' <> '[]' THEN
		RAISE EXCEPTION 'device "%": %', devices->'errors'->0->>'key', devices->'errors'->0->>'reason' USING ERRCODE = 'BB409';
	END IF;
	INSERT INTO site (key, name) SELECT x->>'key', x->>'name' FROM jsonb_array_elements(doc->'sites') x
		ON CONFLICT (key) DO UPDATE SET name = excluded.name;
	DELETE FROM setting;
	INSERT INTO setting (name, value, value_sealed, reader)
		SELECT x->>'name', x->>'value', decode(x->>'sealed', 'hex'), x->>'reader' FROM jsonb_array_elements(doc->'settings') x;
	DELETE FROM recipient;
	INSERT INTO recipient (name, address, min_severity)
		SELECT x->>'name', x->>'address', (x->>'min_severity')::smallint FROM jsonb_array_elements(doc->'recipients') x;
	FOR p IN SELECT * FROM jsonb_array_elements(doc->'plans') LOOP
		PERFORM plan_put(p->>'key', p - 'key', actor, source);
	END LOOP;
	PERFORM config_audit(actor, source, 'restore', '', devices - 'items' - 'errors');
	RETURN jsonb_build_object('devices', jsonb_array_length(doc->'devices'), 'settings', jsonb_array_length(doc->'settings'),
		'recipients', jsonb_array_length(doc->'recipients'), 'plans', jsonb_array_length(doc->'plans'));
END $$;

INSERT INTO schema_version (version) VALUES (3);
