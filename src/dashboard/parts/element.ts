// Makes elements. Text goes in as text and nothing else: host names come from the network. No style attributes either
// (the content security policy refuses them): sizes that depend on figures are set as custom properties.

export type Child = Node | string | null | false;
type Handlers = { readonly [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };

export interface Attributes {
	readonly class?: string;
	readonly on?: Handlers;
	/** Custom properties, as `{ '--share': '40%' }`. */
	readonly vars?: Readonly<Record<`--${string}`, string>>;
	/** Everything else as it is called in HTML; false and null = not there, true = there without a value. */
	readonly [name: string]: unknown;
}

export function el<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attributes: Attributes = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	dress(element, attributes);
	append(element, children);
	return element;
}

export function svg(tag: string, attributes: Attributes, ...children: readonly Child[]): SVGElement {
	const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
	dress(element, attributes);
	append(element, children);
	return element;
}

function dress(element: HTMLElement | SVGElement, { on, vars, ...rest }: Attributes): void {
	for (const [name, value] of Object.entries(rest)) {
		if (value === false || value === null || value === undefined) continue;
		element.setAttribute(name, value === true ? '' : String(value));
	}
	for (const [name, value] of Object.entries(vars ?? {})) element.style.setProperty(name, value);
	for (const [name, handler] of Object.entries(on ?? {})) element.addEventListener(name, handler as EventListener);
}

function append(element: Element, children: readonly Child[]): void {
	for (const child of children) if (child !== null && child !== false) element.append(child);
}

/** Puts `children` in place of what is there. */
export function fill(element: Element, ...children: readonly Child[]): void {
	element.replaceChildren();
	append(element, children);
}

/** Writes only what has changed: a screen reader hears no figure twice, and nothing is laid out for nothing. */
export function write(element: Element, text: string): void {
	if (element.textContent !== text) element.textContent = text;
}

/** A name that may be broken after its dots, dashes and slashes, where it is too long for its place. */
export function breakable(name: string): Child[] {
	return name.split(/(?<=[.\-/_])/).flatMap((part, at) => (at === 0 ? [part] : [document.createElement('wbr'), part]));
}
