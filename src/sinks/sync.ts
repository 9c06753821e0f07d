// The sync: each interval what grew is sealed and goes to the master, whichever kind it is, until nothing waits. One
// request is under way at a time. Promises: never throws, never gives a row up for a master that is away.
import { sleep } from '../system/clock.ts';
import { Allowance } from './allowance.ts';
import { Courier, type Transport, type Trouble } from './courier.ts';
import { type MasterOptions, NetmonMaster, noQueue, type Step } from './netmonmaster.ts';
import { OldMaster } from './oldmaster.ts';
import { SyncBodies } from './syncbody.ts';
import type { SyncOptions, SyncState } from './syncoptions.ts';
import { Tempo } from './tempo.ts';
import { afterAsked } from './verdict.ts';
import { Wake } from './wake.ts';

/** Agents that are started together, by a power cut that ends, do not come in one second. */
const firstWithinMs = 10_000;
/** How often a master is asked again where a person has to act. */
const probeMs = 5 * 60_000;

export class Sync {
	readonly #options: SyncOptions;
	readonly #transports: readonly [Transport, Transport];
	readonly #stopping = new AbortController();
	readonly #courier: Courier;
	readonly #bodies: SyncBodies;
	readonly #netmon: NetmonMaster;
	readonly #old: OldMaster;
	readonly #allowance: Allowance;
	readonly #wake: Wake;
	#tempo: Tempo;
	#master: 'netmon' | 'old' | null = null;
	/** The kind that was told in the log. */
	#toldKind: 'netmon' | 'old' | null = null;
	#state: SyncState['state'] = 'starting';
	#lastSuccess: number | null = null;
	#failures = 0;
	/** Ends the wait for the next moment. */
	#pause = new AbortController();
	/** Somebody asked for a sync since the last one began. */
	#wanted = false;
	/** The master at hand was told that a sync begins. */
	#begun = false;
	#running: Promise<void> | null = null;

	constructor(options: SyncOptions) {
		this.#options = options;
		const { clock, random, connect, agentId, outbox, onNews, onForgot } = options;
		this.#transports = [connect(), connect()];
		const signal = this.#stopping.signal;
		const courier = new Courier({ ...options, transport: this.#transports[0], signal });
		this.#courier = courier;
		this.#bodies = new SyncBodies(options);
		this.#allowance = new Allowance(clock);
		const master: MasterOptions = {
			courier,
			bodies: this.#bodies,
			outbox,
			allowance: this.#allowance,
			onNews,
			onForgot,
		};
		this.#netmon = new NetmonMaster(master);
		this.#old = new OldMaster(master);
		this.#wake = new Wake({
			clock,
			courier,
			transport: this.#transports[1],
			agentId,
			onWake: () => {
				this.#bodies.watched = true;
				this.syncNow();
			},
		});
		this.#tempo = new Tempo(options.intervalMs, clock.mono(), random());
	}

	start(): void {
		this.#running ??= this.#run();
	}

	/** Leaves what is under way; its rows are still there. Idempotent. */
	async stop(): Promise<void> {
		this.#stopping.abort();
		this.#pause.abort();
		for (const transport of this.#transports) transport.close();
		await this.#wake.close();
		await this.#running;
		if (this.#state !== 'given up') this.#state = 'stopped';
	}

	/** Does not wait for the next moment; a master that is away, or asked to be left alone, is not troubled by it. */
	syncNow(): void {
		this.#wanted = true;
		this.#pause.abort();
	}

	state(): SyncState {
		return {
			state: this.#state,
			last_success: this.#lastSuccess === null ? null : new Date(this.#lastSuccess).toISOString(),
			backlog_seconds: this.#options.outbox.backlogSeconds(this.#options.clock.wall()),
			bytes_sent: this.#courier.bytesSent,
			master: this.#master,
			set_aside: this.#allowance.count,
		};
	}

	async #run(): Promise<void> {
		const { clock, random, intervalMs } = this.#options;
		const { signal } = this.#stopping;
		await sleep(clock, random() * Math.min(firstWithinMs, intervalMs), signal);
		while (!signal.aborted) {
			const trouble = await this.#sync();
			if (signal.aborted) return;
			if (trouble) {
				const ms = this.#fail(trouble);
				if (ms === null) return;
				await sleep(clock, ms, signal);
				continue;
			}
			this.#pause = new AbortController();
			if (!this.#wanted) await sleep(clock, this.#tempo.waitMs(clock.mono()), this.#pause.signal);
		}
	}

	/** All that waits, from who is there to the last row; null = done. */
	async #sync(): Promise<Trouble | null> {
		const { clock, outbox, onAttempt } = this.#options;
		let changes = 0;
		this.#wanted = false;
		this.#begun = false;
		onAttempt();
		while (!this.#stopping.signal.aborted) {
			if (this.#master === null) {
				const trouble = await this.#greet();
				if (trouble) return trouble;
				continue;
			}
			const master = this.#master === 'netmon' ? this.#netmon : this.#old;
			if (!this.#begun) master.begin();
			this.#begun = true;
			if (this.#tempo.takeDue(clock.mono()) || this.#lastSuccess === null) outbox.seal();
			const step = await master.step();
			if (step.kind === 'retry' || step.kind === 'blocked') return step;
			if (step.kind === 'stopped') return null;
			if (step.kind === 'changed') {
				this.#master = null;
				this.#begun = false;
				changes += 1;
				if (changes > 1) return { kind: 'retry', why: changingMaster, askedMs: 0 };
				continue;
			}
			this.#progress();
			if (step.kind === 'done') {
				this.#rest(step);
				return null;
			}
		}
		return null;
	}

	/** The first question: which kind of master is there? */
	async #greet(): Promise<Trouble | null> {
		const { outbox, onNews } = this.#options;
		const newest = outbox.epochs().at(-1);
		if (!newest) return noQueue;
		if (this.#options.clock.wall() < firstTime) return { kind: 'retry', why: noClock, askedMs: 0 };
		const outcome = await this.#courier.post(this.#bodies.hello(newest.epoch, newest.acked));
		if (outcome.kind === 'stopped') return null;
		if (outcome.kind === 'bad') return { kind: 'blocked', why: outcome.why, askedMs: 0 };
		if (outcome.kind === 'retry' || outcome.kind === 'blocked') return outcome;
		const trouble = outcome.kind === 'netmon' ? this.#netmon.greet(newest, outcome) : null;
		if (trouble) return trouble;
		this.#master = outcome.kind;
		this.#wake.greet();
		if (this.#toldKind !== outcome.kind) {
			onNews(outcome.kind === 'netmon' ? 'the master is netmon' : oldMasterNews);
			this.#toldKind = outcome.kind;
		}
		return null;
	}

	/** The master took something, or said what is wrong with it. */
	#progress(): void {
		this.#failures = 0;
		this.#state = 'up';
		this.#lastSuccess = this.#options.clock.wall();
	}

	/** Nothing waits any more. */
	#rest({ nextSyncS }: Step & { kind: 'done' }): void {
		this.#tempo.nextSyncS = nextSyncS;
		this.#bodies.watched = this.#tempo.isFast;
		if (this.#master !== 'netmon' || this.#tempo.isFast) void this.#wake.close();
		else this.#wake.open();
		this.#options.onOk();
	}

	/** ms to wait; null = over. */
	#fail({ kind, why, askedMs }: Trouble): number | null {
		const { random, retryDelay, onFailure, onGiveUp } = this.#options;
		this.#master = null;
		this.#tempo.nextSyncS = 0;
		this.#bodies.watched = false;
		void this.#wake.close();
		this.#failures += 1;
		this.#state = kind === 'blocked' ? 'blocked' : 'retrying';
		onFailure(why);
		const asked = afterAsked(askedMs, random());
		const delay = retryDelay(this.#failures);
		if (delay !== null) return Math.max(asked, kind === 'blocked' ? probeMs * (0.9 + random() * 0.1) : delay);
		this.#state = 'given up';
		onGiveUp();
		return null;
	}
}

/** No router without a clock of its own has this before NTP has set it; a master refuses what is older. */
const firstTime = Date.UTC(2020);
const noClock = 'the clock is not set yet: waiting for NTP';
const changingMaster =
	'the master answers now as a netmon master, now as an old one: are there two behind one address?';
const oldMasterNews =
	'the master is an old one: it gets connections with their totals; what has no connection (unattributed, WAN, ' +
	'overhead, bypass) waits for a netmon master and ages out';
