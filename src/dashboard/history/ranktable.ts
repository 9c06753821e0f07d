// One list of who or what used how much, with bars; to search, sort and page through. A click on a row filters by it.
// Its choices stand in the address, under the dimension's name.

import { whole } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el, fill, write } from '../parts/element.ts';
import { type Dimension, type Filter, withFilter } from '../parts/filter.ts';
import { icon } from '../parts/icon.ts';
import { Loader } from '../parts/loader.ts';
import { empty, failed, loading } from '../parts/notice.ts';
import { rangeBefore } from '../parts/range.ts';
import type { Scope } from '../parts/scope.ts';
import { choose, type Place } from '../place.ts';
import type { Page } from '../view.ts';
import { type GroupPage, type GroupWish, loadGroup, sortKeys } from './groups.ts';
import { type Pager, pager } from './pager.ts';
import { type RankList, rankList } from './ranklist.ts';

export interface RankTableOptions {
	readonly page: Page;
	readonly dimension: Dimension;
	readonly labelOf: (filter: Filter) => string;
}

const rowsAPage = 8;
const rowsWhenAlone = 50;
/** Rows of the range before that are compared with. */
const mostBefore = 1_000;
const typingMs = 250;

export class RankTable {
	readonly element: HTMLElement;
	readonly #options: RankTableOptions;
	readonly #loader: Loader;
	readonly #comparison: Loader;
	readonly #body = el('div', { class: 'rank-body' });
	readonly #count = el('span', { class: 'muted' });
	readonly #search: HTMLInputElement;
	readonly #alone: HTMLButtonElement;
	readonly #list: RankList;
	readonly #pager: Pager;
	readonly #observer: IntersectionObserver;
	#typing = 0;
	#asked = '';
	#seen = false;
	#found: GroupPage | null = null;
	#before: ReadonlyMap<string, number> | null = null;
	#drawnFor: number | null = null;
	#wanted: { scope: Scope; place: Place; core: number | null } | null = null;

	constructor(options: RankTableOptions) {
		const { page, dimension } = options;
		this.#options = options;
		this.#loader = new Loader(page.signOut);
		this.#comparison = new Loader(page.signOut);
		this.#list = rankList({
			dimension,
			labelOf: (row) => row.name ?? options.labelOf({ name: dimension.filter, value: row.value }),
			onPick: (filter) => page.go({ ...page.place(), filters: withFilter(page.place().filters, filter) }),
			onSort: ({ sort, descending }) => page.go(this.#set({ sort, order: descending ? '' : 'asc', page: '' })),
		});
		this.#pager = pager((to) => page.replace(this.#set({ page: to === 0 ? '' : String(to + 1) })));
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

	/** `core`: the bytes that shares are of; null = not known (yet). */
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
		this.#comparison.stop();
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
		const asked = JSON.stringify([scope, wish]);
		if (asked === this.#asked) {
			if (this.#found && this.#drawnFor !== core) this.#draw(this.#found, wish);
			return;
		}
		this.#asked = asked;
		this.#found = null;
		this.#before = null;
		this.#comparison.stop();
		if (this.#body.firstChild === null) fill(this.#body, loading(rowsAPage));
		this.#body.setAttribute('aria-busy', 'true');
		void this.#loader.load((signal) => loadGroup(scope, wish, signal), {
			done: (found) => {
				this.#draw(found, wish);
				if (this.#isAlone) this.#compare(scope, wish);
			},
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

	/** One question more, for a list that stands alone: there is room for its answer. */
	#compare(scope: Scope, wish: GroupWish): void {
		const was = { ...scope, range: rangeBefore(scope.range) };
		const all: GroupWish = { ...wish, sort: 'total', descending: true, page: 0, size: mostBefore };
		void this.#comparison.load((signal) => loadGroup(was, all, signal), {
			done: ({ rows }) => {
				this.#before = new Map(rows.map(({ value, down, up }) => [value, down + up]));
				if (this.#found) this.#draw(this.#found, wish);
			},
			failed: () => {},
		});
	}

	#draw(found: GroupPage, wish: GroupWish): void {
		const core = this.#wanted?.core ?? null;
		this.#found = found;
		this.#drawnFor = core;
		this.#body.removeAttribute('aria-busy');
		write(this.#count, whole(found.count));
		if (found.rows.length === 0) {
			fill(this.#body, empty(say(wish.search === '' ? 'nothing here' : 'nothing found', { search: wish.search })));
			return;
		}
		this.#list.show(found.rows, wish, { core, before: this.#before });
		this.#pager.show(found.count, wish.page, wish.size);
		if (this.#body.firstChild !== this.#list.element) fill(this.#body, this.#list.element, this.#pager.element);
	}
}
