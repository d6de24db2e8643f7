-- SPDX-License-Identifier: Apache-2.0
-- The event log, faster: words are looked for only between the months that have something of the rest of a filter.

-- Where the newest month ends in which there is anything of a query; null: there is nothing at all.
CREATE FUNCTION event_months_end(lo timestamptz, hi timestamptz, q tsquery) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
	first timestamptz;
BEGIN
	WHILE hi > lo LOOP
		first := greatest(lo, date_trunc('month', hi - interval '1 us', 'UTC'));
		IF events_number(format('at >= %L AND at < %L', first, hi), q, NULL, 1) > 0 THEN
			RETURN hi;
		END IF;
		hi := first;
	END LOOP;
	RETURN NULL;
END $$;

CREATE FUNCTION event_months_begin(lo timestamptz, hi timestamptz, q tsquery) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
	after timestamptz;
BEGIN
	WHILE lo < hi LOOP
		after := least(hi, date_trunc('month', lo, 'UTC') + interval '1 month');
		IF events_number(format('at >= %L AND at < %L', lo, after), q, NULL, 1) > 0 THEN
			RETURN lo;
		END IF;
		lo := after;
	END LOOP;
	RETURN hi;
END $$;

-- As in 0012, and with a filter of words and something else: first the months of the else.
CREATE OR REPLACE FUNCTION events_page(f jsonb, newest boolean, from_at timestamptz, from_jseq bigint, from_journal bytea, n int, budget_ms int)
RETURNS SETOF events LANGUAGE plpgsql STABLE AS $$
DECLARE
	ends_at CONSTANT timestamptz := clock_timestamp() + budget_ms * interval '1 ms';
	members bigint[] := event_members(f);
	q tsquery := event_query(f, members);
	plain tsquery := CASE WHEN f ? 'words' THEN event_query(f - 'words', members) END;
	cond text := event_condition(f, members);
	by_index boolean := q IS NOT NULL OR members IS NOT NULL;
	-- the index knows all about it: nothing is left to see in the rows. Words beside something else: month by month, within the budget
	is_exact boolean := q IS NOT NULL AND plain IS NULL AND coalesce(cardinality(members), 0) <= 50 AND NOT (f @> '{"test": false}')
		AND coalesce(event_words_query(f)::text, '') !~ '<->|!';
	ord text := CASE WHEN newest THEN 'at DESC, jseq DESC, journal_id DESC' ELSE 'at, jseq, journal_id' END;
	lo timestamptz := greatest((f->>'since')::timestamptz, (SELECT min(at) FROM events));
	hi timestamptz := least((f->>'until')::timestamptz, (SELECT max(at) FROM events) + interval '1 us');
	step_lo timestamptz := lo;
	step_hi timestamptz := hi;
	walk int := CASE WHEN cond IS NULL THEN n ELSE 5000 END;
	is_first boolean := true;
	is_narrow boolean := false;
	is_done boolean;
	within text;
	more int;
	got int;
	place record;
	last events;
BEGIN
	IF members = '{}' OR lo IS NULL OR hi <= lo THEN
		RETURN;
	END IF;
	IF from_at IS NULL THEN
		from_at := CASE WHEN newest THEN hi ELSE lo - interval '1 us' END;
		from_jseq := CASE WHEN newest THEN 0 ELSE 9223372036854775807 END;
		from_journal := '';
	END IF;
	LOOP
		more := NULL;
		is_done := false;
		IF by_index AND NOT is_first THEN
			IF plain IS NOT NULL AND NOT is_narrow THEN
				is_narrow := true;
				hi := event_months_end(lo, CASE WHEN newest THEN least(hi, from_at + interval '1 us') ELSE hi END, plain);
				EXIT WHEN hi IS NULL;
				lo := event_months_begin(CASE WHEN newest THEN lo ELSE greatest(lo, from_at) END, hi, plain);
				step_lo := lo;
				step_hi := hi;
				IF newest AND from_at > hi THEN
					from_at := hi;
					from_jseq := 0;
					from_journal := '';
				ELSIF NOT newest AND from_at < lo THEN
					from_at := lo - interval '1 us';
					from_jseq := 9223372036854775807;
					from_journal := '';
				END IF;
			END IF;
			IF is_exact THEN
				EXIT WHEN events_number(event_window(newest, lo, hi, from_at, from_jseq, from_journal), q, cond, 1) = 0;
				is_exact := false;      -- asked once
			END IF;
			IF newest THEN
				step_lo := greatest(lo, date_trunc('month', from_at - interval '1 us', 'UTC'));
			ELSE
				step_hi := least(hi, date_trunc('month', from_at + interval '1 us', 'UTC') + interval '1 month');
			END IF;
			more := events_number(event_window(newest, step_lo, step_hi, from_at, from_jseq, from_journal), q, cond, 2000);
		END IF;
		IF coalesce(more, 2000) >= 2000 THEN
			within := event_window(newest, step_lo, step_hi, from_at, from_jseq, from_journal);
			EXECUTE format('SELECT at, jseq, journal_id FROM events WHERE %s ORDER BY %s OFFSET %s LIMIT 1', within, ord, walk - 1) INTO place;
			RETURN QUERY EXECUTE format('SELECT * FROM (SELECT * FROM events WHERE %s ORDER BY %s LIMIT %s) e%s LIMIT %s', within, ord, walk,
				coalesce(' WHERE ' || cond, ''), n);
			GET DIAGNOSTICS got = ROW_COUNT;
			n := n - got;
			is_done := place.at IS NULL;
			EXIT WHEN n <= 0 OR is_done AND (is_first OR NOT by_index);
			IF NOT is_done THEN
				from_at := place.at;
				from_jseq := place.jseq;
				from_journal := place.journal_id;
			END IF;
		END IF;
		IF more > 0 AND NOT is_done THEN
			RETURN QUERY SELECT * FROM events_matching(event_window(newest, step_lo, step_hi, from_at, from_jseq, from_journal), q, cond, ord, n);
			GET DIAGNOSTICS got = ROW_COUNT;
			n := n - got;
			EXIT WHEN n <= 0;
		END IF;
		IF more IS NOT NULL THEN
			EXIT WHEN CASE WHEN newest THEN step_lo = lo ELSE step_hi = hi END;
			from_at := CASE WHEN newest THEN step_lo ELSE step_hi - interval '1 us' END;
			from_jseq := CASE WHEN newest THEN 0 ELSE 9223372036854775807 END;
			from_journal := '';
		END IF;
		is_first := false;
		IF clock_timestamp() > ends_at THEN
			last.at := from_at;
			last.jseq := from_jseq;
			last.journal_id := from_journal;
			RETURN NEXT last;
			EXIT;
		END IF;
	END LOOP;
END $$;

-- When a device answered, from a row of sample_time (of whichever form) or of sample_part.
CREATE FUNCTION sample_day_times(d date, dt int4[], t bytea) RETURNS SETOF timestamptz LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 8640 AS $$
BEGIN
	IF t IS NULL THEN
		RETURN QUERY SELECT u.at FROM sample_day_unnest(d, dt, 0::int2, array_fill(0::int2, ARRAY[cardinality(dt)]), NULL) u;
	ELSE
		RETURN QUERY SELECT u.at FROM sample_unpack(d, t, 0::int2, decode(repeat('00', 5 + (packed_number(t, 0) + 63) / 64), 'hex')) u;
	END IF;
END $$;

INSERT INTO schema_version (version) VALUES (19);
