-- add_event: an event of the audit log, in the transaction of its act.
-- $1 uuid workspace or zero, $2 uuid event id, $3 int8 event, $4 int8 outcome, $5 text actor kind, $6 text actor,
-- $7 bytea sealed source, $8 text request id, $9 text object kind, $10 text object id, $11 text detail
-- columns: added text
-- role: api, collector, judge, steward, setup, operator
select audit.add_event($1, $2, $3::int8::int4, $4::int8::int4, $5, $6, $7, $8, $9, $10, $11)::text as added
