// SPDX-License-Identifier: Apache-2.0
// What no source of the pages may do, however it is written.
import { expect, it } from 'vitest';
import lock from '../package-lock.json';

const found: Record<string, string> = import.meta.glob('./**/*.{svelte,ts}', {
	query: '?raw',
	import: 'default',
	eager: true
});
const sources = Object.entries(found)
	.map(([name, text]) => ({ name: name.slice(2), text }))
	.filter(({ name }) => !/\.spec\.ts$|schema\.d\.ts$/.test(name));
const using = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

it('there are sources to look at', () => expect(sources.length).toBeGreaterThan(30));
it('only the typed client fetches', () =>
	expect(using(/\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource/)).toEqual(['lib/api/client.ts']));
it('no text becomes markup or code', () =>
	expect(using(/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)).toEqual([]));
it('no style or handler is written into markup, the policy would refuse it', () =>
	expect(using(/<[a-z][^>]*\s(style="|on[a-z]+=")/)).toEqual([]));
it('no address of another host is in the pages', () => expect(using(/https?:\/\/(?!\$)/)).toEqual([]));
it('each file says its licence', () =>
	expect(sources.filter(({ text }) => !text.includes('SPDX-License-Identifier: Apache-2.0'))).toEqual([]));

interface LockEntry {
	license?: string;
	optional?: boolean;
	engines?: object;
	resolved?: string;
}
const packages: Record<string, LockEntry> = lock.packages;

it('the lock names no registry', () =>
	expect(Object.values(packages).filter((entry) => entry.resolved !== undefined)).toEqual([]));
it('the lock lets npm on an older Node install every binary (npm run lock)', () =>
	expect(Object.entries(packages).filter(([, p]) => p.optional && p.engines)).toEqual([]));
