// SPDX-License-Identifier: Apache-2.0
// Times and durations in people's words.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const dayOfYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'long' });

export function humanTime(iso: string, nowMs: number): string {
	const ms = Date.parse(iso);
	const ago = nowMs - ms;
	if (ago < MINUTE && ago > -MINUTE) return 'just now';
	if (Math.abs(ago) < HOUR) return relative.format(-Math.round(ago / MINUTE), 'minute');
	if (Math.abs(ago) < DAY) return relative.format(-Math.round(ago / HOUR), 'hour');
	if (Math.abs(ago) < 7 * DAY) return relative.format(-Math.round(ago / DAY), 'day');
	const isThisYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
	return (isThisYear ? dayOfYear : dayAndYear).format(ms);
}

export function exactTime(iso: string): string {
	return exact.format(Date.parse(iso));
}

/** A calendar day, which has no time zone. */
export function humanDay(day: string): string {
	return new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
		Date.parse(`${day}T00:00:00Z`)
	);
}

export function humanDuration(us: number): string {
	if (us < 1000) return `${us} µs`;
	if (us < 1_000_000) return `${Math.round(us / 1000)} ms`;
	return `${(us / 1_000_000).toFixed(us < 10_000_000 ? 1 : 0)} s`;
}
