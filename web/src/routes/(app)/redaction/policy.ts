// SPDX-License-Identifier: Apache-2.0
// A policy while a person works on it: every type has a row, own patterns and allowed values are texts.
import type { RedactionAction, RedactionPolicy, RedactionSettings } from '#lib/api/types';

export interface EntityRow {
	type: string;
	group: string;
	default_action: RedactionAction;
	actions: RedactionAction[];
	action: RedactionAction;
	/** Percent; null: the workspace's. */
	confidence: number | null;
}

export interface CustomRow {
	name: string;
	kind: 'pattern' | 'literals';
	/** The pattern, or a literal a line. */
	text: string;
	ignore_case: boolean;
	action: 'replace' | 'mask' | 'drop';
}

export interface Draft {
	confidence: number | null;
	entities: EntityRow[];
	custom: CustomRow[];
	allow: { value: string; type: string }[];
}

const percent = (confidence: number | null) => (confidence === null ? null : Math.round(confidence * 100));
const ratio = (given: number | null | undefined) => (given == null || Number.isNaN(given) ? null : given / 100);

export const actionWords: Record<RedactionAction, string> = {
	replace: 'Replace',
	mask: 'Mask',
	drop: 'Remove',
	flag: 'Flag only',
	off: 'Off'
};

export function draftOf({ policy, types }: RedactionSettings): Draft {
	const set = new Map(policy.entities.map((entity) => [entity.type, entity]));
	return {
		confidence: percent(policy.min_confidence),
		entities: types.map(({ type, group, default_action, may_mask, may_be_off }) => ({
			type,
			group,
			default_action,
			actions: [
				...(default_action === 'flag' ? (['flag'] as const) : []),
				'replace',
				...(may_mask ? (['mask'] as const) : []),
				'drop',
				...(may_be_off ? (['off'] as const) : [])
			],
			action: set.get(type)?.action ?? default_action,
			confidence: percent(set.get(type)?.min_confidence ?? null)
		})),
		custom: policy.custom.map((custom) => ({
			name: custom.name,
			kind: custom.pattern === null ? 'literals' : 'pattern',
			text: custom.pattern ?? custom.literals.join('\n'),
			ignore_case: custom.ignore_case,
			action: custom.action
		})),
		allow: policy.allow.map(({ value, type }) => ({ value, type: type ?? '' }))
	};
}

const lines = (text: string) => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');

export function policyOf(draft: Draft): RedactionPolicy {
	return {
		min_confidence: ratio(draft.confidence),
		entities: draft.entities
			.filter((row) => row.action !== row.default_action || row.confidence !== null)
			.map((row) => ({ type: row.type, action: row.action, min_confidence: ratio(row.confidence) })),
		custom: draft.custom.map((row) => ({
			name: row.name,
			pattern: row.kind === 'pattern' ? row.text : null,
			literals: row.kind === 'literals' ? lines(row.text) : [],
			ignore_case: row.ignore_case,
			action: row.action
		})),
		allow: draft.allow.map(({ value, type }) => ({ value, type: type === '' ? null : type }))
	};
}

/** The types that the draft turns off and the settings did not. */
export function turnedOff(settings: RedactionSettings, draft: Draft): string[] {
	const before = new Set(settings.policy.entities.filter((e) => e.action === 'off').map((e) => e.type));
	return draft.entities.filter((row) => row.action === 'off' && !before.has(row.type)).map((row) => row.type);
}

export function byGroup(rows: readonly EntityRow[]): { group: string; rows: EntityRow[] }[] {
	const groups = new Map<string, EntityRow[]>();
	for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
	return [...groups].map(([group, rows]) => ({ group, rows }));
}

