// The range before as a line over a range: point by point, its first where the other's first is. Pure.
import type { Outline } from '../chart/chartdata.ts';
import type { Series } from '../parts/scope.ts';

/** Of a range before of which less was counted, nothing is drawn. */
const leastKnown = 0.1;

/** Null where there is nothing to compare with. What lies before the first byte was not counted, and is no 0. */
export function outlineOf(before: Series, { times }: Series): Outline | null {
	const totals = (way: 'down' | 'up') =>
		before.times.map((_, at) => before.layers.reduce((sum, layer) => sum + (layer[way][at] ?? 0), 0));
	const [down, up] = [totals('down'), totals('up')];
	const first = down.findIndex((value, at) => value + up[at]! > 0);
	if (first < 0 || (down.length - first) / down.length < leastKnown) return null;
	const known = (values: readonly number[]) =>
		times.map((_, at) => (at < first || at >= values.length ? null : values[at]!));
	return { name: 'range before', down: known(down), up: known(up) };
}
