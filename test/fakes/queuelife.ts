// One life of an agent with nothing but account, ledger and queue: frames in, rows out. Tests kill it, stop it, and begin
// another one on the same disk.
import { Account } from '../../src/engine/account.ts';
import { CheckpointPacker, unpackCheckpoint } from '../../src/engine/checkpoint.ts';
import type { History } from '../../src/engine/history.ts';
import { Ledger } from '../../src/engine/ledger.ts';
import { Queue, type QueueOptions } from '../../src/sinks/queue.ts';
import type { Disk } from '../../src/system/disk.ts';
import type { Log } from '../../src/system/log.ts';
import type { FakeClock } from './clock.ts';
import type { MiniCore } from './minicore.ts';

export interface LifeOptions extends Partial<Omit<QueueOptions, 'disk' | 'clock' | 'bootId'>> {
	readonly disk: Disk;
	readonly clock: FakeClock;
	readonly core: MiniCore;
	readonly bootId?: string;
	/** Is fed what is sealed. */
	readonly history?: History;
}

export const minute = 60_000;
export const mib = 1024 * 1024;

export class Life {
	readonly queue: Queue;
	readonly ledger = new Ledger();
	account = new Account();
	readonly said: string[] = [];
	readonly failures: string[] = [];
	/** Whether a checkpoint was found. */
	wentOn = false;
	readonly #options: LifeOptions;
	readonly #packer = new CheckpointPacker();

	constructor(options: LifeOptions) {
		this.#options = options;
		const say = (text: string) => this.said.push(text);
		const log: Log = { error: say, warn: say, info: say, debug: () => {}, debugs: false };
		this.queue = new Queue({
			path: '/state/queue.db',
			persistDir: '/flash',
			log,
			limitBytes: 16 * mib,
			ageMs: 30 * 86_400_000,
			retentionMs: 0,
			commitIntervalMs: 5_000,
			flushIntervalMs: 5 * minute,
			flashBudgetBytes: 1_000_000,
			recordHosts: 'full',
			onOk: () => {},
			onFailure: (sentence) => this.failures.push(sentence),
			...options,
			bootId: options.bootId ?? 'boot-1',
		});
	}

	async start(): Promise<this> {
		const { checkpoint } = await this.queue.open();
		const found = checkpoint && unpackCheckpoint(checkpoint);
		this.wentOn = found !== null;
		const sameBoot = found?.bootId === this.#boot;
		if (found) this.ledger.restore(found.ledger, { sameBoot });
		const { ledger } = this;
		this.account = new Account(
			{
				opened: (connection, up, down) => ledger.opened(connection, up, down),
				grown: (connection, class_, up, down) => ledger.grown(connection, class_, up, down),
				closed: (connection) => ledger.closed(connection),
				unattributed: (up, down) => ledger.unattributed(up, down),
			},
			found?.account ?? null,
		);
		this.account.learnTypes(new Map([['node-1', 'Vless']]));
		this.account.arrive({ bootId: this.#boot, directId: 'direct', processStarted: null });
		this.queue.start({
			take: (how) => {
				const rows = how === 'seal' ? ledger.seal(this.#now()) : [];
				const { history, clock } = this.#options;
				for (const row of rows) history?.add(row, this.queue.placeOf(row));
				const parts = how === 'seal' ? history?.takeParts(Math.floor(clock.wall() / 1000)) : [];
				return { firstSeen: ledger.takeFirstSeen(), rows, ended: ledger.takeEnded(), history: parts ?? [] };
			},
			checkpoint: () => {
				const { wall, mono } = this.#now();
				const account = this.account.checkpoint();
				const rest = { bootId: this.#boot, wall, mono, wan: null, bypass: null };
				return account && this.#packer.pack({ ...rest, account, ledger: ledger.state() });
			},
			beginEpoch: () => ledger.beginEpoch(),
			beginAnew: () => {
				this.account.forget();
				ledger.forget();
			},
			shed: () => ledger.shed(),
		});
		return this;
	}

	/** The core's frame of now. */
	frame(): void {
		const now = this.#now();
		this.ledger.frame(now);
		this.account.frame(this.#options.core.snapshot(), now.mono);
		if (this.account.unknownLeaves.size > 0) this.account.learnTypes(new Map());
	}

	stop(): Promise<void> {
		return this.queue.stop();
	}

	get #boot(): string {
		return this.#options.bootId ?? 'boot-1';
	}

	#now() {
		const { clock } = this.#options;
		return { wall: clock.wall(), mono: clock.mono(), trusted: true };
	}
}
