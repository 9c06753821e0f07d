// The core's side of a history: a few connections that are moved by hand, so that each event can be made to happen.
import type { Bytes } from '../../src/record.ts';
import type { Dice } from './dice.ts';
import type { Flow } from './flow.ts';
import { blocked, destinations, hongKong, ownDownload } from './home.ts';
import { Opener } from './opener.ts';
import { type RunTruth, Tracker } from './tracker.ts';

export class HistoryCore {
	readonly #dice: Dice;
	readonly #largestMove: number;
	readonly #opener: Opener;
	readonly #tracker = new Tracker();
	#directId: string;
	#wall = Date.UTC(2026, 0, 1);

	/** @param largestMove the power of ten of the largest move */
	constructor(dice: Dice, largestMove: number) {
		this.#dice = dice;
		this.#largestMove = largestMove;
		this.#opener = new Opener(dice, destinations, 1);
		this.#directId = dice.uuid(6);
	}

	get directId(): string {
		return this.#directId;
	}

	get total(): Bytes {
		return { ...this.#tracker.total };
	}

	truth(): RunTruth[] {
		return this.#tracker.truth();
	}

	/** A connection of some kind. */
	open(id?: string): Flow {
		this.#wall += this.#dice.int(1, 5_000);
		const kind = this.#dice.next();
		if (kind < 0.06) return this.#tracker.open(this.#opener.describeTransport([hongKong], this.#wall));
		const to = kind < 0.12 ? ownDownload : kind < 0.15 ? blocked : this.#opener.destination();
		const description = this.#opener.describe(to, this.#wall);
		return this.#tracker.open(id === undefined ? description : { ...description, id });
	}

	/** One second of a home: some open, most move, some close with bytes that no frame has shown. */
	flow(): void {
		for (let n = this.#dice.int(0, 3); n > 0; n -= 1) this.open();
		for (const flow of this.#tracker.flows) if (this.#dice.chance(0.6)) this.#move(flow);
		for (let n = this.#dice.int(0, 2); n > 0 && this.#tracker.flows.length > 4; n -= 1) this.#close();
		if (this.#dice.chance(0.4)) this.#tracker.pass(this.#bytes(), this.#bytes());
		if (this.#dice.chance(0.2)) this.#tracker.pass(this.#bytes(), 0);
	}

	/** What is in no total goes on, also while all else rests. */
	flowUncounted(): void {
		for (const flow of this.#tracker.flows) if (!flow.counted) this.#move(flow);
	}

	/** A frame with traffic in the seams of the reading. */
	read(): string {
		const halves: (() => void)[] = [];
		const text = this.#tracker.read({
			walked: () => {
				if (this.#dice.chance(0.2)) this.#move(this.open());
				if (this.#dice.chance(0.3)) halves.push(this.#raise());
			},
			totalsRead: () => {
				if (halves.length > 0 && this.#dice.chance(0.5)) halves.pop()?.();
				if (this.#dice.chance(0.4)) this.#move(this.#some());
			},
		});
		for (const finish of halves) finish();
		return String(text);
	}

	/** A frame whose walk misses a new connection that has moved much when the totals are read. */
	readMissing(): string {
		return String(this.#tracker.read({ walked: () => this.#tracker.move(this.open(), this.#bytes(), this.#much()) }));
	}

	/** A frame while nothing moves. */
	readStill(): string {
		return String(this.#tracker.read());
	}

	closeAll(): void {
		for (const flow of [...this.#tracker.flows]) this.#tracker.close(flow);
	}

	/** One of `ids` closes, and another connection opens under its id: lower or higher than the old one. */
	reuse(ids: ReadonlySet<string>): void {
		const old = this.#tracker.flows.find(({ is }) => ids.has(is.id));
		if (!old) return;
		this.#tracker.close(old);
		this.#move(this.open(old.is.id));
	}

	/** A counter says less than before. */
	fall(): void {
		const flow = this.#some();
		this.#tracker.drop(flow, this.#dice.int(0, flow.up), this.#dice.int(0, flow.down));
	}

	reload(): void {
		this.#directId = this.#dice.uuid(6);
	}

	restart(): void {
		this.#tracker.restart();
		this.reload();
	}

	/** Moves on until both totals are above `bytes`: by what stays listed, or by what no frame shows. */
	outgrow({ up, down }: Bytes, how: 'listed' | 'never listed'): void {
		const more = { up: up + this.#bytes(), down: down + this.#much() };
		if (how === 'never listed') return this.#tracker.pass(more.up, more.down);
		// Several, so that each of them stays a plausible connection.
		const parts = this.#dice.int(1, 3);
		const all = Array.from({ length: parts }, () => this.openCounted());
		for (const flow of all) this.#tracker.move(flow, Math.ceil(more.up / parts), Math.ceil(more.down / parts));
	}

	openCounted(): Flow {
		const flow = this.open();
		return flow.counted ? flow : this.openCounted();
	}

	#close(): void {
		const flow = this.#some();
		if (this.#dice.chance(0.5)) this.#move(flow);
		this.#tracker.close(flow);
	}

	#raise(): () => void {
		const flow = this.#some();
		return this.#tracker.raise(flow, this.#bytes(), this.#bytes());
	}

	#move(flow: Flow): void {
		if (flow.is.class === 'reject') return;
		this.#tracker.move(flow, this.#dice.chance(0.2) ? 0 : this.#bytes(), this.#dice.chance(0.1) ? 0 : this.#bytes());
	}

	#some(): Flow {
		return this.#tracker.flows.length > 0 ? this.#dice.pick(this.#tracker.flows) : this.open();
	}

	/** From 1 byte up, each order of size as likely as the next. */
	#bytes(): number {
		return Math.floor(10 ** (this.#dice.next() * this.#largestMove));
	}

	#much(): number {
		return Math.floor(10 ** this.#largestMove * (1 + this.#dice.next() * 5));
	}
}
