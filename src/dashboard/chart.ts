// One chart for all views: classes stacked on one another, down above the axis and up below it. Dragging chooses a
// time; bands mark when something was away; what a pointer is over is told beside it. Drawn by uPlot.
import uPlot from 'uplot';
import { type ClassName, classColours, mixed, surfaces } from './classes.ts';
import { el, fill } from './element.ts';
import { say } from './language.ts';
import { onTheme, theme } from './theme.ts';

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

export interface ChartOptions {
	/** line: a value is of its moment. step: of the time until the next. */
	readonly shape: 'line' | 'step';
	readonly figure: (value: number) => string;
	/** The time of a value, in full. */
	readonly title: (at: number) => string;
	readonly tick: (at: number, step: number) => string;
	readonly onZoom?: (from: number, to: number) => void;
}

/** Fewer buckets are drawn as columns. */
const mostColumns = 62;
const shortestDrag = 6;

export class StackChart {
	readonly element = el('div', { class: 'chart' });
	readonly #options: ChartOptions;
	readonly #plotHost = el('div', { class: 'chart-plot', role: 'img' });
	readonly #tip = el('div', { class: 'chart-tip', hidden: true });
	readonly #observer = new ResizeObserver(() => this.#resize());
	readonly #stopTheme = onTheme(() => this.#remake());
	#plot: uPlot | null = null;
	#shown = '';
	#data: ChartData | null = null;

	constructor(options: ChartOptions) {
		this.#options = options;
		this.element.append(this.#plotHost, this.#tip);
		this.#observer.observe(this.#plotHost);
	}

	/** `label`: what the chart says, for those who cannot see it. */
	draw(data: ChartData, label: string): void {
		this.#data = data;
		this.#plotHost.setAttribute('aria-label', label);
		const shown = `${data.layers.map(({ name }) => name)}|${data.times.length > mostColumns}`;
		if (this.#plot && shown === this.#shown) {
			this.#plot.setData(stacked(data, this.#options.shape), false);
			this.#plot.setScale('x', { min: data.from, max: data.to });
			return;
		}
		this.#shown = shown;
		this.#remake();
	}

	stop(): void {
		this.#stopTheme();
		this.#observer.disconnect();
		this.#plot?.destroy();
	}

	#size(): { width: number; height: number } {
		return { width: this.#plotHost.clientWidth, height: this.#plotHost.clientHeight };
	}

	#resize(): void {
		if (this.#plot) this.#plot.setSize(this.#size());
		else this.#remake();
	}

	#remake(): void {
		this.#plot?.destroy();
		this.#plot = null;
		const data = this.#data;
		const size = this.#size();
		if (!data || size.width === 0) return;
		this.#plot = new uPlot(this.#setup(data, size), stacked(data, this.#options.shape), this.#plotHost);
	}

	#setup(data: ChartData, size: { width: number; height: number }): uPlot.Options {
		const { figure, tick, shape } = this.#options;
		const name = theme();
		const { card } = surfaces[name];
		const ink = name === 'dark' ? '#98a1b0' : '#5b6270';
		const line = name === 'dark' ? '#262b34' : '#e9ebef';
		const font = '12px system-ui, sans-serif';
		const paths = pathsFor(shape, data.times.length);
		const series = ([...data.layers].reverse() as readonly Layer[]).map(
			(layer): uPlot.Series => ({
				stroke: classColours[name][layer.name],
				fill: mixed(classColours[name][layer.name], card, shape === 'line' ? 0.62 : 0.78),
				width: 1,
				fillTo: 0,
				paths,
				points: { show: false },
			}),
		);
		const axis = { stroke: ink, font, ticks: { show: false }, border: { show: false } };
		return {
			...size,
			padding: [10, 4, 0, 0],
			legend: { show: false },
			cursor: {
				drag: { x: this.#options.onZoom !== undefined, y: false, setScale: false },
				points: { show: false },
				y: false,
			},
			select: { show: this.#options.onZoom !== undefined, left: 0, top: 0, width: 0, height: 0 },
			scales: {
				x: { time: true, range: () => [this.#data!.from, this.#data!.to] },
				y: { range: (_, low, high) => [Math.min(0, low) * 1.08, Math.max(high, -low / 4, 1) * 1.08] },
			},
			series: [{}, ...series, ...series],
			axes: [
				{
					...axis,
					grid: { show: false },
					space: 64,
					values: (_, splits, __, ___, step) => splits.map((at) => tick(at, step)),
				},
				{
					...axis,
					grid: { stroke: line, width: 1 },
					size: 78,
					space: 34,
					values: (_, splits) => splits.map((value) => figure(Math.abs(value))),
				},
			],
			hooks: {
				drawClear: [(plot) => this.#drawBands(plot, name === 'dark' ? '#ffffff' : '#000000')],
				draw: [(plot) => drawAxis(plot, ink)],
				setCursor: [(plot) => this.#tell(plot)],
				setSelect: [(plot) => this.#choose(plot)],
			},
		};
	}

	#choose(plot: uPlot): void {
		const { left, width } = plot.select;
		if (width < shortestDrag) return;
		const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
		plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
		this.#options.onZoom?.(from, to);
	}

	#drawBands({ ctx, bbox, valToPos }: uPlot, ink: string): void {
		for (const { from, to } of this.#data?.bands ?? []) {
			const left = Math.max(bbox.left, valToPos(from, 'x', true));
			const right = Math.min(bbox.left + bbox.width, Math.max(valToPos(to, 'x', true), left + 2));
			if (right <= left) continue;
			ctx.save();
			ctx.beginPath();
			ctx.rect(left, bbox.top, right - left, bbox.height);
			ctx.clip();
			ctx.globalAlpha = 0.05;
			ctx.fillStyle = ink;
			ctx.fillRect(left, bbox.top, right - left, bbox.height);
			ctx.globalAlpha = 0.16;
			ctx.strokeStyle = ink;
			ctx.lineWidth = devicePixelRatio;
			ctx.beginPath();
			for (let x = left - bbox.height; x < right; x += 9 * devicePixelRatio) {
				ctx.moveTo(x, bbox.top + bbox.height);
				ctx.lineTo(x + bbox.height, bbox.top);
			}
			ctx.stroke();
			ctx.restore();
		}
	}

	#tell(plot: uPlot): void {
		const data = this.#data;
		const { left = -1, idx } = plot.cursor;
		const pointed = left >= 0 && data ? this.#pointed(plot, data, left, idx) : null;
		this.#tip.hidden = pointed === null;
		if (!pointed || !data) return;
		const { index, band } = pointed;
		const { figure, title } = this.#options;
		const rows = [...data.layers]
			.reverse()
			.map((layer) => ({ layer, down: layer.down[index] ?? null, up: layer.up[index] ?? null }));
		const known = rows.filter(({ down, up }) => down !== null || up !== null);
		const shown = known.filter(({ down, up }) => down !== 0 || up !== 0);
		const total = (pick: 'down' | 'up') => known.reduce((sum, row) => sum + (row[pick] ?? 0), 0);
		fill(
			this.#tip,
			el('p', { class: 'tip-title' }, title(data.times[index]!)),
			known.length === 0 && el('p', { class: 'muted' }, say('unknown')),
			...shown.map(({ layer, down, up }) =>
				el(
					'p',
					{ class: 'tip-row' },
					el('i', { class: `dot ${layer.name}` }),
					el('span', {}, say(layer.name)),
					el('b', {}, `↓ ${figure(down ?? 0)}`),
					el('b', {}, `↑ ${figure(up ?? 0)}`),
				),
			),
			known.length > 0 &&
				el(
					'p',
					{ class: 'tip-row tip-total' },
					el('i', {}),
					el('span', {}, say('total')),
					el('b', {}, `↓ ${figure(total('down'))}`),
					el('b', {}, `↑ ${figure(total('up'))}`),
				),
			band !== null && el('p', { class: 'tip-band' }, band.text),
		);
		const room = this.element.clientWidth;
		const at = left + plot.bbox.left / devicePixelRatio;
		const width = this.#tip.offsetWidth;
		this.#tip.style.setProperty('--x', `${Math.max(0, at + 14 + width > room ? at - width - 14 : at + 14)}px`);
	}

	/** The value whose time holds the pointer; for lines the nearest. */
	#pointed(plot: uPlot, { times, bands }: ChartData, left: number, idx: number | null | undefined) {
		const at = plot.posToVal(left, 'x');
		let index = Math.min(idx ?? 0, times.length - 1);
		if (this.#options.shape === 'step' && index > 0 && times[index]! > at) index -= 1;
		if (index < 0) return null;
		return { index, band: bands.find(({ from, to }) => at >= from && at <= to) ?? null };
	}
}

function pathsFor(shape: ChartOptions['shape'], count: number): uPlot.Series.PathBuilder {
	if (shape === 'line') return uPlot.paths.linear!();
	if (count > mostColumns) return uPlot.paths.stepped!({ align: 1 });
	return uPlot.paths.bars!({ size: [0.78, 44], align: 1, radius: 0 });
}

/** Roofs of the stack, the highest first, each painted down to the axis: the next one covers what is its own. */
function stacked({ times, to, layers }: ChartData, shape: ChartOptions['shape']): uPlot.AlignedData {
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
	if (shape === 'line' || times.length <= mostColumns || times.length === 0) return [[...times], ...lines];
	// A step is drawn until the next value: the last one needs an end.
	return [[...times, to], ...lines.map((line) => [...line, line.at(-1) ?? null])];
}

function drawAxis({ ctx, bbox, valToPos }: uPlot, ink: string): void {
	const y = Math.round(valToPos(0, 'y', true));
	ctx.save();
	ctx.globalAlpha = 0.6;
	ctx.strokeStyle = ink;
	ctx.lineWidth = devicePixelRatio;
	ctx.beginPath();
	ctx.moveTo(bbox.left, y);
	ctx.lineTo(bbox.left + bbox.width, y);
	ctx.stroke();
	ctx.restore();
}
