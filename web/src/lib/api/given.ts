// SPDX-License-Identifier: Apache-2.0
// A filter as a query: what is not set is left out.
export function given<T extends object>(filter: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(filter).filter(([, v]) => v !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}
