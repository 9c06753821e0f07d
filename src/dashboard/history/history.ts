// The view of a range: what each path carried over time, whether it adds up, and lists of who and what, all narrowed by
// the same filters. The address says all of it.
import { StackChart } from '../chart/chart.ts';
import type { Band, ChartData } from '../chart/chartdata.ts';
import { chartTable } from '../chart/charttable.ts';
import { legend } from '../chart/legend.ts';
import { bytes, day, dayMonth, hourMinute, moment, monthYear } from '../language/format.ts';
import { say } from '../language/language.ts';
import { chips, valueLabel } from '../parts/chips.ts';
import { el, fill } from '../parts/element.ts';
import { dimensions, withFilter } from '../parts/filter.ts';
import { Loader } from '../parts/loader.ts';
import { empty, failed, loading } from '../parts/notice.ts';
import { type Interval, momentsText, parseRange, type Range, rangeBefore } from '../parts/range.ts';
import { rangePicker } from '../parts/rangepicker.ts';
import {
	type Balance,
	isNarrow,
	loadBalance,
	loadBands,
	loadSeries,
	type Scope,
	type Series,
	sumOf,
	wholeOf,
} from '../parts/scope.ts';
import type { Place } from '../place.ts';
import type { OpenView, Page, View } from '../view.ts';
import { RankTable } from './ranktable.ts';
import { sumCards } from './sumcards.ts';
import { sumLine } from './sumline.ts';

export const historyView: View = { name: 'history', title: 'history', icon: 'history', open: openHistory };

const refreshMs = 60_000;

function openHistory(page: Page): OpenView {
	const main = new Loader(page.signOut);
	const comparison = new Loader(page.signOut);
	const picker = rangePicker(page);
	const chip = chips(page);
	const cards = sumCards((name) => {
		if (name !== 'wan')
			page.go({ ...page.place(), filters: withFilter(page.place().filters, { name: 'class', value: name }) });
	});
	const line = sumLine();
	const colours = legend();
	const table = chartTable();
	const sums = el('div', { class: 'stack' });
	const chartBody = el('div', { class: 'chart-body' });
	const tables = dimensions.map(
		(dimension) => new RankTable({ page, dimension, labelOf: (filter) => valueLabel(filter, page.devices) }),
	);
	let interval: Interval = 'hour';
	const chart = new StackChart({
		...{ kind: 'time', figure: bytes, title: (at) => pointTitle(at * 1000, interval) },
		tick: (at, step) => tickText(at * 1000, step),
		onZoom: (from, to) => page.go({ ...page.place(), range: momentsText(from * 1000, to * 1000) }),
	});
	let scope: Scope | null = null;
	let shown = '';
	let figures: Balance | null = null;
	let before: Balance | null = null;

	const element = el(
		'div',
		{ class: 'view' },
		el(
			'div',
			{ class: 'view-head' },
			el('h1', {}, say('history')),
			picker.words,
			el('div', { class: 'spacer' }),
			picker.element,
		),
		chip.element,
		sums,
		el(
			'section',
			{ class: 'card', 'aria-label': say('over time') },
			el(
				'div',
				{ class: 'card-head' },
				el('h2', {}, say('over time')),
				el('span', { class: 'muted' }, say('drag to zoom')),
				colours.element,
			),
			chartBody,
			table.element,
		),
		el('div', { class: 'ranks' }, ...tables.map(({ element: one }) => one)),
	);

	/** What is still shown is of another range or filter. */
	function busy(is: 'true' | null): void {
		for (const one of [sums, chartBody]) {
			if (is) one.setAttribute('aria-busy', is);
			else one.removeAttribute('aria-busy');
		}
	}

	function load(): void {
		const asked = scope!;
		void main.load(
			async (signal) => {
				const [sum, bands] = await Promise.all([loadBalance(asked, signal), loadBands(asked, signal)]);
				return { sum, bands, ...(await bestSeries(asked, sum, signal)) };
			},
			{
				done: ({ sum, bands, series, interval: found }) => {
					figures = sum;
					busy(null);
					interval = found;
					fill(sums, cards.element, !isNarrow(asked) && line.element);
					cards.show(sum, before, asked);
					line.show(sum);
					drawChart(asked.range, series, bands);
					showTables();
					page.announce(say('loaded', { sum: bytes(sumOf(wholeOf(sum))) }));
				},
				failed: (error) => {
					busy(null);
					fill(sums, el('section', { class: 'card' }, failed(error, load)));
					fill(chartBody, empty(say('no figures')));
				},
			},
		);
		void comparison.load((signal) => loadBalance({ ...asked, range: rangeBefore(asked.range) }, signal), {
			done: (was) => {
				before = was;
				if (figures !== null) cards.show(figures, was, asked);
			},
			failed: () => {},
		});
	}

	function drawChart(range: Range, series: Series, bands: readonly Band[]): void {
		const layers = series.layers.filter(({ down, up }) =>
			[...down, ...up].some((value) => value !== null && value !== 0),
		);
		const now = Date.now() / 1000;
		const past = (values: readonly (number | null)[]) =>
			values.map((value, at) => (series.times[at]! > now ? null : value));
		const data: ChartData = {
			times: series.times,
			from: range.from / 1000,
			to: range.to / 1000,
			layers: layers.map((layer) => ({ ...layer, down: past(layer.down), up: past(layer.up) })),
			bands,
		};
		colours.show(layers.map(({ name }) => name));
		table.element.hidden = layers.length === 0;
		if (layers.length === 0) return fill(chartBody, empty(say('nothing here')));
		if (chartBody.firstChild !== chart.element) fill(chartBody, chart.element);
		chart.draw(data, say('chart history', { sum: bytes(figures && sumOf(wholeOf(figures))) }));
		table.show(data, bytes, (at) => pointTitle(at * 1000, interval));
	}

	function showTables(): void {
		const place = page.place();
		const alone = place.choices.list ?? '';
		const core = figures && sumOf(figures.core);
		for (const [at, one] of tables.entries()) {
			one.element.hidden = alone !== '' && dimensions[at]!.groupBy !== alone;
			one.element.classList.toggle('alone', dimensions[at]!.groupBy === alone);
			if (scope) one.show(scope, place, core);
		}
	}

	function show(place: Place): void {
		picker.show(place.range);
		chip.show(place.filters);
		const wanted = JSON.stringify([place.range, place.filters]);
		if (wanted === shown) return showTables();
		shown = wanted;
		before = null;
		scope = { range: parseRange(place.range, Date.now()), filters: place.filters };
		figures = null;
		if (sums.firstChild === null) {
			fill(sums, loading(3));
			fill(chartBody, loading(6));
		}
		busy('true');
		load();
		showTables();
	}

	const refreshing = window.setInterval(() => {
		if (!scope || document.hidden || scope.range.to < Date.now()) return;
		scope = { ...scope, range: parseRange(page.place().range, Date.now()) };
		for (const one of tables) one.refresh();
		load();
	}, refreshMs);

	return {
		element,
		show,
		stop() {
			window.clearInterval(refreshing);
			main.stop();
			comparison.stop();
			chart.stop();
			for (const one of tables) one.stop();
		},
	};
}

/** Five minutes are kept for a time, hours for ever: where the fine series has less than the sums, hours are shown. */
async function bestSeries(
	scope: Scope,
	balance: Balance,
	signal: AbortSignal,
): Promise<{ series: Series; interval: Interval }> {
	const { interval } = scope.range;
	const series = await loadSeries(scope, interval, signal);
	const core = sumOf(balance.core);
	if (interval !== '5m' || core === null) return { series, interval };
	const drawn = series.layers
		.filter(({ name }) => name !== 'bypass' && name !== 'overhead')
		.flatMap(({ down, up }) => [...down, ...up])
		.reduce<number>((sum, value) => sum + (value ?? 0), 0);
	if (drawn >= core) return { series, interval };
	return { series: await loadSeries(scope, 'hour', signal), interval: 'hour' };
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
