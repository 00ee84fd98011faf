// SPDX-License-Identifier: Apache-2.0
import { api } from '#lib/api/client';
import { given } from '#lib/api/given';
import { later } from '#lib/project';
import { isVerdict } from '#lib/verdict/words';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent, url }) => {
	const { projects } = await parent();
	const text = (name: string) => url.searchParams.get(name) ?? undefined;
	const verdict = url.searchParams.get('verdict');
	const filter = {
		project: text('project'),
		rule: text('rule'),
		before: text('before'),
		verdict: isVerdict(verdict) ? verdict : undefined
	};
	const project = projects.find((p) => p.project_id === filter.project) ?? projects[0];
	const rules =
		filter.rule && project
			? later(api('get', '/projects/{project}/rules', { path: { project: project.project_id } }))
			: undefined;
	return { filter, project, rules, page: later(api('get', '/conversations', { query: given(filter) })) };
};
