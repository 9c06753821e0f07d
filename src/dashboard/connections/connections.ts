// The view of single connections: those of a range that the filters leave, one of them whole, all of them as a file.
// The address says the order, how many are shown and which one is open.

import { whole } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el, fill, write } from '../parts/element.ts';
import { type Filter, withFilter } from '../parts/filter.ts';
import { icon } from '../parts/icon.ts';
import { Loader } from '../parts/loader.ts';
import { empty, failed, loading } from '../parts/notice.ts';
import { scopeHead } from '../parts/scopehead.ts';
import { choose, hashOf, type Place } from '../place.ts';
import type { OpenView, Page, View } from '../view.ts';
import { connectionDetail } from './connectiondetail.ts';
import {
	type Connection,
	connectionQuery,
	keyOf,
	loadConnection,
	loadConnections,
	type Order,
	orderOf,
	sortKeys,
} from './connectionlist.ts';
import { connectionTable } from './connectiontable.ts';
import { exporter } from './exporter.ts';
import { filterAdder } from './filteradder.ts';
import { orderPicker } from './orderpicker.ts';

export const connectionsView: View = {
	name: 'connections',
	title: 'connections',
	icon: 'connections',
	open: openConnections,
};

const rowsAPage = 50;
/** More rows than this make a page slow to lay out. */
const mostRows = 1_000;
const typingMs = 250;

/** How far down the viewer was, by address: coming back leads there. */
const scrolled = new Map<string, number>();

function openConnections(page: Page): OpenView {
	const loader = new Loader(page.signOut);
	const head = scopeHead(page, 'connections');
	const addFilter = (filter: Filter) => {
		const { filters } = page.place();
		page.go({ ...choose(page.place(), { ...closed, rows: '' }), filters: withFilter(filters, filter) });
	};
	const adder = filterAdder(page, addFilter);
	const files = exporter(() => connectionQuery(page.place(), Date.now()), page.signOut);
	const table = connectionTable({
		onOpen: (one) => {
			// Where the focus is when the dialog opens, there it returns.
			table.buttonOf(keyOf(one))?.focus();
			stepsIn = true;
			page.go(choose(page.place(), { of: one.agent_id, id: one.id }));
		},
		onSort: (order) => page.go(choose(page.place(), { ...choiceOf(order), rows: '' })),
	});
	const detail = connectionDetail({
		load: loadConnection,
		onFilter: addFilter,
		onClose: () => {
			if (!page.place().choices.id) return;
			if (stepsIn) history.back();
			else page.replace(choose(page.place(), closed));
		},
		onToken: page.signOut,
	});
	const search = el('input', {
		...{
			type: 'search',
			class: 'input',
			placeholder: say('host or address'),
			autocomplete: 'off',
			spellcheck: 'false',
		},
		...{ 'aria-label': say('host or address'), maxlength: '256', on: { input: () => type() } },
	});
	const sorter = orderPicker((order) => page.go(choose(page.place(), { ...choiceOf(order), rows: '' })));
	const found = el('h2', {});
	const body = el('div', { class: 'conns-body' });
	const more = el('button', { type: 'button', class: 'button', on: { click: () => loadMore() } });
	const foot = el('div', { class: 'conns-foot' });
	/** The open dialog has a step of its own to go back from: it was not there when the page came. */
	let stepsIn = false;
	let typing = 0;
	let shown = '';
	let rows = new Map<string, Connection>();
	let next: string | null = null;
	let count = 0;

	const element = el(
		'div',
		{ class: 'view' },
		head.element,
		el('div', { class: 'tools' }, el('label', { class: 'search' }, icon('search'), search), adder.element),
		head.chips,
		el(
			'section',
			{ class: 'card', 'aria-label': say('connections') },
			el(
				'div',
				{ class: 'card-head' },
				found,
				el('div', { class: 'spacer' }),
				files.element,
				sorter.element,
				el(
					'button',
					{
						...{ type: 'button', class: 'button quiet', 'aria-label': say('load again'), title: say('load again') },
						on: { click: () => load(page.place()) },
					},
					icon('again'),
				),
			),
			body,
			foot,
		),
		detail.element,
	);

	function type(): void {
		window.clearTimeout(typing);
		typing = window.setTimeout(() => {
			page.replace(choose(page.place(), { q: search.value.trim(), rows: '' }));
		}, typingMs);
	}

	function load(place: Place): void {
		if (body.firstChild !== table.element) fill(body, loading(10));
		body.setAttribute('aria-busy', 'true');
		const limit = Math.min(mostRows, Math.max(rowsAPage, Number(place.choices.rows) || 0));
		void loader.load((signal) => loadConnections(connectionQuery(place, Date.now()), { limit, after: null }, signal), {
			done: (answer) => {
				rows = new Map();
				take(answer.rows);
				next = answer.next;
				count = answer.count ?? rows.size;
				draw();
				const y = scrolled.get(hashOf(place));
				if (y !== undefined) window.scrollTo(0, y);
				scrolled.clear();
				page.announce(countText(count));
			},
			failed: (error) => {
				body.removeAttribute('aria-busy');
				fill(found);
				fill(foot);
				fill(
					body,
					failed(error, () => load(page.place())),
				);
			},
		});
	}

	function loadMore(): void {
		const place = page.place();
		more.disabled = true;
		const limit = Math.min(rowsAPage, mostRows - rows.size);
		void loader.load((signal) => loadConnections(connectionQuery(place, Date.now()), { limit, after: next }, signal), {
			done: (answer) => {
				const first = answer.rows.find((row) => !rows.has(keyOf(row)));
				take(answer.rows);
				({ next } = answer);
				shown = listed(choose(place, { rows: String(rows.size) }));
				page.replace(choose(place, { rows: String(rows.size) }));
				draw();
				if (first) table.buttonOf(keyOf(first))?.focus({ preventScroll: true });
			},
			failed: (error) => fill(foot, failed(error, loadMore)),
		});
	}

	/** One that moved on meanwhile stands where it was, with its new figures. */
	function take(come: readonly Connection[]): void {
		for (const one of come) rows.set(keyOf(one), one);
	}

	function draw(): void {
		const place = page.place();
		body.removeAttribute('aria-busy');
		head.show(place);
		write(found, countText(count));
		table.show([...rows.values()], orderOf(place));
		if (rows.size === 0) fill(body, empty(say('nothing here')));
		else if (body.firstChild !== table.element) fill(body, table.element);
		if (rows.size === 0) return fill(foot);
		const texts = { shown: whole(rows.size), count: whole(Math.max(count, rows.size)) };
		more.disabled = false;
		write(more, say('show more', { count: whole(Math.min(rowsAPage, count - rows.size)) }));
		fill(
			foot,
			el('span', { class: 'muted' }, say(next === null ? 'connections all' : 'connections shown', texts)),
			next !== null && rows.size >= mostRows && el('span', { class: 'muted' }, say('connections many')),
			next !== null && rows.size < mostRows && more,
		);
	}

	return {
		element,
		show(place) {
			head.show(place);
			if (document.activeElement !== search) search.value = place.choices.q ?? '';
			sorter.show(orderOf(place));
			if (listed(place) !== shown) {
				shown = listed(place);
				load(place);
			}
			const { of, id } = place.choices;
			detail.show(of && id ? { agent: of, id } : null);
		},
		stop() {
			scrolled.set(location.hash, window.scrollY);
			window.clearTimeout(typing);
			for (const part of [loader, adder, files, detail]) part.stop();
		},
	};
}

const closed = { of: '', id: '' };

const countText = (count: number) =>
	say(count === 1 ? 'connection found' : 'connections found', { count: whole(count) });

const choiceOf = ({ sort, descending }: Order) => ({
	sort: sort === sortKeys[0] ? '' : sort,
	order: descending ? '' : 'asc',
});

/** What of a place the list depends on. */
const listed = (place: Place): string => hashOf(choose(place, closed));
