// SPDX-License-Identifier: Apache-2.0
import { api } from '#lib/api/client';
import { isOutcome } from '#lib/audit/words';
import { later } from '#lib/project';
import type { AuditFilter } from '#lib/route';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ url, depends }) => {
	depends('app:audit');
	const text = (name: string) => url.searchParams.get(name) ?? undefined;
	const outcome = url.searchParams.get('outcome');
	const filter: AuditFilter = {
		event: text('event'),
		outcome: isOutcome(outcome) ? outcome : undefined,
		actor: text('actor'),
		object: text('object'),
		before: text('before')
	};
	return {
		filter,
		page: later(api('get', '/audit/events', { query: clean(filter) })),
		checkpoint: later(api('get', '/audit/checkpoint', {}))
	};
};

function clean<T extends object>(filter: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(filter).filter(([, v]) => v !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}
