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

export interface ChartData {
	/** Where each value's time begins, s since the Unix epoch, ascending. */
	readonly times: readonly number[];
	/** The ends of the axis. */
	readonly from: number;
	readonly to: number;
	/** From the bottom of the stack to its top. */
	readonly layers: readonly Layer[];
	readonly bands: readonly Band[];
}

/** line: a value is of its moment. step and column: of the time until the next one. */
export type Shape = 'line' | 'step' | 'column';

/** Times, then one line for each roof. */
export type StackedData = [times: number[], ...lines: (number | null)[][]];

/** Roofs of the stack, the highest first, each painted down to the axis: the next one covers what is its own. */
export function stacked({ times, to, layers }: ChartData, shape: Shape): StackedData {
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
	const lines = [...roofs('down', 1), ...roofs('up', -1)];
	if (shape !== 'step') return [[...times], ...lines];
	// A step is drawn until the next value: the last one needs an end.
	return [[...times, to], ...lines.map((line) => [...line, line.at(-1) ?? null])];
}
