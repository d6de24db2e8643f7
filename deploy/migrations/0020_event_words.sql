-- SPDX-License-Identifier: Apache-2.0
-- The event log: whether a text has a word or phrase is asked of its letters first. Taking a text apart costs many times as much, and most
-- rows that a page or a histogram looks at do not have it.

-- What must stand in the text: the words in their order with nothing between them that belongs to one. Lexemes of this parser are the
-- text itself in small letters; the signs it would see as parts of words are space already (event_said).
CREATE FUNCTION event_pattern(item jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(regexp_replace(lexeme, '([^[:alnum:]])', '\\\1', 'g'), '\W+' ORDER BY n)
	FROM (SELECT lexeme, n FROM to_tsvector('simple'::regconfig, event_said(item->>'t', '', '')) v, unnest(v) u (lexeme, positions, weights), unnest(positions) n) w
$$;

-- As in 0012, and the above.
CREATE OR REPLACE FUNCTION event_condition(f jsonb, members bigint[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	c text := '';
	col record;
BEGIN
	FOR col IN SELECT * FROM (VALUES ('kind', 'kind'), ('rule', 'rule'), ('user', 'user_name'), ('source', 'source'), ('alarm', 'alarm_id')) v (name, col) LOOP
		IF f ? col.name THEN
			c := c || format(' AND %I = ANY(%L::text[])', col.col, event_texts(f->col.name));
		END IF;
	END LOOP;
	IF f ? 'severity' THEN
		c := c || format(' AND severity = ANY(%L::smallint[])', event_texts(f->'severity'));
	END IF;
	IF f ? 'state' THEN
		c := c || format(' AND to_state = ANY(%L::smallint[])', event_texts(f->'state'));
	END IF;
	IF f ? 'device' THEN
		c := c || format(' AND (device = ANY(%L::text[]) OR device_id = ANY(%L::bigint[]))', event_texts(f->'device'), event_devices(f));
	END IF;
	IF f ? 'site' THEN
		c := c || (SELECT ' AND (' || string_agg(format('starts_with(device, %L)', s || '/'), ' OR ') || ')' FROM jsonb_array_elements_text(f->'site') s);
	END IF;
	IF members IS NOT NULL THEN
		c := c || format(' AND device_id = ANY(%L::bigint[])', members);
	END IF;
	IF f ? 'test' THEN
		c := c || CASE WHEN (f->>'test')::boolean THEN ' AND test' ELSE ' AND NOT test' END;
	END IF;
	IF f ? 'words' THEN
		c := c || coalesce((SELECT string_agg(format(' AND lower(event_said(text, comment, subject)) ~ %L', event_pattern(w)), '')
			FROM jsonb_array_elements(f->'words') w WHERE NOT (w->>'not')::boolean), '');
		c := c || format(' AND to_tsvector(''simple''::regconfig, event_said(text, comment, subject)) @@ %L::tsquery', event_words_query(f));
	END IF;
	RETURN nullif(substr(c, 6), '');
END $$;

INSERT INTO schema_version (version) VALUES (20);
