// Frame after frame -> who moved how much: growth per connection and class, and the bytes nobody showed. Promise:
// at rest, per run of the core and direction, attributed + unattributed = what the core's total gained, to the byte.
// The rules and their reasons: docs/accounting.md. Counts nothing twice; what is in doubt is a gap, and said.
import type { Bytes, Class, Snapshot } from '../record.ts';
import { type ConnectionEvents, Connections, type KnownCounters, sumOf } from './connections.ts';
import { type CoreIdentity, hasFallen, judgeRun, unknownCore } from './run.ts';
import { Unattributed, type UnattributedState } from './unattributed.ts';

/** What a frame meant, told while it is read. */
export interface AccountEvents extends ConnectionEvents {
	/** Growth of the bytes that no connection showed; negative when rest corrects it. */
	unattributed?(up: number, down: number): void;
	/** Another process of the core: its totals begin at 0. */
	newRun?(): void;
	/** Something may have been missed; a sentence. */
	gap?(what: string): void;
}

/** All that must outlive this process so that the next one goes on to the byte. Plain JSON; bytes and ms. */
export interface Checkpoint {
	readonly version: 1;
	readonly identity: CoreIdentity;
	/** ms since boot of the last frame. */
	readonly mono: number;
	/** The core's totals when the run was first seen (0 for a run seen from its start), and at the last frame. */
	readonly base: Bytes;
	readonly total: Bytes;
	readonly unattributed: { readonly up: UnattributedState; readonly down: UnattributedState };
	/** Every open connection, those that do not count included. */
	readonly connections: readonly KnownCounters[];
}

/** Bytes of this life. At rest attributed + unattributed = core. */
export type CoreTotals = { readonly [Name in Class | 'attributed' | 'unattributed' | 'core']: Bytes };

/** Sums that grow. */
interface Sum {
	up: number;
	down: number;
}

const zero = (): Sum => ({ up: 0, down: 0 });

function add(sum: Sum, { up, down }: Bytes) {
	sum.up += up;
	sum.down += down;
}

export class Account {
	readonly #events: AccountEvents;
	readonly #connections: Connections;
	#identity: CoreIdentity = unknownCore;
	/** Set while the stream is new: the next frame decides whether it is the same run. */
	#arriving: CoreIdentity | null = unknownCore;
	#mono = 0;
	#runs = 0;
	/** Of the present run: the core's totals at its baseline and at the last frame (null: no frame ever), and what grew. */
	#base: Bytes = zero();
	#total: Bytes | null = null;
	#attributed = zero();
	#missing = { up: new Unattributed(), down: new Unattributed() };
	/** Of this life: what was booked, what runs that ended had, and what the present run had when this life began. */
	readonly #life = { direct: zero(), proxy: zero(), reject: zero(), attributed: zero(), unattributed: zero() };
	readonly #endedRuns = zero();
	#before: Bytes = zero();

	constructor(events: AccountEvents = {}, checkpoint: Checkpoint | null = null) {
		this.#events = events;
		this.#connections = new Connections({
			...events,
			grown: (connection, class_, up, down) => {
				add(this.#life[class_], { up, down });
				events.grown?.(connection, class_, up, down);
			},
		});
		if (checkpoint) this.#restore(checkpoint);
	}

	/** Runs of the core seen in this life. */
	get runs(): number {
		return this.#runs;
	}

	get openConnections(): number {
		return this.#connections.size;
	}

	/** Leaves whose type is to be looked up in `/proxies`; their bytes wait for `learnTypes`. */
	get unknownLeaves(): ReadonlySet<string> {
		return this.#connections.unknownLeaves;
	}

	/** `/proxies`: name -> type. */
	learnTypes(types: ReadonlyMap<string, string>): void {
		this.#connections.learnTypes(types);
	}

	/** A new stream begins, and who sends it: its first frame will be judged by that. */
	arrive(identity: CoreIdentity): void {
		this.#arriving = identity;
	}

	/** Within a stream: DIRECT may have another id (a reload). */
	identify(identity: CoreIdentity): void {
		if (this.#arriving) this.#arriving = identity;
		else this.#identity = identity;
	}

	/** The next frame, read at `mono` (ms since boot). */
	frame(snapshot: Snapshot, mono: number): void {
		const total = { up: snapshot.uploadTotal, down: snapshot.downloadTotal };
		this.#judge(snapshot, total);
		this.#total = total;
		this.#mono = mono;
		const grown = this.#connections.take(snapshot);
		add(this.#attributed, grown);
		add(this.#life.attributed, grown);
		this.#book(
			this.#missing.up.frame(total.up - this.#base.up, this.#attributed.up),
			this.#missing.down.frame(total.down - this.#base.down, this.#attributed.down),
		);
	}

	/** What was restored is not to be trusted: the next frame is a baseline. What was booked in this life stays. */
	forget(): void {
		if (!this.#total) return;
		this.#endRun();
		this.#total = null;
	}

	totals(): CoreTotals {
		const { direct, proxy, reject, attributed, unattributed } = this.#life;
		const core = (way: 'up' | 'down') => Math.max(0, this.#endedRuns[way] + this.#gained(way) - this.#before[way]);
		return {
			direct: { ...direct },
			proxy: { ...proxy },
			reject: { ...reject },
			attributed: { ...attributed },
			unattributed: { ...unattributed },
			core: { up: core('up'), down: core('down') },
		};
	}

	/** null before the first frame. Valid until the next call. */
	checkpoint(): Checkpoint | null {
		if (!this.#total) return null;
		const waiting = this.#connections.waiting();
		const missing = (way: 'up' | 'down') => {
			const state = this.#missing[way].state();
			return { ...state, attributed: state.attributed - waiting[way] };
		};
		return {
			version: 1,
			identity: this.#identity,
			mono: this.#mono,
			base: this.#base,
			total: this.#total,
			unattributed: { up: missing('up'), down: missing('down') },
			connections: this.#connections.counters(),
		};
	}

	#restore({ identity, mono, base, total, unattributed: { up, down }, connections }: Checkpoint) {
		this.#identity = identity;
		this.#mono = mono;
		this.#runs = 1;
		this.#base = base;
		this.#total = total;
		this.#attributed = { up: up.attributed, down: down.attributed };
		this.#missing = { up: new Unattributed(up), down: new Unattributed(down) };
		this.#before = { up: up.attributed + up.sum, down: down.attributed + down.sum };
		this.#connections.know(connections);
	}

	/** Is this frame of the run before, of a new one, or the very first? */
	#judge(snapshot: Snapshot, total: Bytes) {
		const arriving = this.#arriving;
		this.#arriving = null;
		if (!this.#total) {
			this.#runs = Math.max(1, this.#runs);
			this.#base = total;
			this.#connections.know(
				snapshot.connections.map(({ id }, index) => ({
					id,
					up: snapshot.upload[index]!,
					down: snapshot.download[index]!,
				})),
			);
		} else if (!arriving) {
			if (hasFallen(this.#total, total)) this.#beginRun();
		} else {
			const stored = { identity: this.#identity, total: this.#total, mono: this.#mono };
			const someListed = snapshot.connections.some(({ id }) => this.#connections.has(id));
			const verdict = judgeRun(stored, { identity: arriving, total, someListed, listed: sumOf(snapshot) });
			if (verdict === 'new') this.#beginRun();
			if (verdict === 'doubt') {
				this.#events.gap?.(
					'the core was restarted or reloaded while it was not heard, and nothing proves which: it is taken for the same run',
				);
			}
		}
		if (arriving) this.#identity = arriving;
	}

	#beginRun() {
		this.#endRun();
		this.#runs += 1;
		this.#events.newRun?.();
	}

	#endRun() {
		this.#connections.closeAll();
		this.#book(this.#missing.up.finish(), this.#missing.down.finish());
		add(this.#endedRuns, {
			up: this.#attributed.up + this.#missing.up.sum - this.#before.up,
			down: this.#attributed.down + this.#missing.down.sum - this.#before.down,
		});
		this.#base = zero();
		this.#total = zero();
		this.#attributed = zero();
		this.#missing = { up: new Unattributed(), down: new Unattributed() };
		this.#before = zero();
	}

	#gained(way: 'up' | 'down'): number {
		return (this.#total ?? this.#base)[way] - this.#base[way];
	}

	#book(up: number, down: number) {
		if (up === 0 && down === 0) return;
		add(this.#life.unattributed, { up, down });
		this.#events.unattributed?.(up, down);
	}
}
