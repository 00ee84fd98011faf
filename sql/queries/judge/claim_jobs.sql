-- claim_jobs: conversations that are due, ids only.
-- $1 int8 how many, $2 int8 lease, ms
-- columns: workspace_id uuid, day date, conversation_id uuid, generation int8, attempts int4
-- role: judge
select workspace_id, day, conversation_id, generation, attempts
from app.claim_jobs($1::int8::int4, $2::int8::int4)
