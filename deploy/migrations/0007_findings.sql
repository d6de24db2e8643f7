-- SPDX-License-Identifier: Apache-2.0
-- What people decided about values that seemed implausible. factor 0: the value is right as it is.

CREATE TABLE device_correction (
	correction_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id      bigint NOT NULL REFERENCES device,
	point          text NOT NULL CHECK (length(point) BETWEEN 1 AND 120),
	kind           text NOT NULL CHECK (kind ~ '^[a-z]{1,20}$'),
	factor         double precision NOT NULL DEFAULT 0 CHECK (factor >= 0 AND factor <= 1000000),
	value          double precision,              -- what was seen
	text           text NOT NULL DEFAULT '',
	user_name      text NOT NULL,
	at             timestamptz NOT NULL DEFAULT now(),
	UNIQUE (device_id, point, kind)
);
CREATE TRIGGER device_correction_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON device_correction
	FOR EACH STATEMENT EXECUTE FUNCTION config_changed();

CREATE FUNCTION correction_put(device bigint, about jsonb, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE k text;
BEGIN
	SELECT key INTO k FROM device d WHERE d.device_id = device AND d.removed_at IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no device with this id' USING ERRCODE = 'BB404';
	END IF;
	IF (SELECT count(*) FROM device_correction c WHERE c.device_id = device) >= 200 THEN
		RAISE EXCEPTION 'the device has 200 corrections already; take some back' USING ERRCODE = 'BB409';
	END IF;
	INSERT INTO device_correction AS c (device_id, point, kind, factor, value, text, user_name)
		VALUES (device, about->>'point', about->>'kind', (about->>'factor')::float8, (about->>'value')::float8, about->>'text', actor)
		ON CONFLICT (device_id, point, kind) DO UPDATE SET factor = excluded.factor, value = excluded.value, text = excluded.text,
			user_name = excluded.user_name, at = now();
	PERFORM config_audit(actor, source, 'finding.judge', k, about);
END $$;

CREATE FUNCTION correction_remove(id bigint, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE c device_correction;
BEGIN
	DELETE FROM device_correction WHERE correction_id = id RETURNING * INTO c;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no correction with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'correction.remove', (SELECT key FROM device d WHERE d.device_id = c.device_id), to_jsonb(c));
END $$;

CREATE FUNCTION corrections() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.correction_id::text, 'device_id', c.device_id::text, 'key', d.key, 'point', c.point,
		'kind', c.kind, 'factor', c.factor, 'value', c.value, 'text', c.text, 'user', c.user_name, 'at', c.at) ORDER BY d.key, c.point, c.kind), '[]')
	FROM device_correction c JOIN device d USING (device_id) WHERE d.removed_at IS NULL
$$;

INSERT INTO schema_version (version) VALUES (7);
