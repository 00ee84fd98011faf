-- upsert_verdicts: the verdicts of one conversation, over those of its earlier state.
-- $1 int8 day since 1970, $2 uuid conversation, $3 uuid project, $4 int8 messages judged, $5 uuid[] rules,
-- $6 text[] verdicts, $7 text[] evidence (JSON), $8 text[] whys, $9 text[] judges
-- role: judge
insert into app.verdicts (workspace_id, day, conversation_id, rule_id, project_id, verdict, evidence, why, judge,
	message_count)
select (select app.ws()), '1970-01-01'::date + $1::int8::int4, $2, v.rule_id, $3, v.verdict, v.evidence, v.why,
	v.judge, $4::int8::int4
from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[]) as v (rule_id, verdict, evidence, why, judge)
on conflict (workspace_id, day, conversation_id, rule_id) do update
set verdict = excluded.verdict, evidence = excluded.evidence, why = excluded.why, judge = excluded.judge,
	message_count = excluded.message_count, judged_at = now()
