// SPDX-License-Identifier: Apache-2.0
// The typed client and the only fetch: `await api('get', '/projects/{project}/rules', { path: { project } })`.
import type { paths } from './schema';

type Method = 'get' | 'post' | 'put' | 'delete';
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P][M] extends object ? P : never }[keyof paths];
type Operation<M extends Method, P extends keyof paths> = paths[P][M];
type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined;
type Answer<O> = O extends { responses: infer R }
	? Json<R[Extract<keyof R, 200 | 201 | 204>]>
	: never;
type Input<O> = (O extends { parameters: { path: infer Path } } ? { path: Path } : object) &
	(O extends { parameters: { query?: infer Query } } ? { query?: Query } : object) &
	(O extends { requestBody: infer Body } ? { body: Json<Body> } : object);

export class ApiError extends Error {
	override name = 'ApiError';
	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
		readonly remedy: string,
		readonly requestId: string | undefined
	) {
		super(message);
	}
}

/** What the session gave us, and what to do when it ends; one browser tab, one session. */
export const session = { csrfToken: '', onEnded: () => {} };

const AWAY = ['unreachable', 'The server cannot be reached.', 'Check the connection, then try again.'] as const;

async function errorFrom(response: Response): Promise<ApiError> {
	const body = (await response.json().catch(() => null)) as {
		error?: { code: string; message: string; remedy: string; request_id: string };
	} | null;
	const { code, message, remedy, request_id } = body?.error ?? {};
	return new ApiError(response.status, code ?? AWAY[0], message ?? AWAY[1], remedy ?? AWAY[2], request_id);
}

export async function api<M extends Method, P extends PathsWith<M>>(
	method: M,
	path: P,
	input: Input<Operation<M, P>>
): Promise<Answer<Operation<M, P>>> {
	const given = input as { path?: Record<string, string>; query?: Record<string, unknown>; body?: unknown };
	const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given.path?.[name] ?? ''));
	const query = Object.entries(given.query ?? {}).filter(([, v]) => v !== undefined && v !== '');
	const url = `/api/v1${filled}${query.length > 0 ? `?${new URLSearchParams(query as [string, string][])}` : ''}`;
	const headers: Record<string, string> = { Accept: 'application/json' };
	if (given.body !== undefined) headers['Content-Type'] = 'application/json';
	if (method !== 'get' && session.csrfToken !== '') headers['X-CSRF-Token'] = session.csrfToken;

	const response = await fetch(url, {
		method: method.toUpperCase(),
		headers,
		body: given.body === undefined ? null : JSON.stringify(given.body),
		credentials: 'same-origin',
		redirect: 'error'
	}).catch(() => {
		throw new ApiError(0, ...AWAY, undefined);
	});
	if (!response.ok) {
		if (response.status === 401 && path !== '/login') session.onEnded();
		throw await errorFrom(response);
	}
	return (response.status === 204 ? undefined : await response.json()) as Answer<Operation<M, P>>;
}
