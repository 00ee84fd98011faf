// SPDX-License-Identifier: Apache-2.0
import { api } from '#lib/api/client';
import { failPage } from '#lib/api/fail';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => {
	const path = { day: params.day, id: params.id };
	return await api('get', '/conversations/{day}/{id}', { path }).catch(failPage);
};
