// SPDX-License-Identifier: Apache-2.0
// Which project a page is about: the one in its address, else the first.
import type { Project } from '#lib/api/types';

export function chosenProject(projects: readonly Project[], url: URL): Project | undefined {
	const id = url.searchParams.get('project');
	return projects.find((project) => project.project_id === id) ?? projects[0];
}

/** A promise that a page will await in its own time; until then its failure is not an event. */
export function later<T>(promise: Promise<T>): Promise<T> {
	promise.catch(() => undefined);
	return promise;
}
