// One list of who or what used how much, with bars; to search, sort and page through. A click on a row filters by it.
// Its choices stand in the address, under the dimension's name.
import { el, fill, write } from './element.ts';
import { canFilter, type Dimension, type Filter, withFilter } from './filter.ts';
import { bytes, exact, percent, whole } from './format.ts';
import { type GroupPage, type GroupRow, loadGroup, type SortKey, sortKeys } from './groups.ts';
import { icon } from './icon.ts';
import { say, type TextName } from './language.ts';
import { Loader } from './loader.ts';
import { empty, failed, loading } from './notice.ts';
import { choose, type Place } from './place.ts';
import type { Scope } from './scope.ts';
import type { Page } from './view.ts';

export interface RankTableOptions {
	readonly page: Page;
	readonly dimension: Dimension;
	readonly labelOf: (filter: Filter) => string;
}

const rowsAPage = 8;
const rowsWhenAlone = 50;
const typingMs = 250;
const columns: readonly { readonly sort: SortKey; readonly name: TextName }[] = [
	{ sort: 'download', name: 'down' },
	{ sort: 'upload', name: 'up' },
	{ sort: 'total', name: 'total' },
];

export class RankTable {
	readonly element: HTMLElement;
	readonly #options: RankTableOptions;
	readonly #loader: Loader;
	readonly #body = el('div', { class: 'rank-body' });
	readonly #count = el('span', { class: 'muted' });
	readonly #search: HTMLInputElement;
	readonly #alone: HTMLButtonElement;
	readonly #observer: IntersectionObserver;
	#typing = 0;
	#asked = '';
	#seen = false;
	#wanted: { scope: Scope; place: Place; core: number | null } | null = null;

	constructor(options: RankTableOptions) {
		const { page, dimension } = options;
		this.#options = options;
		this.#loader = new Loader(page.signOut);
		this.#search = el('input', {
			...{ type: 'search', class: 'input small', placeholder: say('search'), autocomplete: 'off', spellcheck: 'false' },
			'aria-label': say('search in', { what: say(dimension.many) }),
			on: { input: () => this.#type() },
		});
		this.#alone = el('button', {
			type: 'button',
			class: 'button quiet small',
			on: { click: () => this.#toggleAlone() },
		});
		this.element = el(
			'section',
			{ class: 'card rank', 'aria-label': say(dimension.many), 'data-list': dimension.groupBy },
			el(
				'div',
				{ class: 'card-head' },
				el('h2', {}, say(dimension.many)),
				this.#count,
				el('div', { class: 'spacer' }),
				el('label', { class: 'search' }, icon('search'), this.#search),
				this.#alone,
			),
			this.#body,
		);
		fill(this.#body, loading(rowsAPage));
		// A list far below costs the master nothing until somebody comes near.
		this.#observer = new IntersectionObserver(
			([entry]) => {
				this.#seen = entry!.isIntersecting;
				this.#ask();
			},
			{ rootMargin: '300px' },
		);
		this.#observer.observe(this.element);
	}

	/** `core`: the bytes that shares are of; null = not known. `again`: ask though nothing was chosen differently. */
	show(scope: Scope, place: Place, core: number | null): void {
		this.#wanted = { scope, place, core };
		if (document.activeElement !== this.#search) this.#search.value = this.#choice('q');
		write(this.#alone, say(this.#isAlone ? 'all lists' : 'whole list'));
		this.#ask();
	}

	/** The figures may have changed: the next `show` asks anew. */
	refresh(): void {
		this.#asked = '';
	}

	stop(): void {
		window.clearTimeout(this.#typing);
		this.#observer.disconnect();
		this.#loader.stop();
	}

	get #isAlone(): boolean {
		return this.#wanted?.place.choices.list === this.#options.dimension.groupBy;
	}

	#key(name: string): string {
		return `${this.#options.dimension.groupBy}.${name}`;
	}

	#choice(name: string): string {
		return this.#wanted?.place.choices[this.#key(name)] ?? '';
	}

	#set(changed: Readonly<Record<string, string>>): Place {
		const named = Object.entries(changed).map(([name, value]) => [this.#key(name), value]);
		return choose(this.#options.page.place(), Object.fromEntries(named));
	}

	#type(): void {
		window.clearTimeout(this.#typing);
		this.#typing = window.setTimeout(() => {
			this.#options.page.replace(this.#set({ q: this.#search.value.trim(), page: '' }));
		}, typingMs);
	}

	#toggleAlone(): void {
		const { page, dimension } = this.#options;
		page.go(choose(this.#set({ page: '' }), { list: this.#isAlone ? '' : dimension.groupBy }));
	}

	#ask(): void {
		if (!this.#seen || !this.#wanted || this.element.hidden) return;
		const { scope, core } = this.#wanted;
		const sort = sortKeys.find((key) => key === this.#choice('sort')) ?? 'total';
		const wish = {
			...{ dimension: this.#options.dimension, sort, descending: this.#choice('order') !== 'asc' },
			...{ page: Math.max(0, (Number.parseInt(this.#choice('page'), 10) || 1) - 1), search: this.#choice('q') },
			size: this.#isAlone ? rowsWhenAlone : rowsAPage,
		};
		const asked = JSON.stringify([scope, wish, core]);
		if (asked === this.#asked) return;
		this.#asked = asked;
		this.#body.setAttribute('aria-busy', 'true');
		void this.#loader.load((signal) => loadGroup(scope, wish, signal), {
			done: (found) => this.#draw(found, wish, core),
			failed: (error) => {
				this.#body.removeAttribute('aria-busy');
				fill(
					this.#body,
					failed(error, () => {
						this.#asked = '';
						this.#ask();
					}),
				);
			},
		});
	}

	#draw(found: GroupPage, wish: Parameters<typeof loadGroup>[1], core: number | null): void {
		this.#body.removeAttribute('aria-busy');
		write(this.#count, whole(found.count));
		if (found.rows.length === 0) {
			fill(this.#body, empty(say(wish.search === '' ? 'nothing here' : 'nothing found', { search: wish.search })));
			return;
		}
		const largest = Math.max(...found.rows.map(({ down, up }) => down + up));
		const head = columns.map(({ sort, name }) => {
			const on = sort === wish.sort;
			const order = on && wish.descending ? 'asc' : '';
			return el(
				'th',
				{
					scope: 'col',
					class: `number ${sort}`,
					'aria-sort': on ? (wish.descending ? 'descending' : 'ascending') : null,
				},
				el(
					'button',
					{
						type: 'button',
						class: on ? 'sort on' : 'sort',
						on: { click: () => this.#options.page.go(this.#set({ sort, order, page: '' })) },
					},
					say(name),
					on ? (wish.descending ? ' ↓' : ' ↑') : '',
				),
			);
		});
		fill(
			this.#body,
			el(
				'table',
				{ class: 'list' },
				el('caption', { class: 'unseen' }, say('list caption', { what: say(this.#options.dimension.many) })),
				el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, say(this.#options.dimension.one)), ...head)),
				el('tbody', {}, ...found.rows.map((row) => this.#row(row, largest, core))),
			),
			this.#pager(found.count, wish.page, wish.size),
		);
	}

	#row(row: GroupRow, largest: number, core: number | null): HTMLElement {
		const { page, dimension, labelOf } = this.#options;
		const filter: Filter =
			row.value === '(unattributed)'
				? { name: 'class', value: 'unattributed' }
				: { name: dimension.filter, value: row.value };
		const label = row.name ?? labelOf({ name: dimension.filter, value: row.value });
		const pick = () => page.go({ ...page.place(), filters: withFilter(page.place().filters, filter) });
		const total = row.down + row.up;
		const bar = (part: number) => `${(Math.max(0, part) / Math.max(1, largest)) * 100}%`;
		const name = canFilter(filter)
			? el(
					'button',
					{
						type: 'button',
						class: 'link',
						title: row.name === null ? label : `${label} · ${row.value}`,
						on: { click: pick },
					},
					label,
				)
			: el('span', { class: 'link', title: label }, label);
		const share = core !== null && core > 0 ? percent(total / core) : '';
		return el(
			'tr',
			{},
			el(
				'th',
				{ scope: 'row', class: 'named' },
				el(
					'div',
					{},
					name,
					el('span', { class: 'muted', title: say('share of the core') }, share),
					el(
						'span',
						{ class: 'bar', 'aria-hidden': 'true', vars: { '--down': bar(row.down), '--up': bar(row.up) } },
						el('i', { class: 'down' }),
						el('i', { class: 'up' }),
					),
				),
			),
			...(
				[
					['download', row.down],
					['upload', row.up],
					['total', total],
				] as const
			).map(([kind, count]) => el('td', { class: `number ${kind}`, title: exact(count) }, bytes(count))),
		);
	}

	#pager(count: number, at: number, size: number): HTMLElement | false {
		if (count <= size) return false;
		const last = Math.ceil(count / size) - 1;
		const step = (to: number, name: 'left' | 'right', text: TextName) =>
			el(
				'button',
				{
					...{ type: 'button', class: 'button quiet small', 'aria-label': say(text), disabled: to < 0 || to > last },
					on: { click: () => this.#options.page.replace(this.#set({ page: to === 0 ? '' : String(to + 1) })) },
				},
				icon(name),
			);
		const words = say('rows', {
			from: whole(at * size + 1),
			to: whole(Math.min(count, (at + 1) * size)),
			count: whole(count),
		});
		return el(
			'div',
			{ class: 'pager' },
			step(at - 1, 'left', 'page before'),
			el('span', { class: 'muted' }, words),
			step(at + 1, 'right', 'page after'),
		);
	}
}
