// SPDX-License-Identifier: Apache-2.0
import { api } from '#lib/api/client';
import { given } from '#lib/api/given';
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
		page: later(api('get', '/audit/events', { query: given(filter) })),
		checkpoint: later(api('get', '/audit/checkpoint', {}))
	};
};
