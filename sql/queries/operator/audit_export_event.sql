-- audit_export_event: that the log was exported; in the transaction before the first line is told.
-- $1 uuid event id, $2 int8 event, $3 text object kind, $4 text object id, $5 text detail
-- columns: added text
-- role: operator
select audit.add_event('00000000-0000-0000-0000-000000000000', $1, $2::int8::int4, 1, 'operator', '', ''::bytea, '',
	$3, $4, $5)::text as added
