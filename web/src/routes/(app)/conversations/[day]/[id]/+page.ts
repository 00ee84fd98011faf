// SPDX-License-Identifier: Apache-2.0
import { error } from '@sveltejs/kit';
import { api, ApiError } from '#lib/api/client';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => {
	try {
		return await api('get', '/conversations/{day}/{id}', { path: { day: params.day, id: params.id } });
	} catch (e) {
		if (!(e instanceof ApiError)) throw e;
		error(e.status === 0 ? 503 : e.status, {
			message: e.message,
			remedy: e.remedy,
			...(e.requestId === undefined ? {} : { request_id: e.requestId })
		});
	}
};
