// One chart for all views: classes stacked on one another, down above the axis and up below it. Dragging chooses a
// time; bands mark when something was away; what a pointer is over is told beside it. Drawn by uPlot.
import uPlot from 'uplot';
import { classColours, mixed, surfaces } from '../parts/classes.ts';
import { el } from '../parts/element.ts';
import { onTheme, theme } from '../parts/theme.ts';
import { type ChartData, type Layer, roundTop, type Shape, stacked } from './chartdata.ts';
import { fillTip, type Pointed, type TipWords } from './charttip.ts';

export interface ChartOptions extends TipWords {
	/** line: a value is of its moment. time: of the time until the next one. */
	readonly kind: 'line' | 'time';
	readonly tick: (at: number, step: number) => string;
	readonly onZoom?: (from: number, to: number) => void;
}

/** Fewer buckets are drawn as columns. */
const mostColumns = 62;
const shortestDrag = 6;
/** The axis goes up to this at least: less would be parts of a byte. */
const leastTop = 10;

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
		const shown = `${data.layers.map(({ name }) => name)}|${data.outline?.name}|${this.#shapeOf(data)}`;
		if (this.#plot && shown === this.#shown) {
			this.#plot.setData(stacked(data, this.#shapeOf(data)), false);
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

	#shapeOf({ times }: ChartData): Shape {
		if (this.#options.kind === 'line') return 'line';
		return times.length > mostColumns ? 'step' : 'column';
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
		this.#plot = new uPlot(this.#setup(data, size), stacked(data, this.#shapeOf(data)), this.#plotHost);
	}

	#setup(data: ChartData, size: { width: number; height: number }): uPlot.Options {
		const { figure, tick } = this.#options;
		const shape = this.#shapeOf(data);
		const name = theme();
		const { card } = surfaces[name];
		const ink = name === 'dark' ? '#98a1b0' : '#5b6270';
		const line = name === 'dark' ? '#262b34' : '#e9ebef';
		const font = '12px system-ui, sans-serif';
		const paths = pathsFor(shape);
		const series = ([...data.layers].reverse() as readonly Layer[]).map(
			(layer): uPlot.Series => ({
				stroke: classColours[name][layer.name],
				fill: mixed(classColours[name][layer.name], card, shape === 'line' ? 0.62 : 0.82),
				width: shape === 'line' ? 1 : 0,
				fillTo: 0,
				paths,
				points: { show: false },
			}),
		);
		const outline: uPlot.Series = {
			...{ stroke: name === 'dark' ? '#e9ebef' : '#171a20', width: 1, points: { show: false } },
			paths: pathsFor(shape === 'line' ? 'line' : 'step'),
		};
		const axis = { stroke: ink, font, ticks: { show: false }, border: { show: false } };
		return {
			...size,
			padding: [10, 22, 0, 0],
			legend: { show: false },
			cursor: {
				drag: { x: this.#options.onZoom !== undefined, y: false, setScale: false },
				points: { show: false },
				y: false,
			},
			select: { show: this.#options.onZoom !== undefined, left: 0, top: 0, width: 0, height: 0 },
			scales: {
				x: { time: true, range: () => [this.#data!.from, this.#data!.to] },
				y: { range: (_, low, high) => this.#ends(low, high) },
			},
			series: [{}, ...series, ...series, ...(data.outline ? [outline, outline] : [])],
			axes: [
				{
					...axis,
					grid: { show: false },
					size: 30,
					space: (_, __, from, to) => tickSpace(font, [tick(from, 1), tick(to, 1), tick(from, 86_400)]),
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

	/** What moves each second ends at a round figure; what stands still has all the room. */
	#ends(low: number, high: number): [number, number] {
		const [bottom, top] = [Math.max(0, -low), Math.max(high, -low / 4, leastTop)];
		return this.#options.kind === 'line' ? [-roundTop(bottom), roundTop(top)] : [-bottom * 1.08, top * 1.08];
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
		fillTip(this.#tip, data, pointed, this.#options);
		const room = this.element.clientWidth;
		const at = left + plot.bbox.left / devicePixelRatio;
		const width = this.#tip.offsetWidth;
		this.#tip.style.setProperty('--x', `${Math.max(0, at + 14 + width > room ? at - width - 14 : at + 14)}px`);
	}

	/** The value whose time holds the pointer; for lines the nearest. */
	#pointed(plot: uPlot, { times, bands }: ChartData, left: number, idx: number | null | undefined): Pointed | null {
		const at = plot.posToVal(left, 'x');
		let index = Math.min(idx ?? 0, times.length - 1);
		if (this.#options.kind === 'time' && index > 0 && times[index]! > at) index -= 1;
		if (index < 0) return null;
		return { index, band: bands.find(({ from, to }) => at >= from && at <= to) ?? null };
	}
}

function pathsFor(shape: Shape): uPlot.Series.PathBuilder {
	if (shape === 'line') return uPlot.paths.linear!();
	if (shape === 'step') return uPlot.paths.stepped!({ align: 1 });
	return uPlot.paths.bars!({ size: [0.78, 44], align: 1, radius: 0 });
}

/** px between two ticks: some languages write a time with three words. */
function tickSpace(font: string, texts: readonly string[]): number {
	const context = document.createElement('canvas').getContext('2d')!;
	context.font = font;
	return Math.max(...texts.map((text) => context.measureText(text).width)) + 16;
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
