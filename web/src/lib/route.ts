// SPDX-License-Identifier: Apache-2.0
// Every address of the pages, and the guard that keeps a redirect on this site.
import type { AuditOutcome, VerdictKind } from '#lib/api/types';

export interface ConversationFilter {
	project?: string | undefined;
	verdict?: VerdictKind | undefined;
	rule?: string | undefined;
	before?: string | undefined;
}

export interface AuditFilter {
	event?: string | undefined;
	outcome?: AuditOutcome | undefined;
	actor?: string | undefined;
	object?: string | undefined;
	before?: string | undefined;
}

function withQuery(path: string, query: object): string {
	const entries = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
	return entries.length === 0 ? path : `${path}?${new URLSearchParams(entries)}`;
}

export const route = {
	overview: (project?: string) => withQuery('/', { project }),
	conversations: (filter: ConversationFilter = {}) => withQuery('/conversations', filter),
	conversation: (day: string, id: string) => `/conversations/${day}/${id}`,
	rules: (project?: string) => withQuery('/rules', { project }),
	keys: (project?: string) => withQuery('/keys', { project }),
	redaction: (project?: string) => withQuery('/redaction', { project }),
	audit: (filter: AuditFilter = {}) => withQuery('/audit', filter),
	login: (next?: string) => withQuery('/login', { next: next === '/' ? undefined : next })
};

/** `next` when it is a path of this site, else the overview. */
export function safeNext(next: string | null, origin: string): string {
	if (next === null || !next.startsWith('/')) return route.overview();
	const url = new URL(next, origin);
	return url.origin === origin ? url.pathname + url.search : route.overview();
}
