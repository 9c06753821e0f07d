// The view of a range: what each path carried over time, whether it adds up, and lists of who and what, all narrowed by
// the same filters. The address says all of it. First come the sums and the chart, then the lists, then the range before.
import { bytes } from '../language/format.ts';
import { say } from '../language/language.ts';
import { loadMeant, type MeantAgents } from '../parts/agentfacts.ts';
import { valueLabel } from '../parts/chips.ts';
import { el, fill } from '../parts/element.ts';
import { dimensions, withFilter } from '../parts/filter.ts';
import { Loader } from '../parts/loader.ts';
import { failed, loading } from '../parts/notice.ts';
import { type Interval, parseRange, rangeBefore } from '../parts/range.ts';
import { type Balance, isNarrow, loadBalance, loadSeries, type Scope, sumOf, wholeOf } from '../parts/scope.ts';
import { scopeHead } from '../parts/scopehead.ts';
import type { Place } from '../place.ts';
import type { OpenView, Page, View } from '../view.ts';
import { RankTable } from './ranktable.ts';
import { isEmpty, sumCards } from './sumcards.ts';
import { sumLine } from './sumline.ts';
import { trend } from './trend.ts';

export const historyView: View = { name: 'history', title: 'history', icon: 'history', open: openHistory };

const refreshMs = 60_000;

function openHistory(page: Page): OpenView {
	const main = new Loader(page.signOut);
	const comparison = new Loader(page.signOut);
	const head = scopeHead(page, 'history');
	const cards = sumCards((name) => {
		if (name !== 'wan')
			page.go({ ...page.place(), filters: withFilter(page.place().filters, { name: 'class', value: name }) });
	});
	const line = sumLine();
	const sums = el('div', { class: 'stack' }, loading(3));
	const chart = trend(page);
	const tables = dimensions.map(
		(dimension) => new RankTable({ page, dimension, labelOf: (filter) => valueLabel(filter, page.devices) }),
	);
	let scope: Scope | null = null;
	let shown = '';
	let figures: Balance | null = null;
	let before: Balance | null = null;
	let meant: MeantAgents = { count: 0, old: [] };
	const lists = el('div', { class: 'ranks' }, ...tables.map(({ element: one }) => one));

	const element = el('div', { class: 'view' }, head.element, head.chips, sums, chart.element, lists);

	function load(): void {
		const asked = scope!;
		// What is still shown is of another range or filter.
		sums.setAttribute('aria-busy', 'true');
		void main.load(
			(signal) => {
				// The master answers in turn: what the sums need is asked before what takes longer.
				const sum = loadBalance(asked, signal);
				const agents = loadMeant(asked.filters, signal);
				void chart.load(asked, sum).then((interval) => asked === scope && compare(asked, interval));
				return Promise.all([sum, agents]);
			},
			{
				done: ([sum, agents]) => {
					figures = sum;
					meant = agents;
					sums.removeAttribute('aria-busy');
					if (sums.firstChild !== cards.element) fill(sums, cards.element, line.element);
					cards.show(sum, before, { scope: asked, meant });
					line.show(isNarrow(asked) || isEmpty(sum) ? null : sum, meant);
					showTables();
					page.announce(say('loaded', { sum: bytes(sumOf(wholeOf(sum))) }));
				},
				failed: (error) => {
					sums.removeAttribute('aria-busy');
					fill(sums, el('section', { class: 'card' }, failed(error, load)));
					showTables();
				},
			},
		);
	}

	/** What was before is asked for when all that is now is there. */
	function compare(asked: Scope, interval: Interval | null): void {
		const was = { ...asked, range: rangeBefore(asked.range) };
		void comparison.load(
			(signal) => Promise.all([loadBalance(was, signal), interval && loadSeries(was, interval, signal)]),
			{
				done: ([sum, series]) => {
					before = sum;
					if (figures !== null) cards.show(figures, sum, { scope: asked, meant });
					chart.compare(series);
				},
				failed: () => {},
			},
		);
	}

	function showTables(): void {
		const place = page.place();
		const alone = place.choices.list ?? '';
		const core = figures && sumOf(figures.core);
		// Lists are of the core's bytes.
		lists.hidden = figures !== null && !core;
		for (const [at, one] of tables.entries()) {
			one.element.hidden = alone !== '' && dimensions[at]!.groupBy !== alone;
			one.element.classList.toggle('alone', dimensions[at]!.groupBy === alone);
			if (scope) one.show(scope, place, core);
		}
	}

	function show(place: Place): void {
		head.show(place);
		const wanted = JSON.stringify([place.range, place.filters]);
		if (wanted === shown) return showTables();
		shown = wanted;
		before = null;
		comparison.stop();
		scope = { range: parseRange(place.range, Date.now()), filters: place.filters };
		figures = null;
		load();
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
