// Where the viewer is, whole: view, range, filters and each view's own choices. It is what stands behind the # of the
// address, so that a view can be kept and sent. There is never a token in it.
import { type Filter, filterNames } from './parts/filter.ts';

export interface Place {
	readonly view: string;
	/** As range.ts reads it. */
	readonly range: string;
	readonly filters: readonly Filter[];
	/** What only the view itself knows: a tab, an order, a page. */
	readonly choices: Readonly<Record<string, string>>;
}

export const defaultRange = '24h';

/** "#history?range=7d&device=192.168.1.23&by=host" */
export function parsePlace(hash: string): Place {
	const [view = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
	const parameters = new URLSearchParams(query);
	const filters = filterNames.flatMap((name) => {
		const value = parameters.get(name);
		return value === null ? [] : [{ name, value }];
	});
	const own = [...parameters].filter(
		([name]) => name !== 'range' && !(filterNames as readonly string[]).includes(name),
	);
	return { view, range: parameters.get('range') ?? defaultRange, filters, choices: Object.fromEntries(own) };
}

/** The same place has always the same address. */
export function hashOf({ view, range, filters, choices }: Place): string {
	const parameters = new URLSearchParams();
	if (range !== defaultRange) parameters.set('range', range);
	for (const { name, value } of filters) parameters.set(name, value);
	for (const name of Object.keys(choices).sort()) if (choices[name] !== '') parameters.set(name, choices[name]!);
	const query = parameters.toString();
	return query === '' ? `#${view}` : `#${view}?${query}`;
}

/** The place with some choices changed; '' takes one back. */
export function choose(place: Place, changed: Readonly<Record<string, string>>): Place {
	return { ...place, choices: { ...place.choices, ...changed } };
}
