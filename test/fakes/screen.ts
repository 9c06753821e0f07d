// A terminal of a given size: takes what is written, follows the few controls that the live view uses, wraps what is
// too long and scrolls. `lines` is what a person would see.
import { EventEmitter } from 'node:events';
import type { Output } from '../../src/sinks/terminal.ts';

export class Screen extends EventEmitter implements Output {
	readonly isTTY = true;
	columns: number;
	rows: number;
	written = '';
	cursorVisible = true;
	/** Lines that were longer than the screen is wide. */
	wrapped = 0;
	/** What `write` answers: false, as a stream whose reader is slow. */
	takes = true;
	#lines: string[][] = [[]];
	#row = 0;
	#column = 0;

	constructor(columns: number, rows: number) {
		super();
		this.columns = columns;
		this.rows = rows;
	}

	get lines(): string[] {
		return this.#lines.map((line) => line.join('').trimEnd());
	}

	write(text: string): boolean {
		this.written += text;
		for (const [part] of text.matchAll(/\x1b\[[?\d;]*[A-Za-z]|[\s\S]/gu)) this.#take(part);
		return this.takes;
	}

	#take(part: string) {
		if (part === '\n') return this.#move(this.#row + 1, 0);
		if (part === '\r') return this.#move(this.#row, 0);
		if (part.length === 1) {
			if (this.#column === this.columns) {
				this.wrapped += 1;
				this.#move(this.#row + 1, 0);
			}
			this.#lines[this.#row]![this.#column++] = part;
			return;
		}
		const count = Number(/\d+/.exec(part)?.[0] ?? 1);
		if (part.endsWith('A'))
			this.#move(Math.max(Math.max(0, this.#lines.length - this.rows), this.#row - count), this.#column);
		else if (part.endsWith('K')) this.#lines[this.#row]!.length = this.#column;
		else if (part.endsWith('J')) {
			this.#lines[this.#row]!.length = Math.min(this.#column, this.#lines[this.#row]!.length);
			this.#lines.length = this.#row + 1;
		} else if (part === '\x1b[?25l') this.cursorVisible = false;
		else if (part === '\x1b[?25h') this.cursorVisible = true;
		else if (!part.endsWith('m')) throw new Error(`a control that this screen does not know: ${JSON.stringify(part)}`);
	}

	#move(row: number, column: number) {
		while (this.#lines.length <= row) this.#lines.push([]);
		const line = this.#lines[row]!;
		while (line.length < column) line.push(' ');
		this.#row = row;
		this.#column = column;
	}
}

/** A pipe or a file. */
export class Pipe extends EventEmitter implements Output {
	written = '';
	takes = true;

	get lines(): string[] {
		return this.written.split('\n').slice(0, -1);
	}

	write(text: string): boolean {
		this.written += text;
		return this.takes;
	}
}
