// SPDX-License-Identifier: Apache-2.0
import { api } from '#lib/api/client';
import { chosenProject, later } from '#lib/project';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent, url }) => {
	const { projects } = await parent();
	const project = chosenProject(projects, url);
	return {
		project,
		rules: project && later(api('get', '/projects/{project}/rules', { path: { project: project.project_id } }))
	};
};
