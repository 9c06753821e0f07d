// What a chart shows, and the lines it is drawn by. Pure.
import type { ClassName } from '../parts/classes.ts';

/** One class; null = unknown at that time. */
export interface Layer {
	readonly name: ClassName;
	readonly down: readonly (number | null)[];
	readonly up: readonly (number | null)[];
}

/** A time in which something may be missing. */
export interface Band {
	/** s since the Unix epoch. */
	readonly from: number;
	readonly to: number;
	readonly text: string;
	/** missing: bytes may be in no sum. late: they are drawn at its end. wan_unknown: only the core is known. away: not heard yet. */
	readonly kind: 'missing' | 'late' | 'wan_unknown' | 'away';
}

/** A thin line over the stack: a sum that was counted otherwise, or at another time. */
export interface Outline {
	readonly name: 'wan' | 'range before';
	readonly down: readonly (number | null)[];
	readonly up: readonly (number | null)[];
}

export interface ChartData {
	/** Where each value's time begins, s since the Unix epoch, ascending. */
	readonly times: readonly number[];
	/** The ends of the axis. */
	readonly from: number;
	readonly to: number;
	/** From the bottom of the stack to its top. */
	readonly layers: readonly Layer[];
	readonly outline: Outline | null;
	readonly bands: readonly Band[];
}

/** line: a value is of its moment. step and column: of the time until the next one. */
export type Shape = 'line' | 'step' | 'column';

/** Times, then one line for each roof. */
export type StackedData = [times: number[], ...lines: (number | null)[][]];

/** Roofs of the stack, the highest first, each painted down to the axis: the next one covers what is its own. Then the outline. */
export function stacked({ times, to, layers, outline }: ChartData, shape: Shape): StackedData {
	const roofs = (pick: 'down' | 'up', sign: 1 | -1) => {
		const sums = times.map(() => 0);
		const lines = layers.map((layer) =>
			times.map((_, at) => {
				sums[at]! += layer[pick][at] ?? 0;
				return layers.every((one) => one[pick][at] === null) ? null : sign * sums[at]!;
			}),
		);
		return lines.reverse();
	};
	const below = (values: readonly (number | null)[]) => values.map((value) => value && -value);
	const over = outline ? [[...outline.down], below(outline.up)] : [];
	const lines = [...roofs('down', 1), ...roofs('up', -1)];
	if (shape === 'line') return [[...times], ...lines, ...over];
	// A step is drawn until the next value: the last one needs an end.
	const ended = (line: (number | null)[]) => [...line, line.at(-1) ?? null];
	const stack = shape === 'step' ? lines.map(ended) : lines.map((line) => [...line, null]);
	return [[...times, to], ...stack, ...over.map(ended)];
}

const steps = [1, 1.5, 2, 3, 4, 6, 8, 10];

/** A round figure above: a scale that ends there does not move with each value. */
export function roundTop(value: number): number {
	if (value <= 0) return 0;
	const power = 10 ** Math.floor(Math.log10(value));
	return steps.find((step) => step * power >= value)! * power;
}
