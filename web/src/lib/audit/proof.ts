// SPDX-License-Identifier: Apache-2.0
// An event's proof, checked in this browser: RFC 6962 hashes from the leaf up to the checkpoint's root.
// The signature under the root is for the verifiers that run elsewhere.
import type { AuditProof } from '#lib/api/types';

type Bytes = Uint8Array<ArrayBuffer>;

function bytesOf(base64: string): Bytes {
	return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

async function hash(prefix: number, ...parts: Bytes[]): Promise<Bytes> {
	const whole = new Uint8Array(1 + parts.reduce((n, p) => n + p.length, 0));
	whole[0] = prefix;
	let at = 1;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

const same = (a: Bytes, b: Bytes) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Size and root of a signed note's text: origin, size, root, each on a line. */
export function readCheckpoint(note: string): { size: number; root: Bytes } | null {
	const [, size, root] = note.split('\n');
	if (size === undefined || root === undefined || !/^\d+$/.test(size)) return null;
	return { size: Number(size), root: bytesOf(root) };
}

/** RFC 9162, 2.1.3.2: the root that the proof leads to; null when it has not the right length. */
async function climb(leaf: Bytes, index: number, size: number, steps: readonly Bytes[]): Promise<Bytes | null> {
	let [fn, sn, root] = [index, size - 1, leaf];
	for (const step of steps) {
		if (sn === 0) return null;
		if (fn % 2 === 1 || fn === sn) {
			root = await hash(1, step, root);
			while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
		} else {
			root = await hash(1, root, step);
		}
		[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
	}
	return sn === 0 && index < size ? root : null;
}

/** How many entries the checkpoint has that the event is proved to be under; null when it is not. */
export async function checkProof(proof: AuditProof): Promise<number | null> {
	const at = readCheckpoint(proof.checkpoint);
	const leafHash = await hash(0, bytesOf(proof.leaf));
	if (at === null || !same(leafHash, bytesOf(proof.hash))) return null;
	const root = await climb(leafHash, proof.leaf_index, at.size, proof.proof.map(bytesOf));
	return root !== null && same(root, at.root) ? at.size : null;
}
