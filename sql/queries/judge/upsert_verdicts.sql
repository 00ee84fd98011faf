-- upsert_verdicts: the verdicts of conversations of one workspace, over those of their earlier states.
-- One entry a verdict: $1 int8[] days since 1970, $2 uuid[] conversations, $3 uuid[] projects, $4 int8[] messages
-- judged, $5 uuid[] rules, $6 text[] verdicts, $7 text[] evidence (JSON), $8 text[] whys, $9 text[] judges
-- role: judge
insert into app.verdicts (workspace_id, day, conversation_id, rule_id, project_id, verdict, evidence, why, judge,
	message_count)
select (select app.ws()), '1970-01-01'::date + v.day::int4, v.conversation_id, v.rule_id, v.project_id, v.verdict,
	v.evidence, v.why, v.judge, v.message_count::int4
from unnest($1::int8[], $2::uuid[], $3::uuid[], $4::int8[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[])
	as v (day, conversation_id, project_id, message_count, rule_id, verdict, evidence, why, judge)
on conflict (workspace_id, day, conversation_id, rule_id) do update
set verdict = excluded.verdict, evidence = excluded.evidence, why = excluded.why, judge = excluded.judge,
	message_count = excluded.message_count, judged_at = now()
