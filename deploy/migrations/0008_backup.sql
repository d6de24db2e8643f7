-- SPDX-License-Identifier: Apache-2.0
-- Backups hold corrections, credentials and trap windows, too. An archive from before lacks them: then what is there stays.

ALTER FUNCTION config_backup() RENAME TO config_backup_base;
CREATE FUNCTION config_backup() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT config_backup_base() || jsonb_build_object(
		'corrections', coalesce((SELECT jsonb_agg(to_jsonb(c) - 'correction_id' - 'device_id' || jsonb_build_object('key', d.key)
			ORDER BY d.key, c.point, c.kind) FROM device_correction c JOIN device d USING (device_id) WHERE d.removed_at IS NULL), '[]'),
		'credentials', coalesce((SELECT jsonb_agg(to_jsonb(c) - 'credential_id' ORDER BY c.name) FROM credential c), '[]'),
		'trap_windows', coalesce((SELECT jsonb_agg(to_jsonb(w) - 'window_id' - 'device_id' || jsonb_build_object('key', d.key)
			ORDER BY d.key, w.window_id) FROM trap_window w JOIN device d USING (device_id) WHERE d.removed_at IS NULL), '[]'))
$$;

ALTER FUNCTION config_restore(jsonb, text, text) RENAME TO config_restore_base;
CREATE FUNCTION config_restore(doc jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE done jsonb := config_restore_base(doc, actor, source);
BEGIN
	IF doc ? 'corrections' THEN
		DELETE FROM device_correction;
		INSERT INTO device_correction (device_id, point, kind, factor, value, text, user_name, at)
			SELECT d.device_id, c.point, c.kind, c.factor, c.value, c.text, c.user_name, c.at
			FROM jsonb_array_elements(doc->'corrections') x JOIN device d ON d.key = x->>'key' AND d.removed_at IS NULL,
				jsonb_populate_record(NULL::device_correction, x) c;
		done := done || jsonb_build_object('corrections', jsonb_array_length(doc->'corrections'));
	END IF;
	IF doc ? 'credentials' THEN
		DELETE FROM credential;
		INSERT INTO credential (name, version, port, community_sealed, community_tag, v3_user, v3_auth, v3_priv, v3_context, v3_level,
				v3_sealed, v3_trap_sealed, v3_tag, created_at)
			SELECT c.name, c.version, c.port, c.community_sealed, c.community_tag, c.v3_user, c.v3_auth, c.v3_priv, c.v3_context,
				c.v3_level, c.v3_sealed, c.v3_trap_sealed, c.v3_tag, c.created_at
			FROM jsonb_populate_recordset(NULL::credential, doc->'credentials') c;
		done := done || jsonb_build_object('credentials', jsonb_array_length(doc->'credentials'));
	END IF;
	IF doc ? 'trap_windows' THEN
		DELETE FROM trap_window;
		INSERT INTO trap_window (device_id, name, days, at_minute, minutes, tz)
			SELECT d.device_id, w.name, w.days, w.at_minute, w.minutes, w.tz
			FROM jsonb_array_elements(doc->'trap_windows') x JOIN device d ON d.key = x->>'key' AND d.removed_at IS NULL,
				jsonb_populate_record(NULL::trap_window, x) w;
		done := done || jsonb_build_object('trap_windows', jsonb_array_length(doc->'trap_windows'));
	END IF;
	RETURN done;
END $$;

INSERT INTO schema_version (version) VALUES (8);
