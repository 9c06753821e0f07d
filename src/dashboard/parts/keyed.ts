// A list of elements that lives: each item keeps its element, so that focus, pointer and selection survive an update.

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

	show(items: readonly Item[]): void {
		const before = this.#kept;
		this.#kept = new Map();
		let next = this.#parent.firstElementChild;
		for (const item of items) {
			const key = this.#keyOf(item);
			const one = before.get(key) ?? this.#make(item);
			before.delete(key);
			one.update(item);
			this.#kept.set(key, one);
			if (one.element === next) next = next.nextElementSibling;
			else this.#parent.insertBefore(one.element, next);
		}
		for (const { element } of before.values()) element.remove();
	}
}
