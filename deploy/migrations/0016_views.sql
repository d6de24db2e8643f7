-- SPDX-License-Identifier: Apache-2.0
-- Views: filters of a list under a name, one's own or for everybody; and the one a list begins with, for each user.

CREATE TABLE saved_view (
	view_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_name  text NOT NULL,
	screen     text NOT NULL CHECK (screen IN ('alarms', 'log')),
	name       text NOT NULL,
	query      text NOT NULL,          -- what stands behind the "?" of the address
	shared     boolean NOT NULL DEFAULT false,
	changed_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (user_name, screen, name)
);
CREATE TABLE saved_view_default (
	user_name text NOT NULL,
	screen    text NOT NULL,
	view_id   bigint NOT NULL REFERENCES saved_view ON DELETE CASCADE,
	PRIMARY KEY (user_name, screen)
);
CREATE INDEX saved_view_default_view ON saved_view_default (view_id);

-- One's own first, then what others share.
CREATE FUNCTION view_list(actor text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_agg(jsonb_build_object('id', v.view_id::text, 'screen', v.screen, 'name', v.name, 'query', v.query, 'shared', v.shared,
		'owner', v.user_name, 'mine', v.user_name = actor, 'default', d.view_id IS NOT NULL) ORDER BY v.user_name <> actor, v.name, v.view_id)
	FROM saved_view v LEFT JOIN saved_view_default d ON d.view_id = v.view_id AND d.user_name = actor
	WHERE v.user_name = actor OR v.shared
$$;

-- Whoever means to replace his view of that name says so.
CREATE FUNCTION view_save(new_screen text, new_name text, new_query text, is_shared boolean, may_replace boolean, actor text, source text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('saved_view ' || actor));
	IF (SELECT count(*) FROM saved_view WHERE user_name = actor AND (screen, name) <> (new_screen, new_name)) >= 100 THEN
		RAISE EXCEPTION 'a user has at most 100 views; remove one first' USING ERRCODE = 'BB409';
	END IF;
	INSERT INTO saved_view (user_name, screen, name, query, shared) VALUES (actor, new_screen, new_name, new_query, is_shared)
		ON CONFLICT (user_name, screen, name) DO UPDATE SET query = EXCLUDED.query, shared = EXCLUDED.shared, changed_at = now() WHERE may_replace
		RETURNING view_id INTO n;
	IF n IS NULL THEN
		RAISE EXCEPTION 'you have a view "%" already', new_name USING ERRCODE = 'BB409';
	END IF;
	-- what is not shared any more begins nobody else's list
	DELETE FROM saved_view_default WHERE view_id = n AND user_name <> actor AND NOT is_shared;
	PERFORM config_audit(actor, source, 'view.save', new_name, jsonb_build_object('screen', new_screen, 'query', new_query, 'shared', is_shared));
	RETURN n;
END $$;

-- A shared view of somebody else: only who may everything.
CREATE FUNCTION view_remove(id bigint, may_all boolean, actor text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE gone saved_view;
BEGIN
	DELETE FROM saved_view WHERE view_id = id AND (user_name = actor OR shared AND may_all) RETURNING * INTO gone;
	IF gone.view_id IS NULL THEN
		RAISE EXCEPTION 'there is no view of yours with this id' USING ERRCODE = 'BB404';
	END IF;
	PERFORM config_audit(actor, source, 'view.remove', gone.name, jsonb_build_object('screen', gone.screen, 'owner', gone.user_name));
END $$;

-- Without an id the list begins with everything again.
CREATE FUNCTION view_default(of_screen text, id bigint, actor text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM saved_view_default WHERE user_name = actor AND screen = of_screen;
	IF id IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO saved_view_default (user_name, screen, view_id)
		SELECT actor, of_screen, view_id FROM saved_view WHERE view_id = id AND screen = of_screen AND (user_name = actor OR shared);
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no such view of this list' USING ERRCODE = 'BB404';
	END IF;
END $$;

INSERT INTO schema_version (version) VALUES (16);
