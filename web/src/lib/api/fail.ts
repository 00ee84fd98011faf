// SPDX-License-Identifier: Apache-2.0
// An API error as the failure of a whole page.
import { error } from '@sveltejs/kit';
import { ApiError } from './client';

export function failPage(e: unknown): never {
	if (!(e instanceof ApiError)) throw e;
	error(e.status === 0 ? 503 : e.status, {
		message: e.message,
		remedy: e.remedy,
		...(e.requestId === undefined ? {} : { request_id: e.requestId })
	});
}
