-- list_redaction_policies: who changed redaction when and why, newest first.  In a context.
-- version int4, policy_id uuid, sealed_reason bytea, types_off text, changed_at timestamptz,
-- email text or null
-- role: api
select p.version, p.policy_id, p.sealed_reason, p.types_off, p.changed_at, m.email
from app.redaction_policies p
left join lateral identity.find_member(p.changed_by, p.workspace_id) m on true
where p.workspace_id = (select app.ws())
order by p.version desc
limit 25
