// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { checkProof, readCheckpoint } from './proof';

type Bytes = Uint8Array<ArrayBuffer>;

const b64 = (bytes: Bytes) => btoa(String.fromCharCode(...bytes));
const leaf = (i: number): Bytes => new TextEncoder().encode(`leaf ${i}`);
const sha = async (prefix: number, ...parts: Bytes[]): Promise<Bytes> =>
	new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from([prefix, ...parts.flatMap((p) => [...p])])));

/** RFC 6962, 2.1, to the letter. */
function split(n: number): number {
	let k = 1;
	while (2 * k < n) k *= 2;
	return k;
}
async function root(leaves: Bytes[]): Promise<Bytes> {
	if (leaves.length === 1) return sha(0, leaves[0] ?? leaf(-1));
	const k = split(leaves.length);
	return sha(1, await root(leaves.slice(0, k)), await root(leaves.slice(k)));
}
async function path(leaves: Bytes[], i: number): Promise<Bytes[]> {
	if (leaves.length === 1) return [];
	const k = split(leaves.length);
	return i < k
		? [...(await path(leaves.slice(0, k), i)), await root(leaves.slice(k))]
		: [...(await path(leaves.slice(k), i - k)), await root(leaves.slice(0, k))];
}
async function proofOf(size: number, index: number) {
	const leaves = Array.from({ length: size }, (_, i) => leaf(i));
	return {
		event_id: '',
		number: 1,
		leaf_index: index,
		hash: b64(await sha(0, leaf(index))),
		leaf: b64(leaf(index)),
		proof: (await path(leaves, index)).map(b64),
		checkpoint: `log.example\n${size}\n${b64(await root(leaves))}\n\n— log.example AAAA\n`
	};
}

it('every leaf of every small tree is proved', async () => {
	for (let size = 1; size <= 17; size++)
		for (let index = 0; index < size; index++) expect(await checkProof(await proofOf(size, index))).toBe(size);
});
it('a changed leaf, step, place or root is not', async () => {
	const good = await proofOf(13, 6);
	const other = b64(await sha(7));
	expect(await checkProof({ ...good, leaf: b64(leaf(7)) })).toBeNull();
	expect(await checkProof({ ...good, leaf: b64(leaf(7)), hash: b64(await sha(0, leaf(7))) })).toBeNull();
	expect(await checkProof({ ...good, leaf_index: 7 })).toBeNull();
	expect(await checkProof({ ...good, proof: good.proof.slice(1) })).toBeNull();
	expect(await checkProof({ ...good, proof: good.proof.map((s, i) => (i === 2 ? other : s)) })).toBeNull();
	expect(await checkProof({ ...good, checkpoint: (await proofOf(14, 6)).checkpoint })).toBeNull();
});
it('a note that is none has no checkpoint', () => {
	expect(readCheckpoint('')).toBeNull();
	expect(readCheckpoint('a\nb\nc\n')).toBeNull();
});
