// The live view as text: a row per class with speeds and bars, what is unknown with its reason, what is stale marked.
// Pure; no line is ever wider than the canvas.
import type { Bytes, Live, Speeds, Totals } from '../record.ts';

/** What is shown: the agent's own `Live`, or one from the LAN, whose totals may be missing. */
export interface Shown extends Omit<Live, 'totals'> {
	readonly totals: Totals | null;
}

/** What the figures do not say themselves. */
export interface Words {
	/** The agent's name, and where it or its figures are. */
	readonly title: string;
	readonly source: string;
	/** Sentences below the table, each one line. */
	readonly notes: readonly string[];
}

export interface Canvas {
	readonly columns: number;
	readonly rows: number;
	readonly color: boolean;
}

/** Of each second the WAN's speeds, or the core's where no WAN is known; null: a second without. Newest last. */
export type History = readonly (Bytes | null)[];

type Row = 'direct' | 'proxy' | 'bypass' | 'unattributed' | 'wan';
const rows: readonly { readonly key: Row; readonly name: string; readonly color: string }[] = [
	{ key: 'direct', name: 'direct', color: '32' },
	{ key: 'proxy', name: 'proxy', color: '36' },
	{ key: 'bypass', name: 'bypass', color: '33' },
	{ key: 'unattributed', name: 'unattributed', color: '35' },
	{ key: 'wan', name: 'WAN', color: '1' },
];
const nameWidth = 12;
const speedWidth = 9;
const maxBarWidth = 40;
/** From here on there is room for what flowed since the start. */
const totalsColumns = 96;
const totalWidth = 8;
/** "  peak 999 kB/s" and a space. */
const peakWidth = 8 + speedWidth;
const sparks = '▁▂▃▄▅▆▇█';

/** Words with their colours, whose width is counted without these. */
interface Span {
	readonly text: string;
	readonly style?: string;
}

/** The view's lines; fewer when the canvas has few rows, the table last to go. */
export function drawLive(shown: Shown, words: Words, canvas: Canvas, history: History): string[] {
	const width = Math.max(1, canvas.columns - 1);
	const wide = canvas.columns >= totalsColumns && shown.totals !== null;
	const half = Math.floor((width - 1 - nameWidth - (wide ? 2 * totalWidth + 2 : 0)) / 2);
	const bar = Math.max(0, Math.min(maxBarWidth, half - speedWidth - 3));
	const full = { up: scaleOf(shown, history, 'up'), down: scaleOf(shown, history, 'down') };
	const cell = 2 + speedWidth + (bar > 0 ? bar + 1 : 0);
	const rule: Span[] = [{ text: ` ${'─'.repeat(width - 1)}`, style: '2' }];

	const title: Span[] = [{ text: ' netmon ', style: '1' }, { text: words.title }];
	const right = [words.source, clockOf(shown.wall)].filter((text) => text !== '').join(' · ');
	const gap = width - lengthOf(title) - right.length;
	if (gap >= 1) title.push({ text: ' '.repeat(gap) + right, style: '2' });
	const head = `${' '.repeat(1 + nameWidth)}${'up ↑'.padStart(2 + speedWidth).padEnd(cell)}${'down ↓'.padStart(2 + speedWidth)}`;
	const sums = wide ? `${' '.repeat(Math.max(0, bar + 1))}${'since start ↑'.padStart(2 * totalWidth)}${' ↓'}` : '';

	const table = rows.map((row) => rowOf(shown, row, { bar, cell, full, wide }));
	const foot: Span[] = [{ text: ' ' }];
	if (shown.connections !== null) foot.push({ text: `${shown.connections} connections · `, style: '2' });
	foot.push({ text: `a full bar is ↑ ${speedText(full.up)} ↓ ${speedText(full.down)}`, style: '2' });
	const chart = chartOf(history, shown.speeds.wan === null ? 'mihomo' : 'WAN', width);
	const notes = words.notes.map((text): Span[] => [{ text: ` ${text}`, style: '33' }]);

	const labels: Span[] = [{ text: head + sums, style: '2' }];
	// What goes first when rows are few: the chart, then the rules, then what is below the table.
	const needed = table.length + 3 + notes.length;
	const rules = canvas.rows > needed + 2 ? [rule] : [];
	const past = chart.length > 0 && canvas.rows > needed + 3 + chart.length ? [[], ...chart] : [];
	const lines = [title, ...rules, labels, ...table.slice(0, -1), ...rules, ...table.slice(-1), ...past, foot, ...notes];
	return lines.slice(0, Math.max(1, canvas.rows - 1)).map((spans) => paint(spans, width, canvas.color));
}

/** The same in one line, for a pipe or a file. */
export function lineOf(shown: Shown): string {
	const parts = rows.map(({ key, name }) => {
		const speed = shown.speeds[key];
		if (speed === null) return `${name} – (${reasonOf(shown, key)})`;
		const stale = isStale(shown, key) ? ' (stale)' : '';
		return `${name} ↑ ${speedText(speed.up)} ↓ ${speedText(speed.down)}${stale}`;
	});
	return [clockOf(shown.wall), ...parts].join('  ');
}

function rowOf(
	shown: Shown,
	{ key, name, color }: (typeof rows)[number],
	{ bar, cell, full, wide }: { bar: number; cell: number; full: Bytes; wide: boolean },
): Span[] {
	const speed = shown.speeds[key];
	const spans: Span[] = [{ text: ` ${name.padEnd(nameWidth)}`, style: key === 'wan' ? '1' : color }];
	if (speed === null) {
		const reason = ` ${reasonOf(shown, key)}`;
		spans.push({ text: '–'.padStart(2 + speedWidth) }, { text: reason.padEnd(2 * cell - 2 - speedWidth), style: '2' });
	} else {
		const stale = isStale(shown, key);
		for (const way of ['up', 'down'] as const) {
			const number = speedText(speed[way]).padStart(2 + speedWidth);
			spans.push(
				stale ? { text: number, style: '2' } : key === 'wan' ? { text: number, style: '1' } : { text: number },
			);
			if (bar === 0) continue;
			if (stale) spans.push({ text: ' ' }, { text: 'stale'.padEnd(bar), style: '33' });
			else spans.push({ text: ' ' }, ...barOf(speed[way] / full[way], bar, color));
		}
	}
	const total = shown.totals?.[key];
	if (wide && total) {
		const [up, down] = [bytesText(total.up), bytesText(total.down)];
		spans.push({ text: `  ${up.padStart(totalWidth)}${down.padStart(totalWidth)}`, style: '2' });
	}
	return spans;
}

/** A heavy line on a light one; whoever flows at all has half a cell. */
function barOf(share: number, width: number, color: string): Span[] {
	const halves = Math.min(2 * width, Math.max(share > 0 ? 1 : 0, Math.round(share * 2 * width)));
	const done = '━'.repeat(halves >> 1) + (halves & 1 ? '╸' : '');
	return [
		{ text: done, style: color },
		{ text: '─'.repeat(width - done.length), style: '2' },
	];
}

/** Two lines of one character a second, each as high as its share of the highest; none while nothing is known. */
function chartOf(history: History, name: string, width: number): Span[][] {
	const points = history.slice(-Math.max(1, width - 1 - nameWidth - 2 - peakWidth));
	if (!points.some((point) => point !== null)) return [];
	return (['up', 'down'] as const).map((way) => {
		const most = Math.max(0, ...points.map((point) => point?.[way] ?? 0));
		const text = points
			.map((point) => (point ? sparks[Math.floor((7.99 * point[way]) / Math.max(1, most))] : ' '))
			.join('');
		const label = ` ${name} ${way === 'up' ? '↑' : '↓'}`.padEnd(1 + nameWidth + 2);
		return [{ text: label, style: '2' }, { text }, { text: `  peak ${speedText(most)}`, style: '2' }];
	});
}

/** The least of 1, 2, 5, 10, 20, ... kB/s from 10 kB/s on that holds every bar and the chart's past. */
function scaleOf({ speeds }: Shown, history: History, way: keyof Bytes): number {
	const most = Math.max(10_000, ...[...rows.map(({ key }) => speeds[key]), ...history].map((pair) => pair?.[way] ?? 0));
	const power = 10 ** Math.floor(Math.log10(most));
	return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}

function isStale(shown: Shown, key: Row): boolean {
	if (key === 'wan') return shown.wanStale;
	return shown.coreStale || (key === 'bypass' && shown.wanStale);
}

function reasonOf(shown: Shown, key: Row): string {
	const { speeds, connections, coreStale, wanStale } = shown;
	const wan = wanStale ? 'the WAN counters are silent' : 'no WAN speed yet';
	const core = coreStale ? 'mihomo is silent' : connections === null ? 'mihomo does not answer' : 'measuring';
	if (key === 'wan') return wan;
	return key === 'bypass' && speeds.wan === null ? wan : core;
}

/** "999 B/s", "1.00 kB/s", "12.3 MB/s": three digits, at most 9 characters below 1 EB/s. */
export function speedText(value: number): string {
	return `${bytesText(value)}/s`;
}

export function bytesText(value: number): string {
	const sign = value < 0 ? '-' : '';
	let rest = Math.abs(value);
	let unit = 0;
	// 999.5 would be written as 1000.
	while (rest >= (unit === 0 ? 1000 : 999.5) && unit < 5) {
		rest /= 1000;
		unit += 1;
	}
	const digits = unit === 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
	return `${sign}${rest.toFixed(digits)} ${['B', 'kB', 'MB', 'GB', 'TB', 'PB'][unit]}`;
}

/** Local time of day. */
function clockOf(wall: number): string {
	return new Date(wall).toTimeString().slice(0, 8);
}

function lengthOf(spans: readonly Span[]): number {
	return spans.reduce((sum, { text }) => sum + text.length, 0);
}

/** Cuts at `width`, then colours. */
function paint(spans: readonly Span[], width: number, color: boolean): string {
	let room = width;
	let line = '';
	for (const { text, style } of spans) {
		const cut = text.slice(0, room);
		room -= cut.length;
		line += color && style && cut.trim() !== '' ? `\x1b[${style}m${cut}\x1b[0m` : cut;
	}
	return line.trimEnd();
}

/** What the chart remembers of one second. */
export function chartPoint({ wan, core }: Speeds): Bytes | null {
	return wan ?? core;
}
