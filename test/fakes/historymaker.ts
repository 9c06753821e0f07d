// Writes a history: lets things happen to a simulated core and to the agent that reads it, and asks the oracle what
// must be found. After each of its happenings the stream is up.
import type { Dice } from './dice.ts';
import type { HistoryEvent } from './history.ts';
import { HistoryCore } from './historycore.ts';
import { type Expected, type HistoryIdentity, HistoryOracle, type Kept } from './historyoracle.ts';
import { proxyTypes } from './home.ts';

/** A home's bytes, or so few that all is within the margin of the rules: powers of ten of one move. */
const largestMoves = [6.5, 6.5, 3.5];

type Without<Event> = Event extends HistoryEvent ? Omit<Event, 'mono' | 'what'> : never;

export class HistoryMaker {
	readonly events: HistoryEvent[] = [];
	readonly core: HistoryCore;
	readonly #dice: Dice;
	readonly #oracle = new HistoryOracle(proxyTypes);
	readonly #local: boolean;
	readonly #tellsDirect: boolean;
	#mono = 60_000;
	#boot: string;
	#started = 5_000;
	#checkpoint: Kept | null = null;
	#expected: Expected | null = null;
	/** Listed in a frame of this life of the agent: only their ids can be told from a second use. */
	#seen = new Set<string>();
	#lastText = '';
	/** Said with each event. */
	what = 'the beginning';

	constructor(dice: Dice) {
		this.#dice = dice;
		this.core = new HistoryCore(this.#dice, this.#dice.pick(largestMoves));
		this.#local = this.#dice.chance(0.5);
		this.#tellsDirect = this.#dice.chance(0.9);
		this.#boot = this.#dice.uuid();
		for (let n = this.#dice.int(0, 30); n > 0; n -= 1) this.core.flow();
		this.#arrive();
		this.#frames([this.core.read()]);
	}

	flow(): void {
		this.core.flow();
		this.#frames([this.core.read()]);
	}

	missTwice(): void {
		for (let twice = 0; twice < 2; twice += 1) this.#frames([this.core.readMissing()]);
	}

	stall(): void {
		const texts = Array.from({ length: this.#dice.int(2, 5) }, () => {
			this.core.flow();
			return this.core.read();
		});
		this.#mono += this.#dice.int(1_000, 60_000);
		this.#frames(texts);
	}

	/** Still frames until nothing is left to say. */
	rest(): void {
		const uncounted = this.#dice.chance(0.3);
		for (let still = 0; still < 3; still += 1) {
			if (uncounted) this.core.flowUncounted();
			this.#frames([this.core.readStill()]);
		}
		this.#add({ kind: 'rest', expected: this.#expected!, core: this.core.total });
	}

	reload(): void {
		this.core.reload();
		const identity = this.#identity();
		this.#oracle.identify(identity);
		this.#add({ kind: 'identify', identity });
	}

	reuse(): void {
		// A checkpoint keeps no start of a connection: an id that it holds must not come back as another one.
		const kept = JSON.parse(this.#checkpoint?.span.frames.at(-1) ?? '{}').connections ?? [];
		const ids = new Set(this.#seen);
		for (const { id } of kept) ids.delete(id);
		this.core.reuse(ids);
		this.#frames([this.core.read()]);
	}

	fall(): void {
		this.core.fall();
		this.#frames([this.core.read()]);
	}

	closeAll(): void {
		this.core.closeAll();
		this.#frames([this.core.readStill()]);
	}

	/** The process dies while it moves bytes, and the stream with it. */
	killCore(): void {
		this.core.flow();
		this.#add({ kind: 'lost' });
		this.#mono += this.#dice.int(500, 5_000);
		this.restartCore();
	}

	restartCore(): void {
		this.core.restart();
		this.#started = this.#mono;
	}

	/** The new process has moved more than the old one when it is heard. */
	outgrow(how: 'listed' | 'never listed'): void {
		const { uploadTotal: up, downloadTotal: down } = JSON.parse(this.#lastText);
		this.core.outgrow({ up, down }, how);
	}

	comeBack(): void {
		this.#arrive();
		this.#frames([this.core.read()]);
	}

	lose(): void {
		this.#add({ kind: 'lost' });
		for (let n = this.#dice.int(0, 8); n > 0; n -= 1) this.core.flow();
		this.#mono += this.#dice.int(1_000, 600_000);
	}

	checkpoint(): void {
		this.#checkpoint = this.#oracle.keep();
		this.#add({ kind: 'checkpoint' });
	}

	/** The agent is killed some frames after its last checkpoint, or has none that counts. */
	killAgent(from: 'checkpoint' | 'nothing'): void {
		if (from === 'checkpoint') {
			if (!this.#checkpoint || this.#dice.chance(0.7)) this.checkpoint();
			for (let n = this.#dice.int(0, 4); n > 0; n -= 1) this.flow();
		}
		this.#add({ kind: 'agent restart', from });
		if (from === 'nothing') this.#checkpoint = null;
		this.#oracle.restore(this.#checkpoint);
		this.#seen = new Set();
		this.#mono += this.#dice.int(1_000, 100_000);
	}

	/** The machine was started anew: its clock since boot too. The core with it when it is on this machine. */
	reboot(): void {
		this.killAgent('checkpoint');
		this.#boot = this.#dice.uuid();
		this.#mono = this.#dice.int(20_000, 90_000);
		if (!this.#local) return;
		this.core.restart();
		this.#started = 10_000;
		if (this.#dice.chance(0.7)) this.outgrow(this.#dice.pick(['listed', 'never listed']));
	}

	#arrive(): void {
		const identity = this.#identity();
		this.#oracle.arrive(identity);
		this.#add({ kind: 'arrive', identity });
	}

	#frames(texts: readonly string[]): void {
		this.#mono += this.#dice.int(950, 1_050);
		const last = texts.at(-1)!;
		this.#lastText = last;
		this.#expected = this.#oracle.frame(last, this.#mono);
		for (const { id } of JSON.parse(last).connections ?? []) this.#seen.add(id);
		this.#add({ kind: 'frames', texts, expected: this.#expected });
	}

	/** The process is found in /proc mostly. */
	#identity(): HistoryIdentity {
		return {
			bootId: this.#local ? this.#boot : null,
			directId: this.#tellsDirect ? this.core.directId : null,
			processStarted: this.#local && this.#dice.chance(0.6) ? this.#started : null,
		};
	}

	#add(event: Without<HistoryEvent>): void {
		this.events.push({ ...event, mono: this.#mono, what: this.what } as HistoryEvent);
	}
}
