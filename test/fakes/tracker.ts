// The simulated core's own bookkeeping, in the real one's order: a total is raised first, then the connection; a
// snapshot walks the connections, then reads the totals, then each counter while writing. It knows the truth.
import type { Bytes, Class } from '../../src/record.ts';
import { Flow, type FlowDescription } from './flow.ts';
import { frameText } from './frame.ts';

/** What was counted, by class and by source address. Connections that are in no total are in none of these. */
export interface Counted extends Bytes {
	readonly classes: Readonly<Partial<Record<Class, Bytes>>>;
	readonly devices: Readonly<Record<string, Bytes>>;
}

/** The truth of one life of the core's process. `total` = `listed` + `neverListed`. */
export interface RunTruth {
	readonly total: Bytes;
	/** Bytes of connections that were listed for some moment: what a reader of every instant could name. */
	readonly listed: Counted;
	/** Bytes of flows that no frame could ever show. */
	readonly neverListed: Bytes;
	/** Of `listed`, what the frames made so far have said: what a reader of every frame can name. */
	readonly shown: Counted;
	/** Bytes of listed connections that are in no total. */
	readonly uncounted: Bytes;
	/** Connections listed for some moment. */
	readonly opened: number;
	readonly frames: number;
}

/** What happens while a snapshot is made. Whatever these do is done by the tracker's own methods. */
export interface Meanwhile {
	/** The connections have been walked, the totals not yet read: what opens now is missing in the frame. */
	readonly walked?: () => void;
	/** The totals have been read, the counters not yet: what grows now is ahead of the totals. */
	readonly totalsRead?: () => void;
}

interface Sum {
	up: number;
	down: number;
}

class Tally {
	readonly sum: Sum = { up: 0, down: 0 };
	readonly #classes = new Map<Class, Sum>();
	readonly #devices = new Map<string, Sum>();

	add(flow: Flow, up: number, down: number): void {
		grow(this.sum, up, down);
		grow(at(this.#classes, flow.is.class), up, down);
		grow(at(this.#devices, flow.is.sourceIP), up, down);
	}

	read(): Counted {
		return { ...this.sum, classes: plain(this.#classes), devices: plain(this.#devices) };
	}
}

class Run {
	readonly total: Sum = { up: 0, down: 0 };
	readonly neverListed: Sum = { up: 0, down: 0 };
	readonly uncounted: Sum = { up: 0, down: 0 };
	readonly listed = new Tally();
	readonly shown = new Tally();
	opened = 0;
	frames = 0;
}

export class Tracker {
	/** What the core says of its own memory. */
	memory = 0;
	#run = new Run();
	readonly #runs = [this.#run];
	#flows: Flow[] = [];

	/** Open connections; the order changes. */
	get flows(): readonly Flow[] {
		return this.#flows;
	}

	get total(): Bytes {
		return this.#run.total;
	}

	open(description: FlowDescription): Flow {
		const flow = new Flow(description);
		flow.place = this.#flows.push(flow) - 1;
		this.#run.opened += 1;
		return flow;
	}

	/** It disappears, with whatever it moved since the newest frame. */
	close(flow: Flow): void {
		if (this.#flows[flow.place] !== flow) throw new Error('this connection is not open');
		const last = this.#flows.pop()!;
		if (last !== flow) {
			this.#flows[flow.place] = last;
			last.place = flow.place;
		}
		flow.place = -1;
	}

	/** Bytes of an open connection: total and counter. */
	move(flow: Flow, up: number, down: number): void {
		this.raise(flow, up, down)();
	}

	/** The first half of a move: the total is raised. The answer is the second half: the counter. */
	raise(flow: Flow, up: number, down: number): () => void {
		const run = this.#run;
		if (flow.counted) {
			grow(run.total, up, down);
			run.listed.add(flow, up, down);
		} else grow(run.uncounted, up, down);
		return () => {
			flow.up += up;
			flow.down += down;
		};
	}

	/** Bytes of flows that are never listed: short ones, UDP to REJECT. */
	pass(up: number, down: number): void {
		grow(this.#run.total, up, down);
		grow(this.#run.neverListed, up, down);
	}

	/** A counter is set to less than it was, which the real core never does. The truth stays. */
	drop(flow: Flow, up: number, down: number): void {
		flow.up = up;
		flow.down = down;
	}

	/** One snapshot as the frame's text. */
	read(meanwhile: Meanwhile = {}): Buffer {
		const walk = meanwhile.walked ? this.#flows.slice() : this.#flows;
		meanwhile.walked?.();
		const totals = { ...this.#run.total, memory: this.memory };
		// Those that close from here on have been walked: they are written.
		const written = meanwhile.totalsRead && walk === this.#flows ? walk.slice() : walk;
		meanwhile.totalsRead?.();
		this.#run.frames += 1;
		for (const flow of written) {
			if (flow.counted && (flow.up !== flow.shownUp || flow.down !== flow.shownDown)) {
				this.#run.shown.add(flow, flow.up - flow.shownUp, flow.down - flow.shownDown);
				flow.shownUp = flow.up;
				flow.shownDown = flow.down;
			}
		}
		return frameText(totals, written);
	}

	/** The process ends and another begins: totals 0, nothing listed. */
	restart(): void {
		this.#run = new Run();
		this.#runs.push(this.#run);
		for (const flow of this.#flows) flow.place = -1;
		this.#flows = [];
	}

	/** One entry per life of the process, the newest last. */
	truth(): RunTruth[] {
		return this.#runs.map((run) => ({
			total: { ...run.total },
			listed: run.listed.read(),
			neverListed: { ...run.neverListed },
			shown: run.shown.read(),
			uncounted: { ...run.uncounted },
			opened: run.opened,
			frames: run.frames,
		}));
	}
}

function grow(sum: Sum, up: number, down: number): void {
	sum.up += up;
	sum.down += down;
}

function at<Key>(sums: Map<Key, Sum>, key: Key): Sum {
	let sum = sums.get(key);
	if (!sum) {
		sum = { up: 0, down: 0 };
		sums.set(key, sum);
	}
	return sum;
}

function plain<Key extends string>(sums: Map<Key, Sum>): Record<Key, Bytes> {
	return Object.fromEntries([...sums].map(([key, sum]) => [key, { ...sum }])) as Record<Key, Bytes>;
}
