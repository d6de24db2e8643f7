-- SPDX-License-Identifier: Apache-2.0
-- Rules of the configuration. webd has read and checked them (common/ruledef) before they come here; here is what only the database
-- knows: what they name, and who changed what.

CREATE TABLE rule (
	entry_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	rule_id     text NOT NULL CHECK (rule_id ~ '^[a-z0-9_]{1,40}$'),
	scope       text NOT NULL CHECK (scope IN ('', 'profile', 'site', 'group', 'device')),
	scope_key   text NOT NULL DEFAULT '',             -- profile, site, device group
	device_id   bigint REFERENCES device,             -- by id, so that a rule follows a device that is renamed
	doc         jsonb NOT NULL,                       -- without id and scope
	user_name   text NOT NULL,
	changed_at  timestamptz NOT NULL DEFAULT now(),
	removed_at  timestamptz,                          -- kept a while: alarmd says who ended its alarms
	CHECK ((scope = 'device') = (device_id IS NOT NULL))
);
CREATE UNIQUE INDEX rule_once ON rule (rule_id, scope, scope_key, coalesce(device_id, 0)) WHERE removed_at IS NULL;
CREATE INDEX rule_device ON rule (device_id);
CREATE TRIGGER rule_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule
	FOR EACH STATEMENT EXECUTE FUNCTION config_changed();

-- Entries as documents, those of removed devices left out.
CREATE FUNCTION rule_docs() RETURNS TABLE (entry bigint, doc jsonb, user_name text, changed_at timestamptz, removed boolean)
LANGUAGE sql STABLE AS $$
	SELECT r.entry_id, r.doc || jsonb_build_object('id', r.rule_id, 'scope',
			CASE r.scope WHEN '' THEN '{}'::jsonb ELSE jsonb_build_object(r.scope, coalesce(d.key, r.scope_key)) END),
		r.user_name, r.changed_at, r.removed_at IS NOT NULL
	FROM rule r LEFT JOIN device d USING (device_id)
	WHERE (r.device_id IS NULL OR d.removed_at IS NULL) AND (r.removed_at IS NULL OR r.removed_at > now() - interval '1 day')
	ORDER BY r.rule_id, array_position(ARRAY['', 'profile', 'site', 'group', 'device'], r.scope), coalesce(d.key, r.scope_key), r.entry_id
$$;

-- What a rule names must be there: otherwise it can never fire.
CREATE FUNCTION rule_check(doc jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	site text := doc->'scope'->>'site';
	grp text;
BEGIN
	IF site IS NOT NULL AND NOT EXISTS (SELECT FROM site s WHERE s.key = site AND s.site_id <> 0) THEN
		RAISE EXCEPTION 'rule "%" can never fire: there is no site "%"', doc->>'id', site USING ERRCODE = 'BB400';
	END IF;
	IF doc->'scope' ? 'device' AND NOT EXISTS (SELECT FROM device d WHERE d.key = doc->'scope'->>'device' AND d.removed_at IS NULL) THEN
		RAISE EXCEPTION 'rule "%" can never fire: there is no device "%"', doc->>'id', doc->'scope'->>'device' USING ERRCODE = 'BB400';
	END IF;
	FOREACH grp IN ARRAY array_remove(ARRAY[doc->'scope'->>'group', nullif(doc->>'group', '.')], NULL) LOOP
		IF NOT EXISTS (SELECT FROM device_group g WHERE g.key = grp) THEN
			RAISE EXCEPTION 'rule "%" can never fire: there is no device group "%"', doc->>'id', grp USING ERRCODE = 'BB400';
		END IF;
	END LOOP;
END $$;

-- `ref` NULL: a new entry, otherwise the one to change. Returns its number.
CREATE FUNCTION rule_put(ref text, new_doc jsonb, actor text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	kind text := coalesce((SELECT k FROM jsonb_object_keys(new_doc->'scope') k), '');
	dev bigint := (SELECT device_id FROM device d WHERE d.key = new_doc->'scope'->>'device' AND d.removed_at IS NULL);
	named text := CASE kind WHEN '' THEN '' WHEN 'device' THEN '' ELSE new_doc->'scope'->>kind END;
	id bigint;
BEGIN
	PERFORM rule_check(new_doc);
	IF ref IS NULL THEN
		IF (SELECT count(*) FROM rule WHERE removed_at IS NULL) >= 5000 THEN
			RAISE EXCEPTION 'there are 5000 rules already' USING ERRCODE = 'BB409';
		END IF;
		INSERT INTO rule (rule_id, scope, scope_key, device_id, doc, user_name) VALUES (new_doc->>'id', kind, named, dev, new_doc - 'id' - 'scope', actor)
			ON CONFLICT (rule_id, scope, scope_key, coalesce(device_id, 0)) WHERE removed_at IS NULL DO NOTHING RETURNING entry_id INTO id;
		IF id IS NULL THEN
			RAISE EXCEPTION 'rule "%" stands in this scope already', new_doc->>'id' USING ERRCODE = 'BB409';
		END IF;
	ELSE
		IF EXISTS (SELECT FROM rule r WHERE r.rule_id = new_doc->>'id' AND r.scope = kind AND r.scope_key = named
				AND r.device_id IS NOT DISTINCT FROM dev AND r.entry_id::text <> ref AND r.removed_at IS NULL) THEN
			RAISE EXCEPTION 'rule "%" stands in this scope already', new_doc->>'id' USING ERRCODE = 'BB409';
		END IF;
		UPDATE rule r SET rule_id = new_doc->>'id', scope = kind, scope_key = named, device_id = dev, doc = new_doc - 'id' - 'scope',
			user_name = actor, changed_at = now() WHERE r.entry_id::text = ref AND r.removed_at IS NULL RETURNING r.entry_id INTO id;
		IF id IS NULL THEN
			RAISE EXCEPTION 'there is no entry of the rules with this id' USING ERRCODE = 'BB404';
		END IF;
	END IF;
	PERFORM config_audit(actor, source, CASE WHEN ref IS NULL THEN 'rule.add' ELSE 'rule.set' END, new_doc->>'id', new_doc || jsonb_build_object('entry', id));
	RETURN id::text;
END $$;

CREATE FUNCTION rule_remove(ref text, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE gone rule;
BEGIN
	UPDATE rule SET removed_at = now(), user_name = actor WHERE entry_id::text = ref AND removed_at IS NULL RETURNING * INTO gone;
	IF gone.entry_id IS NULL THEN
		RAISE EXCEPTION 'there is no entry of the rules with this id' USING ERRCODE = 'BB404';
	END IF;
	DELETE FROM rule WHERE removed_at < now() - interval '1 day';
	PERFORM config_audit(actor, source, 'rule.remove', gone.rule_id, jsonb_build_object('entry', gone.entry_id, 'scope', gone.scope, 'of', gone.scope_key));
END $$;

-- Afterwards exactly these entries are there. `try`: say what would happen, change nothing.
CREATE FUNCTION rules_import(docs jsonb, try boolean, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	x jsonb;
	old record;
	added int := 0;
	changed int := 0;
	same int := 0;
	removed int := 0;
BEGIN
	LOCK TABLE rule IN SHARE ROW EXCLUSIVE MODE;
	BEGIN
		FOR old IN SELECT d.entry, d.doc FROM rule_docs() d WHERE NOT d.removed AND NOT EXISTS (SELECT FROM jsonb_array_elements(docs) n
				WHERE n->'id' = d.doc->'id' AND coalesce(n->'scope', '{}') = d.doc->'scope') LOOP
			PERFORM rule_remove(old.entry::text, actor, source);
			removed := removed + 1;
		END LOOP;
		FOR x IN SELECT * FROM jsonb_array_elements(docs) LOOP
			SELECT d.entry, d.doc INTO old FROM rule_docs() d WHERE NOT d.removed AND d.doc->'id' = x->'id'
				AND d.doc->'scope' = coalesce(x->'scope', '{}');
			IF old.entry IS NULL THEN
				PERFORM rule_put(NULL, x, actor, source);
				added := added + 1;
			ELSIF old.doc = x THEN
				same := same + 1;
			ELSE
				PERFORM rule_put(old.entry::text, x, actor, source);
				changed := changed + 1;
			END IF;
		END LOOP;
		IF try THEN
			RAISE EXCEPTION 'only tried' USING ERRCODE = 'BB000';
		END IF;
	EXCEPTION WHEN SQLSTATE 'BB000' THEN NULL;
	END;
	RETURN jsonb_build_object('dry_run', try, 'added', added, 'changed', changed, 'same', same, 'removed', removed);
END $$;

-- A device group that a rule names stays: the rule would silently never fire again.
CREATE FUNCTION device_group_has_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE used text := (SELECT rule_id FROM rule WHERE removed_at IS NULL
	AND ((scope = 'group' AND scope_key = OLD.key) OR doc->>'group' = OLD.key) LIMIT 1);
BEGIN
	IF used IS NOT NULL THEN
		RAISE EXCEPTION 'device group "%" is named by rule "%"; change the rule first', OLD.key, used USING ERRCODE = 'BB409';
	END IF;
	RETURN OLD;
END $$;
CREATE TRIGGER device_group_has_rules BEFORE DELETE ON device_group FOR EACH ROW EXECUTE FUNCTION device_group_has_rules();

ALTER FUNCTION config_backup() RENAME TO config_backup_without_rules;
CREATE FUNCTION config_backup() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT config_backup_without_rules() || jsonb_build_object(
		'rules', coalesce((SELECT jsonb_agg(doc) FROM rule_docs() WHERE NOT removed), '[]'))
$$;

-- Rules go first and come last: they name devices, sites and groups.
ALTER FUNCTION config_restore(jsonb, text, text) RENAME TO config_restore_without_rules;
CREATE FUNCTION config_restore(doc jsonb, actor text, source text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE done jsonb;
BEGIN
	IF doc ? 'rules' THEN
		PERFORM rules_import('[]', false, actor, source);
	END IF;
	done := config_restore_without_rules(doc, actor, source);
	IF doc ? 'rules' THEN
		PERFORM rules_import(doc->'rules', false, actor, source);
		done := done || jsonb_build_object('rules', jsonb_array_length(doc->'rules'));
	END IF;
	RETURN done;
END $$;

INSERT INTO schema_version (version) VALUES (13);
