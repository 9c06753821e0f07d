// What each path carried over time: the chart with its bands and its table, and the range before as a line in it.

import { StackChart } from '../chart/chart.ts';
import type { Band, ChartData, Outline } from '../chart/chartdata.ts';
import { chartTable } from '../chart/charttable.ts';
import { legend } from '../chart/legend.ts';
import { bytes, day, dayMonth, hourMinute, moment, monthYear } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import { Loader } from '../parts/loader.ts';
import { empty, loading } from '../parts/notice.ts';
import { type Interval, momentsText, type Range } from '../parts/range.ts';
import { type Balance, loadBands, loadSeries, type Scope, type Series, sumOf, wholeOf } from '../parts/scope.ts';
import type { Page } from '../view.ts';
import { outlineOf } from './comparison.ts';

export interface Trend {
	readonly element: HTMLElement;
	/** `sums`: of the same scope, on their way. Resolves with the length of a point, or null when there is no chart. */
	load(scope: Scope, sums: Promise<Balance>): Promise<Interval | null>;
	/** The range before, by the same length of a point; null = not known. */
	compare(before: Series | null): void;
	stop(): void;
}

interface Drawn {
	readonly range: Range;
	readonly sums: Balance;
	readonly series: Series;
	readonly bands: readonly Band[];
	readonly interval: Interval;
}

export function trend(page: Page): Trend {
	const loader = new Loader(page.signOut);
	const colours = legend();
	const table = chartTable();
	const body = el('div', { class: 'chart-body' }, loading(6));
	const title = (at: number) => pointTitle(at * 1000, drawn?.interval ?? 'hour');
	const chart = new StackChart({
		...{ kind: 'time', figure: bytes, title, tick: (at, step) => tickText(at * 1000, step) },
		onZoom: (from, to) => page.go({ ...page.place(), range: momentsText(from * 1000, to * 1000) }),
	});
	let drawn: Drawn | null = null;
	let outline: Outline | null = null;

	function draw(): void {
		if (!drawn) return;
		const { range, series, bands, sums } = drawn;
		const layers = series.layers.filter(({ down, up }) =>
			[...down, ...up].some((value) => value !== null && value !== 0),
		);
		const now = Date.now() / 1000;
		const past = (values: readonly (number | null)[]) =>
			values.map((value, at) => (series.times[at]! > now ? null : value));
		const data: ChartData = {
			times: series.times,
			...{ from: range.from / 1000, to: range.to / 1000, bands, outline },
			layers: layers.map((layer) => ({ ...layer, down: past(layer.down), up: past(layer.up) })),
		};
		colours.show(
			layers.map(({ name }) => name),
			outline && 'range before',
		);
		table.element.hidden = layers.length === 0;
		if (layers.length === 0) return fill(body, empty(say('nothing here')));
		if (body.firstChild !== chart.element) fill(body, chart.element);
		chart.draw(data, say('chart history', { sum: bytes(sumOf(wholeOf(sums))) }));
		table.show(data, bytes, title);
	}

	return {
		element: el(
			'section',
			{ class: 'card', 'aria-label': say('over time') },
			el(
				'div',
				{ class: 'card-head' },
				el('h2', {}, say('over time')),
				el('span', { class: 'muted' }, say('drag to zoom')),
				colours.element,
			),
			body,
			table.element,
		),
		async load(scope, sums) {
			let found: Interval | null = null;
			body.setAttribute('aria-busy', 'true');
			await loader.load(
				async (signal): Promise<Drawn> => {
					const { range } = scope;
					const asked = [loadSeries(scope, range.interval, signal), sums, loadBands(scope, signal)] as const;
					const [series, known, bands] = await Promise.all(asked);
					if (range.interval !== '5m' || isWhole(series, known)) {
						return { range, sums: known, series, bands, interval: range.interval };
					}
					return { range, sums: known, series: await loadSeries(scope, 'hour', signal), bands, interval: 'hour' };
				},
				{
					done: (come) => {
						if (drawn?.range.from !== come.range.from || drawn.interval !== come.interval) outline = null;
						drawn = come;
						found = come.interval;
						body.removeAttribute('aria-busy');
						draw();
					},
					failed: () => {
						body.removeAttribute('aria-busy');
						fill(body, empty(say('no figures')));
					},
				},
			);
			return found;
		},
		compare(before) {
			outline = before && drawn && outlineOf(before, drawn.series);
			draw();
		},
		stop() {
			loader.stop();
			chart.stop();
		},
	};
}

/** Five minutes are kept for a time, hours for ever: where the fine series has less than the sums, hours are shown. */
function isWhole({ layers }: Series, { core }: Balance): boolean {
	const drawn = layers
		.filter(({ name }) => name !== 'bypass' && name !== 'overhead')
		.flatMap(({ down, up }) => [...down, ...up])
		.reduce<number>((sum, value) => sum + (value ?? 0), 0);
	return drawn >= (sumOf(core) ?? 0);
}

function pointTitle(ms: number, interval: Interval): string {
	if (interval === 'month') return monthYear(ms);
	return interval === 'day' ? day(ms) : moment(ms);
}

const dayS = 86_400;

function tickText(ms: number, step: number): string {
	if (step >= 28 * dayS) return monthYear(ms);
	if (step >= dayS) return dayMonth(ms);
	return new Date(ms).getHours() === 0 && new Date(ms).getMinutes() === 0 ? dayMonth(ms) : hourMinute(ms);
}
