-- SPDX-License-Identifier: Apache-2.0
-- Discovery: credentials it tries, and who each device was found to be. The v3 columns hold what those of device hold.

CREATE TABLE credential (
	credential_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name              text NOT NULL UNIQUE,
	version           text NOT NULL DEFAULT '2c',
	port              int NOT NULL DEFAULT 161 CHECK (port BETWEEN 1 AND 65535),
	community_sealed  bytea,                        -- to collect-snmp
	community_tag     text NOT NULL DEFAULT '',
	v3_user           text NOT NULL DEFAULT '',
	v3_auth           text NOT NULL DEFAULT '',
	v3_priv           text NOT NULL DEFAULT '',
	v3_context        text NOT NULL DEFAULT '',
	v3_level          smallint NOT NULL DEFAULT 0,
	v3_sealed         bytea,
	v3_trap_sealed    bytea,
	v3_tag            text NOT NULL DEFAULT '',
	created_at        timestamptz NOT NULL DEFAULT now()
);

-- Who the device is: what a person accepted, or what answered first. No part of a generation: nothing is decided by it.
CREATE TABLE device_identity (
	device_id    bigint PRIMARY KEY REFERENCES device,
	serial       text NOT NULL DEFAULT '',
	mac          text NOT NULL DEFAULT '',
	engine_id    text NOT NULL DEFAULT '',
	mfr          text NOT NULL DEFAULT '',
	model        text NOT NULL DEFAULT '',
	profile      text NOT NULL DEFAULT '',
	sysobjectid  text NOT NULL DEFAULT '',
	since        timestamptz NOT NULL DEFAULT now(),
	accepted_by  text,                             -- NULL: nobody had to
	seen         jsonb,                            -- who answers now, where that is somebody else
	seen_at      timestamptz
);

-- Credentials ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION credential_add(item jsonb, actor text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE id bigint;
BEGIN
	INSERT INTO credential (name, version, port, community_sealed, community_tag, v3_user, v3_auth, v3_priv, v3_context, v3_level,
			v3_sealed, v3_trap_sealed, v3_tag)
		VALUES (item->>'name', item->>'version', (item->>'port')::int, decode(item->>'community_sealed', 'hex'),
			coalesce(item->>'community_tag', ''), coalesce(item->>'v3_user', ''), coalesce(item->>'v3_auth', ''),
			coalesce(item->>'v3_priv', ''), coalesce(item->>'v3_context', ''), coalesce((item->>'v3_level')::int, 0), decode(item->>'v3_sealed', 'hex'),
			decode(item->>'v3_trap_sealed', 'hex'), coalesce(item->>'v3_tag', ''))
		ON CONFLICT (name) DO NOTHING RETURNING credential_id INTO id;
	IF id IS NULL THEN
		RAISE EXCEPTION 'there is a credential "%" already', item->>'name' USING ERRCODE = 'BB409';
	END IF;
	PERFORM config_audit(actor, source, 'credential.add', item->>'name', jsonb_build_object('version', item->>'version'));
	RETURN id;
END $$;

CREATE FUNCTION credential_remove(id bigint, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE n text;
BEGIN
	DELETE FROM credential WHERE credential_id = id RETURNING name INTO n;
	IF n IS NULL THEN
		RAISE EXCEPTION 'there is no credential with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'credential.remove', n);
END $$;

CREATE FUNCTION credential_list() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_agg(jsonb_build_object('id', credential_id::text, 'name', name, 'version', version, 'port', port,
		'has_community', community_sealed IS NOT NULL, 'v3_user', v3_user, 'v3_auth', v3_auth, 'v3_priv', v3_priv,
		'v3_context', v3_context) ORDER BY name) FROM credential
$$;

-- What the collector needs to use them: the secrets stay sealed.
CREATE FUNCTION credential_use(ids bigint[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', credential_id::text, 'version', version, 'port', port::text,
		'sealed', encode(community_sealed, 'hex'), 'v3_user', v3_user, 'v3_auth', v3_auth, 'v3_priv', v3_priv,
		'v3_context', v3_context, 'v3_sealed', encode(v3_sealed, 'hex'))) ORDER BY array_position(ids, credential_id)), '[]')
	FROM credential WHERE credential_id = ANY (ids)
$$;

-- The part of a device that a credential gives.
CREATE FUNCTION credential_device(id bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_strip_nulls(jsonb_build_object('version', version, 'community_sealed', encode(community_sealed, 'hex'),
		'community_tag', nullif(community_tag, ''), 'v3_user', nullif(v3_user, ''), 'v3_auth', nullif(v3_auth, ''),
		'v3_priv', nullif(v3_priv, ''), 'v3_context', nullif(v3_context, ''), 'v3_level', nullif(v3_level, 0), 'v3_sealed', encode(v3_sealed, 'hex'),
		'v3_trap_sealed', encode(v3_trap_sealed, 'hex'), 'v3_tag', nullif(v3_tag, '')))
	FROM credential WHERE credential_id = id
$$;

-- Hits become devices: a new one with `key`, or the known `device_id` at its new address. Each on its own: one that cannot be
-- added does not keep the others out.
CREATE FUNCTION discovery_adopt(items jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	i jsonb;
	access jsonb;
	id bigint;
	result jsonb := '[]';
BEGIN
	FOR i IN SELECT * FROM jsonb_array_elements(items) LOOP
		BEGIN
			access := credential_device((i->>'credential_id')::bigint);
			IF access IS NULL THEN
				RAISE EXCEPTION 'the credential that found it was removed' USING ERRCODE = 'BB409';
			END IF;
			access := access || jsonb_build_object('address', i->>'address', 'port', (i->>'port')::int);
			IF i ? 'device_id' THEN
				id := (i->>'device_id')::bigint;
				PERFORM device_change(id, '*', access, actor, source);
			ELSE
				id := device_add(access || jsonb_build_object('key', i->>'key', 'collector', 'collect-snmp',
					'interval_ms', 10000, 'status_interval_ms', 0, 'profile', 'auto'), actor, source);
			END IF;
			result := result || jsonb_build_object('seq', i->'seq', 'ok', true, 'device_id', id::text, 'error', NULL);
		EXCEPTION WHEN OTHERS THEN
			result := result || jsonb_build_object('seq', i->'seq', 'ok', false, 'device_id', NULL, 'error', SQLERRM);
		END;
	END LOOP;
	RETURN result;
END $$;

-- Identity ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION identity_list() RETURNS SETOF device_identity LANGUAGE sql STABLE AS $$
	SELECT i.* FROM device_identity i JOIN device d USING (device_id) WHERE d.removed_at IS NULL
$$;

-- What webd heard and judged: `accepted` replaces what is there without a person (first contact, a gap filled), `seen` is what
-- somebody must look at (null: no more).
CREATE FUNCTION identity_put(items jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE i jsonb;
BEGIN
	FOR i IN SELECT * FROM jsonb_array_elements(items) LOOP
		INSERT INTO device_identity (device_id, serial, mac, engine_id, mfr, model, profile, sysobjectid, seen, seen_at)
			SELECT (i->>'device_id')::bigint, a.serial, a.mac, a.engine_id, a.mfr, a.model, a.profile, a.sysobjectid,
				nullif(i->'seen', 'null'), CASE WHEN i->'seen' <> 'null' THEN now() END
			FROM jsonb_populate_record(NULL::device_identity, i->'accepted') a
			WHERE EXISTS (SELECT FROM device d WHERE d.device_id = (i->>'device_id')::bigint)
			ON CONFLICT (device_id) DO UPDATE SET serial = excluded.serial, mac = excluded.mac, engine_id = excluded.engine_id,
				mfr = excluded.mfr, model = excluded.model, profile = excluded.profile, sysobjectid = excluded.sysobjectid,
				seen = excluded.seen,
				seen_at = CASE WHEN excluded.seen IS NOT DISTINCT FROM device_identity.seen THEN device_identity.seen_at
					ELSE excluded.seen_at END;
		PERFORM config_audit('busbar', 'identity', 'identity.changed', d.key, jsonb_build_object('was', i->'accepted', 'is', i->'seen'))
			FROM device d WHERE i->'seen' <> 'null' AND d.device_id = (i->>'device_id')::bigint;
	END LOOP;
END $$;

-- `now_is`: what the person was shown.
CREATE FUNCTION identity_accept(id bigint, now_is jsonb, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	was device_identity;
	card device_identity;
BEGIN
	INSERT INTO device_identity (device_id) VALUES (id) ON CONFLICT DO NOTHING;
	SELECT * INTO was FROM device_identity WHERE device_id = id FOR UPDATE;
	card := jsonb_populate_record(was, now_is);
	UPDATE device_identity SET serial = card.serial, mac = card.mac, engine_id = card.engine_id, mfr = card.mfr, model = card.model,
		profile = card.profile, sysobjectid = card.sysobjectid, since = now(), accepted_by = actor, seen = NULL, seen_at = NULL
		WHERE device_id = id;
	PERFORM config_audit(actor, source, 'identity.accept', (SELECT key FROM device WHERE device_id = id),
		jsonb_build_object('was', to_jsonb(was) - 'seen' - 'seen_at' - 'device_id', 'is', now_is));
END $$;

INSERT INTO schema_version (version) VALUES (5);
