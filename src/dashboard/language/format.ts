// Figures and times as the viewer's language writes them, in the viewer's zone. What is unknown is a dash, never 0.
import { locale, say } from './language.ts';

export const dash = '–';
const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
/** Between a number and its unit: narrow, and no line breaks there. */
const space = '\u202f';

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
	const key = `n${locale()}${JSON.stringify(options)}`;
	const found = kept.get(key) ?? new Intl.NumberFormat(locale(), options);
	kept.set(key, found);
	return found as Intl.NumberFormat;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `d${locale()}${JSON.stringify(options)}`;
	const found = kept.get(key) ?? new Intl.DateTimeFormat(locale(), options);
	kept.set(key, found);
	return found as Intl.DateTimeFormat;
}

/** 5400000 -> "5.40 MB": three digits, powers of a thousand, as the agent's own displays write them. */
export function bytes(count: number | null): string {
	if (count === null) return dash;
	let value = Math.abs(count);
	let unit = 0;
	while (value >= 999.5 && unit < byteUnits.length - 1) {
		value /= 1000;
		unit += 1;
	}
	const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	const text = numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
	return `${count < 0 ? '−' : ''}${text}${space}${byteUnits[unit]}`;
}

/** Bytes per second. */
export function rate(perSecond: number | null): string {
	return perSecond === null ? dash : `${bytes(perSecond)}/s`;
}

/** All digits: for titles, where the exact figure is wanted. */
export function exact(count: number | null): string {
	return count === null ? dash : `${numbers({}).format(count)}${space}B`;
}

export function whole(count: number | null): string {
	return count === null ? dash : numbers({ maximumFractionDigits: 0 }).format(count);
}

/** 0.123 -> "12.3 %"; what is not nothing is never "0 %". */
export function percent(share: number | null): string {
	if (share === null || !Number.isFinite(share)) return dash;
	if (share > 0 && share < 0.001)
		return `<${space}${numbers({ style: 'percent', maximumFractionDigits: 1 }).format(0.001)}`;
	const digits = share > 0 && share < 0.0995 ? 1 : 0;
	return numbers({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);
}

/** Beyond it a range before is no measure: there was hardly anything to count. */
const mostChange = 10;

/** 112 after 100 -> "+12 %", nearly the same "±0 %", '' where nothing can be compared. */
export function changeText(now: number | null, before: number | null): string {
	if (now === null || before === null || before * mostChange <= now) return '';
	const share = now / before - 1;
	if (Math.abs(share) < 0.005) return `±${numbers({ style: 'percent' }).format(0)}`;
	return numbers({ style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(share);
}

/** "14:05:09" */
export function clockTime(ms: number): string {
	return dates({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);
}

/** "14:05" */
export function hourMinute(ms: number): string {
	return dates({ hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** "28 Nov" */
export function dayMonth(ms: number): string {
	return dates({ day: 'numeric', month: 'short' }).format(ms);
}

/** "Nov 2026" */
export function monthYear(ms: number): string {
	return dates({ month: 'short', year: 'numeric' }).format(ms);
}

/** "Sat 28 Nov 2026" */
export function day(ms: number): string {
	return dates({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).format(ms);
}

/** "28 Nov 2026, 14:05" */
export function moment(ms: number): string {
	return dates({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** "28 Nov, 14:05"; of another year "28 Nov 2025" */
export function shortMoment(ms: number): string {
	if (new Date(ms).getFullYear() !== new Date().getFullYear()) return dates({ dateStyle: 'medium' }).format(ms);
	return dates({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** "28 Nov 2026, 14:05:09" */
export function exactMoment(ms: number): string {
	return dates({ dateStyle: 'medium', timeStyle: 'medium' }).format(ms);
}

const steps = [
	['second', 1000, 60_000],
	['minute', 60_000, 3_600_000],
	['hour', 3_600_000, 86_400_000],
	['day', 86_400_000, Number.POSITIVE_INFINITY],
] as const;

/** "5 min", "3 hr": a length of time in its largest unit. */
export function span(ms: number): string {
	const [unit, size] = steps.find(([, , below]) => ms < below)!;
	return numbers({ style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(
		Math.max(0, Math.round(ms / size)),
	);
}

/** "5 min ago" */
export function ago(ms: number): string {
	return ms < 2_000 ? say('just now') : say('ago', { span: span(ms) });
}
