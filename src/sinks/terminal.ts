// The live view on a terminal, drawn anew in place each second; log lines go above it. Where the output is no
// terminal it is one line a second instead.
import { chartPoint, drawLive, type History, lineOf, type Shown, type Words } from './picture.ts';

/** What of `process.stdout` is needed. */
export interface Output {
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly rows?: number;
	write(text: string): boolean;
	on(event: 'resize' | 'drain', listener: () => void): unknown;
	off(event: 'resize' | 'drain', listener: () => void): unknown;
}

export interface TerminalViewOptions {
	readonly stdout: Output;
	/** NO_COLOR and TERM are looked at. */
	readonly env: Readonly<Record<string, string | undefined>>;
}

/** As wide as the widest chart that makes sense; a point a second. */
const historyPoints = 300;

export class TerminalView {
	readonly #stdout: Output;
	readonly #inPlace: boolean;
	readonly #color: boolean;
	#history: History = [];
	#last: { readonly shown: Shown; readonly words: Words } | null = null;
	/** The lines that stand on the terminal now. */
	#drawn: readonly string[] = [];
	#started = false;
	/** The reader of a pipe is slow: what it does not take now is left out. */
	#full = false;

	constructor({ stdout, env }: TerminalViewOptions) {
		this.#stdout = stdout;
		this.#inPlace = stdout.isTTY === true && env.TERM !== 'dumb';
		this.#color = this.#inPlace && !env.NO_COLOR;
	}

	start(): void {
		if (this.#started) return;
		this.#started = true;
		this.#stdout.on('drain', this.#drained);
		this.#stdout.on('resize', this.#redraw);
		if (this.#inPlace) this.#write('\x1b[?25l');
	}

	/** To be called once a second. */
	show(shown: Shown, words: Words): void {
		if (!this.#started) return;
		this.#last = { shown, words };
		this.#history = [...this.#history, chartPoint(shown.speeds)].slice(-historyPoints);
		if (this.#inPlace) this.#redraw();
		else this.#write(`${lineOf(shown)}\n`);
	}

	/** A line that stays: the log, a notice. */
	aboveLine(line: string): void {
		const top = this.#inPlace && this.#started ? `${this.#toTop()}\x1b[J` : '';
		this.#write(`${top}${line}\n`, { always: true });
		this.#drawn = [];
		this.#redraw();
	}

	/** Leaves the last view where it is. */
	stop(): void {
		if (!this.#started) return;
		this.#started = false;
		this.#stdout.off('drain', this.#drained);
		this.#stdout.off('resize', this.#redraw);
		if (this.#inPlace) this.#write('\x1b[?25h', { always: true });
		this.#drawn = [];
	}

	readonly #drained = () => {
		this.#full = false;
	};

	readonly #redraw = () => {
		if (!this.#inPlace || !this.#last || this.#full) return;
		const canvas = { columns: this.#columns, rows: this.#stdout.rows || 24, color: this.#color };
		const lines = drawLive(this.#last.shown, this.#last.words, canvas, this.#history);
		// In one write, each line cleared behind its end: nothing flickers.
		this.#write(`${this.#toTop()}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
		this.#drawn = lines;
	};

	/** To the first column of the view's first line. A terminal that became narrower has wrapped what stands there. */
	#toTop(): string {
		const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(plainLength(line) / this.#columns)), 0);
		return rows > 0 ? `\r\x1b[${rows}A` : '\r';
	}

	get #columns(): number {
		return this.#stdout.columns || 80;
	}

	#write(text: string, { always = false } = {}) {
		if (this.#full && !always) return;
		this.#full = !this.#stdout.write(text);
	}
}

function plainLength(line: string): number {
	return line.replace(/\x1b\[[\d;]*m/g, '').length;
}
