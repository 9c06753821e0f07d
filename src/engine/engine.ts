// The engine as one: frames of the core and samples of the WAN in; speeds, sums, rows and a checkpoint out. Pure: each
// call is told the time. What it has understood outlives a restart of the agent by the checkpoint.
import type { AddressFact, Bytes, Connection, Live, NamedHost, Snapshot, WanSample } from '../record.ts';
import { Account, type CoreTotals } from './account.ts';
import type { Moment } from './buckets.ts';
import { Busiest, type BusyConnection } from './busiest.ts';
import { CheckpointPacker, unpackCheckpoint } from './checkpoint.ts';
import { ClockTrust } from './clocktrust.ts';
import { Devices } from './devices.ts';
import type { DevicesState } from './devicestate.ts';
import { Ledger, type SealedRow } from './ledger.ts';
import { Overview } from './overview.ts';
import type { CoreIdentity } from './run.ts';
import { WanCounter } from './wan.ts';

/** ms since the Unix epoch and since boot. */
export interface Now {
	readonly wall: number;
	readonly mono: number;
}

/** What is worth a line in a log, or a look at who it was. */
export interface EngineEvents {
	opened?(connection: Connection): void;
	grown?(connection: Connection, up: number, down: number): void;
	closed?(connection: Connection, up: number, down: number): void;
	newRun?(): void;
	/** A connection came from an address that nobody has told of. */
	stranger?(ip: string): void;
	/** Something may have been missed since then: a sentence, and s since the Unix epoch. */
	gap?(what: string, from: number, to: number): void;
}

export interface EngineOptions {
	/** This machine's; null where it tells none. */
	readonly bootId: string | null;
	/** ms between two samples. */
	readonly intervalMs: number;
	readonly events: EngineEvents;
	/** What a life before has left (`checkpoint`); null, or bytes that are none = begin afresh. */
	readonly checkpoint: Uint8Array | null;
	/** Likewise what it knew of the LAN's devices. */
	readonly devices: DevicesState | null;
	readonly now: Now;
}

export class Engine {
	/** Who is behind a source address. */
	readonly devices: Devices;
	readonly #options: EngineOptions;
	readonly #ledger = new Ledger();
	readonly #account: Account;
	readonly #wan: WanCounter;
	readonly #overview: Overview;
	readonly #trust: ClockTrust;
	readonly #busiest = new Busiest();
	readonly #packer = new CheckpointPacker();
	/** Wall ms of the last frame, an earlier life's included, and of the one that is being read. */
	#heard: number;
	#wall: number;
	#moment: Moment;

	constructor(options: EngineOptions) {
		this.#options = options;
		const { bootId, intervalMs, now } = options;
		this.devices = new Devices(options.devices);
		const before = options.checkpoint && unpackCheckpoint(options.checkpoint);
		const sameBoot = before !== null && before.bootId !== null && before.bootId === bootId;
		this.#heard = before?.wall ?? now.wall;
		this.#wall = now.wall;
		this.#trust = new ClockTrust(before ? before.ledger.wall * 1000 : 0);
		this.#moment = this.moment(now);
		if (before) this.#ledger.restore(before.ledger, { sameBoot });
		this.#account = this.#openAccount(before?.account ?? null);
		this.#wan = new WanCounter({
			intervalMs,
			bootId,
			...(before?.wan ? { checkpoint: before.wan } : {}),
			...(sameBoot ? { awayMs: now.mono - before.mono } : {}),
		});
		this.#overview = new Overview({ intervalMs, ...(before?.bypass ? { checkpoint: before.bypass } : {}) });
	}

	// The core

	/** A new stream begins, and who sends it. */
	arrive(identity: CoreIdentity): void {
		this.#account.arrive(identity);
	}

	/** What `/proxies` tells: types by name, and whose they are. */
	learnProxies(types: ReadonlyMap<string, string>, identity: CoreIdentity): void {
		this.#account.identify(identity);
		this.#account.learnTypes(types);
	}

	/** A frame, read at `now`. Answers whether a leaf's type is to be looked up. */
	frame(snapshot: Snapshot, now: Now): { readonly asksForTypes: boolean } {
		this.#wall = now.wall;
		this.#busiest.frame(now.mono);
		this.#ledger.frame(this.moment(now));
		this.#account.frame(snapshot, now.mono);
		this.#heard = now.wall;
		this.#overview.coreFrame(this.#account.totals(), snapshot.connections.length, now.mono);
		this.#bookBeside();
		return { asksForTypes: this.#account.unknownLeaves.size > 0 };
	}

	coreLost(): void {
		this.#overview.coreLost();
	}

	/** ms between two frames from now on. */
	set coreIntervalMs(ms: number) {
		this.#overview.coreIntervalMs = ms;
	}

	// The WAN

	/** @param intervalMs ms between two samples at the source's pace */
	wanSample(sample: WanSample, intervalMs: number, now: Now): void {
		if (sample.devices[0]) this.#overview.wanDeviceIs(sample.devices[0].name);
		const step = this.#wan.take(sample, intervalMs);
		this.#ledger.wanSample(this.moment(now));
		if (step.kind === 'growth') for (const { name, bytes } of step.devices) this.#ledger.wan(name, bytes);
		this.#overview.wanStep(step, sample.mono, intervalMs);
		this.#bookBeside();
	}

	/** What the router's tables say of the LAN, and the owner's own names. */
	learnDevices(facts: readonly AddressFact[], hosts: readonly NamedHost[], now: Now): void {
		this.devices.learn(facts, hosts, this.moment(now));
	}

	// What it means

	live(now: Now, tickMs: number): Live {
		return this.#overview.live(now.wall, now.mono, tickMs);
	}

	totals(): CoreTotals {
		return this.#account.totals();
	}

	/** What the core moved that never met the WAN; null = unknown. */
	get local(): Bytes | null {
		return this.#overview.sums?.local ?? null;
	}

	/** The connections that move most just now. */
	busiest(count: number, now: Now): BusyConnection[] {
		return this.#busiest.top(count, now.mono);
	}

	/** Runs of the core seen in this life. */
	get runs(): number {
		return this.#account.runs;
	}

	/** Both clocks, and whether the wall clock is to be believed; to be asked at least each second. */
	moment({ wall, mono }: Now): Moment {
		this.#moment = this.#trust.moment(wall, mono);
		return this.#moment;
	}

	// For the queue

	/** Connections first seen, and with `seal` what has flowed, as rows. */
	take(how: 'records' | 'seal', now: Now) {
		const rows: readonly SealedRow[] = how === 'seal' ? this.#ledger.seal(this.moment(now)) : [];
		return { firstSeen: this.#ledger.takeFirstSeen(), rows, ended: this.#ledger.takeEnded() };
	}

	/** As it is after the last `take`; null before the first frame and sample. Valid until the next call. */
	checkpoint(now: Now): Uint8Array | null {
		const account = this.#account.checkpoint();
		const wan = this.#wan.checkpoint();
		if (!account && !wan) return null;
		const { bootId } = this.#options;
		return this.#packer.pack({
			bootId,
			...now,
			account,
			wan,
			bypass: this.#overview.checkpoint(),
			ledger: this.#ledger.state(),
		});
	}

	/** Records are numbered from 1 again. */
	beginEpoch(): void {
		this.#ledger.beginEpoch();
	}

	/**
	 * The checkpoint that this life went on from was not the last one: what was counted since then is let go of, and the
	 * next frame is a baseline.
	 */
	beginAnew(): void {
		this.#account.forget();
		this.#ledger.forget();
	}

	/** Gives names up where memory runs short (`QueueSource`). */
	shed(): readonly number[] {
		return this.#ledger.shed();
	}

	#openAccount(checkpoint: ConstructorParameters<typeof Account>[1]): Account {
		const { events } = this.#options;
		const ledger = this.#ledger;
		return new Account(
			{
				opened: (connection, up, down) => {
					ledger.opened(connection, up, down);
					this.#overview.opened();
					if (connection.sourceIP !== '' && this.devices.saw(connection.sourceIP, this.#moment)) {
						events.stranger?.(connection.sourceIP);
					}
					events.opened?.(connection);
				},
				grown: (connection, class_, up, down) => {
					ledger.grown(connection, class_, up, down);
					this.#busiest.grown(connection, class_, up, down);
					events.grown?.(connection, up, down);
				},
				closed: (connection, up, down) => {
					ledger.closed(connection);
					events.closed?.(connection, up, down);
				},
				unattributed: (up, down) => ledger.unattributed(up, down),
				newRun: () => events.newRun?.(),
				gap: (what) => events.gap?.(what, Math.floor(this.#heard / 1000), Math.ceil(this.#wall / 1000)),
			},
			checkpoint ?? null,
		);
	}

	#bookBeside(): void {
		const { sums } = this.#overview;
		if (sums) this.#ledger.beside(sums);
	}
}
