// SPDX-License-Identifier: Apache-2.0
// The workspace's slice of the audit log as one file, put together from its pages.
import { api } from '#lib/api/client';

export async function collectExport(onProgress: (entries: number) => void): Promise<string> {
	let page = await api('get', '/audit/export', { query: {} });
	const lines = [page.header, ...page.lines];
	while (page.next !== null) {
		onProgress(lines.length - 1);
		page = await api('get', '/audit/export', { query: { size: page.size, after: page.next, limit: 500 } });
		lines.push(...page.lines);
	}
	onProgress(lines.length - 1);
	return lines.map((line) => `${line}\n`).join('');
}

export function save(text: string, name: string): void {
	const address = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
	const link = document.createElement('a');
	link.href = address;
	link.download = name;
	link.click();
	URL.revokeObjectURL(address);
}
