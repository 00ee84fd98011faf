-- 0001: schemas, the authenticated context, tenants, projects, conversations, rules, verdicts.
--
-- Runs as rendfly_owner.  Every tenant table: key begins with workspace_id, FORCE ROW LEVEL
-- SECURITY, one policy on (select app.ws()).  Class, purpose, basis and retention of each column
-- stand in its comment as `class=…; purpose=…; basis=…; retention=…`
-- (classes: none, pseudonym, personal, sensitive, secret, sealed, redacted).

create schema app;
create schema identity;
create schema private;

revoke all on schema app, identity, private from public;

-- ---------------------------------------------------------------- the authenticated context

create table private.context_key (
	id smallint primary key check (id = 1),
	key bytea not null check (length(key) = 32)
);

-- The workspace of this transaction: the context is
-- "workspace|role|backend pid|expiry (Unix seconds)|hex HMAC-SHA-256 of all before the last |",
-- minted by keyd.  Raises for anything else, so a missing context is an error, never an empty result.
create function app.ws() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
	context text := current_setting('app.context', true);
	parts text[];
	mac bytea;
begin
	if context is null or context = '' then
		raise exception 'no workspace context' using errcode = '42501';
	end if;
	parts := string_to_array(context, '|');
	if array_length(parts, 1) is distinct from 5 then
		raise exception 'malformed workspace context' using errcode = '42501';
	end if;
	select private.hmac_sha256(convert_to(array_to_string(parts[1:4], '|'), 'UTF8'), k.key)
		into mac from private.context_key k where k.id = 1;
	if mac is null or encode(mac, 'hex') is distinct from parts[5]
		or parts[2] is distinct from session_user::text
		or parts[3] is distinct from pg_backend_pid()::text
		or parts[4]::bigint < extract(epoch from clock_timestamp()) then
		raise exception 'workspace context refused' using errcode = '42501';
	end if;
	return parts[1]::uuid;
end
$$;

-- pgcrypto's hmac under a fixed name, wherever the extension lives.
create function private.hmac_sha256(message bytea, key bytea) returns bytea
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$ select extensions.hmac(message, key, 'sha256') $$;

revoke all on function app.ws() from public;
revoke all on function private.hmac_sha256(bytea, bytea) from public;

-- ---------------------------------------------------------------- people (global, functions only)

create table identity.users (
	user_id uuid primary key,
	email text not null check (length(email) between 3 and 320),
	password_hash text not null,
	created_at timestamptz not null default now(),
	disabled_at timestamptz
);
create unique index users_email on identity.users (lower(email));

create table identity.memberships (
	user_id uuid not null references identity.users,
	workspace_id uuid not null,
	role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
	created_at timestamptz not null default now(),
	primary key (user_id, workspace_id)
);

-- ---------------------------------------------------------------- tenants

create table app.workspaces (
	workspace_id uuid primary key,
	name text not null check (length(name) between 1 and 200),
	rate_per_minute integer not null check (rate_per_minute > 0),
	rate_burst integer not null check (rate_burst > 0),
	created_at timestamptz not null default now()
);

create table app.projects (
	workspace_id uuid not null references app.workspaces,
	project_id uuid not null,
	name text not null check (length(name) between 1 and 200),
	created_at timestamptz not null default now(),
	primary key (workspace_id, project_id)
);

create table app.ingest_keys (
	workspace_id uuid not null,
	key_id uuid not null,
	project_id uuid not null,
	key_hash bytea not null check (length(key_hash) = 32),
	last_four text not null check (length(last_four) = 4),
	name text not null default '',
	created_at timestamptz not null default now(),
	revoked_at timestamptz,
	primary key (workspace_id, key_id),
	unique (workspace_id, key_hash),
	foreign key (workspace_id, project_id) references app.projects
);

create table app.system_messages (
	workspace_id uuid not null,
	system_message_id uuid not null,
	project_id uuid not null,
	version integer not null check (version > 0),
	digest bytea not null check (length(digest) = 32),
	sealed bytea not null,
	created_at timestamptz not null default now(),
	primary key (workspace_id, system_message_id),
	unique (workspace_id, project_id, version),
	unique (workspace_id, project_id, digest),
	foreign key (workspace_id, project_id) references app.projects
);

create table app.rules (
	workspace_id uuid not null,
	rule_id uuid not null,
	project_id uuid not null,
	system_message_id uuid not null,
	position integer not null check (position >= 0),
	category text not null check (category in ('refusal', 'tone', 'routing', 'factual', 'other')),
	has_check boolean not null,
	sealed bytea not null,
	is_enabled boolean not null default true,
	created_at timestamptz not null default now(),
	primary key (workspace_id, rule_id),
	unique (workspace_id, system_message_id, position),
	foreign key (workspace_id, project_id) references app.projects,
	foreign key (workspace_id, system_message_id) references app.system_messages
);

-- ---------------------------------------------------------------- conversations, by day

create table app.conversations (
	workspace_id uuid not null,
	day date not null,
	conversation_id uuid not null,
	project_id uuid not null,
	system_message_id uuid,
	header_digest bytea check (length(header_digest) = 32),
	tip_digest bytea not null check (length(tip_digest) = 32),
	message_count integer not null default 0,
	exchange_count integer not null default 0,
	provider text not null,
	model text not null default '',
	started_at timestamptz not null,
	updated_at timestamptz not null,
	primary key (workspace_id, day, conversation_id),
	foreign key (workspace_id, project_id) references app.projects,
	foreign key (workspace_id, system_message_id) references app.system_messages
) partition by range (day);
create index conversations_tip on app.conversations (workspace_id, project_id, tip_digest);
create index conversations_header on app.conversations (workspace_id, project_id, header_digest)
	where header_digest is not null;
create index conversations_recent on app.conversations (workspace_id, project_id, updated_at desc);

create table app.exchanges (
	workspace_id uuid not null,
	day date not null,
	conversation_id uuid not null,
	exchange_id uuid not null,
	position integer not null check (position >= 0),
	provider text not null,
	model text not null,
	response_model text not null default '',
	status integer not null,
	is_stream boolean not null,
	end_reason text not null,
	finish_reason text not null default '',
	error_type text not null default '',
	fingerprint text not null default '',
	prompt_tokens bigint,
	completion_tokens bigint,
	latency_us bigint not null,
	first_byte_us bigint not null,
	started_at timestamptz not null,
	primary key (workspace_id, day, conversation_id, exchange_id),
	foreign key (workspace_id, day, conversation_id) references app.conversations on delete cascade
) partition by range (day);
create index exchanges_by_id on app.exchanges (workspace_id, exchange_id);

create table app.messages (
	workspace_id uuid not null,
	day date not null,
	conversation_id uuid not null,
	position integer not null check (position >= 0),
	exchange_id uuid not null,
	role text not null check (role in ('user', 'assistant', 'tool')),
	content text not null,
	tool_calls text not null default '',
	tool_call_id text not null default '',
	name text not null default '',
	created_at timestamptz not null,
	primary key (workspace_id, day, conversation_id, position),
	foreign key (workspace_id, day, conversation_id) references app.conversations on delete cascade
) partition by range (day);

create table app.jobs (
	workspace_id uuid not null,
	day date not null,
	conversation_id uuid not null,
	kind text not null check (kind in ('judge')),
	not_before timestamptz not null,
	attempts integer not null default 0,
	claimed_until timestamptz,
	generation bigint not null default 1,
	primary key (workspace_id, day, conversation_id, kind)
);
create index jobs_due on app.jobs (not_before);

create table app.verdicts (
	workspace_id uuid not null,
	day date not null,
	conversation_id uuid not null,
	rule_id uuid not null,
	project_id uuid not null,
	verdict text not null check (verdict in ('pass', 'fail', 'not_applicable', 'indeterminate')),
	evidence text not null default '[]',
	why text not null default '',
	judge text not null,
	message_count integer not null,
	judged_at timestamptz not null default now(),
	primary key (workspace_id, day, conversation_id, rule_id),
	foreign key (workspace_id, rule_id) references app.rules,
	foreign key (workspace_id, day, conversation_id) references app.conversations on delete cascade
) partition by range (day);
create index verdicts_by_rule on app.verdicts (workspace_id, project_id, rule_id, judged_at);
