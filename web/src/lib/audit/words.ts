// SPDX-License-Identifier: Apache-2.0
// The audit log's events and outcomes in people's words.
import type { AuditEvent, AuditOutcome } from '#lib/api/types';

export const EVENT_WORDS: Readonly<Record<string, string>> = {
	authn_login_success: 'Logged in',
	authn_login_fail: 'Log-in with a wrong password or address',
	authn_login_lock: 'Log-in refused after too many failures',
	authn_token_reuse: 'Session used after it was ended',
	authz_fail: 'Not allowed for this role',
	crypt_decrypt_fail: 'A sealed record was not opened',
	input_validation_fail: 'A stored record is not of its form',
	malicious_csrf: 'Change without the session’s token',
	malicious_cors: 'Request from another site',
	sensitive_read: 'Read',
	sensitive_create: 'Stored',
	sensitive_export: 'Sent out',
	privilege_redaction_changed: 'Redaction changed',
	session_ended: 'Logged out',
	ingest_key_created: 'Ingest key made',
	ingest_key_revoked: 'Ingest key revoked',
	capture_refused: 'Capture not stored',
	sys_audit_read: 'Audit log read',
	sys_audit_exported: 'Audit log exported',
	workspace_created: 'Workspace made',
	project_created: 'Project made',
	user_created: 'Person added',
	crypt_key_created: 'Encryption key made',
	crypt_key_rotated: 'Encryption key rotated',
	crypt_key_rewrapped: 'Records sealed under the newest key',
	crypt_key_retired: 'Encryption key retired',
	crypt_key_destroyed: 'Encryption key destroyed'
};

export const OUTCOME_WORDS: Readonly<Record<AuditOutcome, string>> = {
	success: 'Done',
	denied: 'Refused',
	failed: 'Failed'
};

export const OUTCOMES = ['success', 'denied', 'failed'] as const satisfies readonly AuditOutcome[];

export function isOutcome(text: string | null): text is AuditOutcome {
	return OUTCOMES.some((o) => o === text);
}

const spaced = (name: string) => name.replaceAll('_', ' ');

/** "Read conversations": what was done and to which kind of thing. */
export function eventWords(event: Pick<AuditEvent, 'event' | 'object_kind'>): string {
	const words = EVENT_WORDS[event.event] ?? spaced(event.event);
	const takesObject = ['Read', 'Stored', 'Sent out'].includes(words);
	return takesObject && event.object_kind !== '' ? `${words}: ${spaced(event.object_kind)}` : words;
}

/** Who did it: a person's address, a process's name, or nobody that is known. */
export function actorWords(event: Pick<AuditEvent, 'actor' | 'actor_kind' | 'actor_email'>): string {
	if (event.actor_email !== null) return event.actor_email;
	if (event.actor_kind === 'user') return 'a former member';
	if (event.actor_kind === 'process') return event.actor;
	return event.actor_kind === 'operator' ? 'the operator' : 'nobody known';
}
