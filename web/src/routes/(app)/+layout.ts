// SPDX-License-Identifier: Apache-2.0
// The one gate: without a session every page behind it turns to the log-in page.
import { redirect } from '@sveltejs/kit';
import { api, ApiError, session } from '#lib/api/client';
import { failPage } from '#lib/api/fail';
import { route } from '#lib/route';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ url }) => {
	try {
		const [me, { projects }] = await Promise.all([api('get', '/me', {}), api('get', '/projects', {})]);
		session.csrfToken = me.csrf_token;
		return { me, projects };
	} catch (e) {
		if (e instanceof ApiError && e.status === 401) redirect(303, route.login(url.pathname + url.search));
		return failPage(e);
	}
};
