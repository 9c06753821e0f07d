// A list of elements that lives: each item keeps its element, so that focus, pointer and selection survive an update.
// The one that has the focus is never moved, which would take it away: the others go around it.

export interface Made<Item> {
	readonly element: Element;
	update(item: Item): void;
}

export class KeyedList<Item> {
	readonly #parent: Element;
	readonly #keyOf: (item: Item) => string;
	readonly #make: (item: Item) => Made<Item>;
	#kept = new Map<string, Made<Item>>();

	constructor(parent: Element, keyOf: (item: Item) => string, make: (item: Item) => Made<Item>) {
		this.#parent = parent;
		this.#keyOf = keyOf;
		this.#make = make;
	}

	/** Whoever was on an item that is gone is on the one in its place, if there is any. */
	show(items: readonly Item[]): void {
		const all = [...this.#parent.children];
		const heldAt = all.findIndex((one) => one.contains(document.activeElement));
		const before = this.#kept;
		this.#kept = new Map();
		let next = this.#parent.firstElementChild;
		for (const item of items) {
			let key = this.#keyOf(item);
			while (this.#kept.has(key)) key += ' ';
			const one = before.get(key) ?? this.#make(item);
			before.delete(key);
			one.update(item);
			this.#kept.set(key, one);
			const { element } = one;
			if (element === all[heldAt]) {
				while (next !== element) {
					const other = next!;
					next = other.nextElementSibling;
					this.#parent.append(other);
				}
			}
			if (element === next) next = next.nextElementSibling;
			else this.#parent.insertBefore(element, next);
		}
		for (const { element } of before.values()) element.remove();
		if (heldAt >= 0 && !all[heldAt]!.isConnected) this.#focusAt(heldAt);
	}

	#focusAt(at: number): void {
		const { children } = this.#parent;
		const near = children[Math.min(at, children.length - 1)];
		const target = near?.matches('button') ? near : near?.querySelector('button');
		(target as HTMLElement | null | undefined)?.focus({ preventScroll: true });
	}
}
