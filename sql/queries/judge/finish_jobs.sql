-- finish_jobs: judged; a conversation that went on meanwhile stays due.
-- $1 uuid[] workspaces, $2 int8[] days since 1970, $3 uuid[] conversations, $4 int8[] generations
-- columns: finished int8
-- role: judge
select app.finish_jobs($1::uuid[], (select array_agg('1970-01-01'::date + d::int4 order by n)
	from unnest($2::int8[]) with ordinality as days (d, n)), $3::uuid[], $4::int8[]) as finished
