-- find_redaction_policy: the policy in force; no row: the default one.  In a context.
-- version int4, policy_id uuid, sealed bytea, changed_at timestamptz, email text or null
-- role: api
select p.version, p.policy_id, p.sealed, p.changed_at, m.email
from app.redaction_policies p
left join lateral identity.find_member(p.changed_by, p.workspace_id) m on true
where p.workspace_id = (select app.ws())
order by p.version desc
limit 1
