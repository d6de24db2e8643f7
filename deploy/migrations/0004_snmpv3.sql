-- SPDX-License-Identifier: Apache-2.0
-- SNMPv3 (user-based security) of devices. Both passwords of a device are in one sealed box, because only together can they be changed
-- by somebody who cannot open it; v3_level says what the box holds (0 nothing, 1 the authentication password, 2 both).

ALTER TABLE device
	ADD COLUMN v3_user         text NOT NULL DEFAULT '',
	ADD COLUMN v3_auth         text NOT NULL DEFAULT '',   -- '', MD5, SHA, SHA-224, SHA-256, SHA-384, SHA-512
	ADD COLUMN v3_priv         text NOT NULL DEFAULT '',   -- '', DES, AES-128, AES-192, AES-256, AES-192-C, AES-256-C (Cisco's keys)
	ADD COLUMN v3_context      text NOT NULL DEFAULT '',
	ADD COLUMN v3_engine_id    text NOT NULL DEFAULT '',   -- hexadecimal; '': asked for
	ADD COLUMN v3_level        smallint NOT NULL DEFAULT 0 CHECK (v3_level BETWEEN 0 AND 2),
	ADD COLUMN v3_sealed       bytea,                      -- to the collector
	ADD COLUMN v3_trap_sealed  bytea,                      -- the same to collect-snmptrap; NULL while that has no key
	ADD COLUMN v3_tag          text NOT NULL DEFAULT '';   -- keyed hash, as community_tag

ALTER TYPE device_item
	ADD ATTRIBUTE v3_user text, ADD ATTRIBUTE v3_auth text, ADD ATTRIBUTE v3_priv text, ADD ATTRIBUTE v3_context text,
	ADD ATTRIBUTE v3_engine_id text, ADD ATTRIBUTE v3_level int, ADD ATTRIBUTE v3_sealed text, ADD ATTRIBUTE v3_trap_sealed text,
	ADD ATTRIBUTE v3_tag text, ADD ATTRIBUTE reason text;

-- What is missing for a device to be asked; NULL: nothing.
CREATE FUNCTION device_secret_problem(version text, has_community boolean, v3_user text, v3_auth text, v3_priv text, v3_level int) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
	WHEN version <> '3' AND NOT has_community THEN 'the community is missing; a new device needs one'
	WHEN version <> '3' THEN NULL
	WHEN coalesce(v3_user, '') = '' THEN 'the SNMPv3 user is missing (v3_user)'
	WHEN v3_priv <> '' AND v3_auth = '' THEN 'encryption needs authentication: name v3_auth, too'
	WHEN v3_priv <> '' AND v3_level < 2 THEN 'the SNMPv3 passwords are missing; give v3_auth_password and v3_priv_password'
	WHEN v3_auth <> '' AND v3_level < 1 THEN 'the SNMPv3 password is missing; give v3_auth_password'
	END
$$;

-- What an import would do to each line. A line without secrets keeps the present ones; a new device needs them.
CREATE OR REPLACE FUNCTION device_import_ops(items jsonb) RETURNS SETOF device_item LANGUAGE sql STABLE AS $$
	SELECT line, key, collector, address, port, version, community_sealed, community_tag, interval_ms, status_interval_ms, profile,
		CASE WHEN reason IS NOT NULL THEN 'error' WHEN old_id IS NULL THEN 'add' WHEN is_same THEN 'same' ELSE 'change' END,
		v3_user, v3_auth, v3_priv, v3_context, v3_engine_id, v3_level, v3_sealed, v3_trap_sealed, v3_tag, reason
	FROM (SELECT i.line, i.key, i.collector, i.address, i.port, i.version, i.community_sealed, i.community_tag, i.interval_ms,
			i.status_interval_ms, i.profile, coalesce(i.v3_user, '') AS v3_user, coalesce(i.v3_auth, '') AS v3_auth,
			coalesce(i.v3_priv, '') AS v3_priv, coalesce(i.v3_context, '') AS v3_context, coalesce(i.v3_engine_id, '') AS v3_engine_id,
			i.v3_level, i.v3_sealed, i.v3_trap_sealed, i.v3_tag, d.device_id AS old_id,
			(d.collector, d.address, d.port, d.version, d.interval_ms, d.status_interval_ms, d.profile, d.v3_user, d.v3_auth, d.v3_priv,
				d.v3_context, d.v3_engine_id)
				= (i.collector, i.address, i.port, i.version, i.interval_ms, i.status_interval_ms, i.profile, coalesce(i.v3_user, ''),
				coalesce(i.v3_auth, ''), coalesce(i.v3_priv, ''), coalesce(i.v3_context, ''), coalesce(i.v3_engine_id, ''))
				AND (i.community_tag IS NULL OR i.community_tag = d.community_tag)
				AND (i.v3_tag IS NULL OR i.v3_tag = d.v3_tag) AS is_same,
			CASE WHEN d.device_id IS NOT NULL AND d.collector <> i.collector
					AND (d.community_sealed IS NOT NULL AND i.community_sealed IS NULL OR d.v3_sealed IS NOT NULL AND i.v3_sealed IS NULL)
				THEN format('the secrets are sealed to "%s"; give them again for "%s"', d.collector, i.collector)
			WHEN d.version = i.version AND i.version <> '3' THEN NULL
			ELSE device_secret_problem(i.version, coalesce(i.community_sealed IS NOT NULL OR d.community_sealed IS NOT NULL, false),
				coalesce(i.v3_user, ''), coalesce(i.v3_auth, ''), coalesce(i.v3_priv, ''), coalesce(i.v3_level, d.v3_level, 0)) END AS reason
		FROM jsonb_populate_recordset(NULL::device_item, items) i LEFT JOIN device d ON d.key = i.key AND d.removed_at IS NULL) x
	ORDER BY line
$$;

CREATE OR REPLACE FUNCTION device_import(items jsonb, prune boolean, dry_run boolean, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
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
		'errors', coalesce((SELECT jsonb_agg(jsonb_build_object('line', o.line, 'key', o.key, 'reason', o.reason))
			FROM unnest(ops) o WHERE o.op = 'error'), '[]'));
	IF dry_run OR (prune AND n_error > 0) THEN
		RETURN result;
	END IF;
	PERFORM device_remove_ids(gone) WHERE cardinality(gone) > 0;
	PERFORM site_ensure((SELECT array_agg(DISTINCT site_key_of(o.key)) FROM unnest(ops) o WHERE o.op = 'add'));
	INSERT INTO device (key, site_id, collector, address, port, version, community_sealed, community_tag, interval_ms, status_interval_ms, profile,
			v3_user, v3_auth, v3_priv, v3_context, v3_engine_id, v3_level, v3_sealed, v3_trap_sealed, v3_tag)
		SELECT o.key, s.site_id, o.collector, o.address, o.port, o.version, decode(o.community_sealed, 'hex'), coalesce(o.community_tag, ''),
			o.interval_ms, o.status_interval_ms, o.profile, o.v3_user, o.v3_auth, o.v3_priv, o.v3_context, o.v3_engine_id,
			coalesce(o.v3_level, 0), decode(o.v3_sealed, 'hex'), decode(o.v3_trap_sealed, 'hex'), coalesce(o.v3_tag, '')
		FROM unnest(ops) o JOIN site s ON s.key = site_key_of(o.key) WHERE o.op = 'add';
	UPDATE device d SET collector = o.collector, address = o.address, port = o.port, version = o.version, interval_ms = o.interval_ms,
			status_interval_ms = o.status_interval_ms, profile = o.profile,
			community_sealed = coalesce(decode(o.community_sealed, 'hex'), d.community_sealed),
			community_tag = coalesce(o.community_tag, d.community_tag), v3_user = o.v3_user, v3_auth = o.v3_auth, v3_priv = o.v3_priv,
			v3_context = o.v3_context, v3_engine_id = o.v3_engine_id, v3_level = coalesce(o.v3_level, d.v3_level),
			v3_sealed = coalesce(decode(o.v3_sealed, 'hex'), d.v3_sealed),
			v3_trap_sealed = CASE WHEN o.v3_sealed IS NULL THEN d.v3_trap_sealed ELSE decode(o.v3_trap_sealed, 'hex') END,
			v3_tag = coalesce(o.v3_tag, d.v3_tag), changed_at = now()
		FROM unnest(ops) o WHERE o.op = 'change' AND d.key = o.key AND d.removed_at IS NULL;
	PERFORM config_audit(actor, source, 'device.import', '', result - 'items' - 'errors');
	RETURN result;
END $$;

CREATE OR REPLACE FUNCTION device_add(item jsonb, actor text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE i device_item := jsonb_populate_record(NULL::device_item, item);
	id bigint;
	result jsonb;
BEGIN
	IF EXISTS (SELECT FROM device WHERE key = i.key AND removed_at IS NULL) THEN
		RAISE EXCEPTION 'there is a device "%" already', i.key USING ERRCODE = 'BB409';
	END IF;
	result := device_import(jsonb_build_array(item || '{"line": 1}'), false, false, actor, source);
	IF result->'errors' <> '[]' THEN
		RAISE EXCEPTION '%', result->'errors'->0->>'reason' USING ERRCODE = 'BB409';
	END IF;
	SELECT device_id INTO id FROM device WHERE key = i.key AND removed_at IS NULL;
	RETURN id;
END $$;

CREATE OR REPLACE FUNCTION device_etag(d device) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT md5(concat_ws('|', d.device_id, d.key, d.collector, d.address, d.port, d.version, d.community_tag, d.interval_ms, d.status_interval_ms,
	d.profile, d.v3_user, d.v3_auth, d.v3_priv, d.v3_context, d.v3_engine_id, d.v3_tag)) $$;

-- The SNMPv3 fields people see.
CREATE FUNCTION device_v3_doc(d device) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN d.version = '3' THEN jsonb_build_object('v3_user', d.v3_user, 'v3_auth', d.v3_auth, 'v3_priv', d.v3_priv,
		'v3_context', d.v3_context, 'v3_engine_id', d.v3_engine_id) ELSE '{}' END
$$;

CREATE OR REPLACE FUNCTION device_config(id bigint) RETURNS TABLE (etag text, doc jsonb) LANGUAGE sql STABLE AS $$
	SELECT device_etag(d), jsonb_build_object('id', d.device_id::text, 'key', d.key, 'collector', d.collector, 'address', d.address,
		'port', d.port, 'version', d.version, 'has_community', d.community_sealed IS NOT NULL, 'interval_s', d.interval_ms / 1000.0,
		'status_interval_s', d.status_interval_ms / 1000.0, 'profile', d.profile, 'v3_user', d.v3_user, 'v3_auth', d.v3_auth,
		'v3_priv', d.v3_priv, 'v3_context', d.v3_context, 'v3_engine_id', d.v3_engine_id, 'has_v3_auth_password', d.v3_level >= 1,
		'has_v3_priv_password', d.v3_level >= 2)
	FROM device d WHERE d.device_id = id AND d.removed_at IS NULL
$$;

CREATE OR REPLACE FUNCTION device_change(id bigint, if_match text, patch jsonb, actor text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE d device;
	n device;
	problem text;
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
	IF p.collector <> d.collector AND coalesce(p.version, d.version) <> '3' AND p.community_sealed IS NULL THEN
		RAISE EXCEPTION 'the community is sealed to "%"; give it again for "%"', d.collector, p.collector USING ERRCODE = 'BB409';
	END IF;
	IF p.collector <> d.collector AND coalesce(p.version, d.version) = '3' AND d.v3_level > 0 AND p.v3_sealed IS NULL THEN
		RAISE EXCEPTION 'the passwords are sealed to "%"; give them again for "%"', d.collector, p.collector USING ERRCODE = 'BB409';
	END IF;
	PERFORM site_ensure(ARRAY[site_key_of(p.key)]) WHERE p.key IS NOT NULL;
	UPDATE device SET key = coalesce(p.key, d.key), site_id = (SELECT site_id FROM site WHERE site.key = site_key_of(coalesce(p.key, d.key))),
		collector = coalesce(p.collector, d.collector), address = coalesce(p.address, d.address), port = coalesce(p.port, d.port),
		version = coalesce(p.version, d.version), interval_ms = coalesce(p.interval_ms, d.interval_ms),
		status_interval_ms = coalesce(p.status_interval_ms, d.status_interval_ms), profile = coalesce(p.profile, d.profile),
		community_sealed = coalesce(decode(p.community_sealed, 'hex'), d.community_sealed),
		community_tag = coalesce(p.community_tag, d.community_tag), v3_user = coalesce(p.v3_user, d.v3_user),
		v3_auth = coalesce(p.v3_auth, d.v3_auth), v3_priv = coalesce(p.v3_priv, d.v3_priv), v3_context = coalesce(p.v3_context, d.v3_context),
		v3_engine_id = coalesce(p.v3_engine_id, d.v3_engine_id), v3_level = coalesce(p.v3_level, d.v3_level),
		v3_sealed = coalesce(decode(p.v3_sealed, 'hex'), d.v3_sealed),
		v3_trap_sealed = CASE WHEN p.v3_sealed IS NULL THEN d.v3_trap_sealed ELSE decode(p.v3_trap_sealed, 'hex') END,
		v3_tag = coalesce(p.v3_tag, d.v3_tag), changed_at = now()
		WHERE device_id = id RETURNING * INTO n;
	problem := device_secret_problem(n.version, n.community_sealed IS NOT NULL OR d.version = n.version, n.v3_user, n.v3_auth, n.v3_priv,
		n.v3_level);
	IF problem IS NOT NULL THEN
		RAISE EXCEPTION '%', problem USING ERRCODE = 'BB409';
	END IF;
	PERFORM config_audit(actor, source, CASE WHEN p.key <> d.key THEN 'device.rename' ELSE 'device.set' END, d.key,
		jsonb_strip_nulls(patch - 'community_sealed' - 'community_tag' - 'v3_sealed' - 'v3_trap_sealed' - 'v3_tag' - 'v3_level'));
	RETURN coalesce(p.key, d.key);
END $$;

CREATE OR REPLACE FUNCTION device_export() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'collector', collector, 'address', address, 'port', port, 'version', version,
		'interval_s', interval_ms / 1000.0, 'status_interval_s', status_interval_ms / 1000.0, 'profile', profile) || device_v3_doc(d)
		ORDER BY key), '[]')
	FROM device d WHERE removed_at IS NULL
$$;

CREATE OR REPLACE FUNCTION config_backup() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object(
		'devices', coalesce((SELECT jsonb_agg(jsonb_build_object('key', key, 'collector', collector, 'address', address, 'port', port,
			'version', version, 'community_sealed', encode(community_sealed, 'hex'), 'community_tag', community_tag,
			'interval_ms', interval_ms, 'status_interval_ms', status_interval_ms, 'profile', profile)
			|| CASE WHEN version = '3' OR v3_user <> '' THEN jsonb_build_object('v3_user', v3_user, 'v3_auth', v3_auth, 'v3_priv', v3_priv,
				'v3_context', v3_context, 'v3_engine_id', v3_engine_id, 'v3_level', v3_level, 'v3_sealed', encode(v3_sealed, 'hex'),
				'v3_trap_sealed', encode(v3_trap_sealed, 'hex'), 'v3_tag', v3_tag) ELSE '{}' END ORDER BY key)
			FROM device WHERE removed_at IS NULL), '[]'),
		'sites', coalesce((SELECT jsonb_agg(jsonb_build_object('key', key, 'name', name) ORDER BY key) FROM site WHERE site_id <> 0), '[]'),
		'settings', coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'value', value, 'sealed', encode(value_sealed, 'hex'))
			ORDER BY name) FROM setting), '[]'),
		'recipients', coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'address', address,
			'min_severity', severity_name(min_severity)) ORDER BY name) FROM recipient), '[]'),
		'plans', coalesce((SELECT jsonb_agg(p.doc - 'version' - 'mode' - 'simulated_version' ORDER BY p.key) FROM plan_docs() p), '[]'))
$$;

INSERT INTO schema_version (version) VALUES (4);
