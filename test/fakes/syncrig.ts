// A sync on a fake clock, with an outbox in memory and a receiver without sockets: what the tests of the sync hold.
import { retryDelay, retryProfiles } from '../../src/engine/backoff.ts';
import { Sync } from '../../src/sinks/sync.ts';
import type { SyncOptions } from '../../src/sinks/syncoptions.ts';
import { FakeClock } from './clock.ts';
import { FakeOutbox } from './outbox.ts';
import { randomFrom } from './random.ts';
import { Receiver, type ReceiverOptions } from './receiver.ts';
import { ReceiverTransport } from './receivertransport.ts';
import { recordOf, usage } from './wiremaker.ts';

export interface RigOptions {
	readonly receiver?: Receiver;
	readonly receiverOptions?: ReceiverOptions;
	readonly clock?: FakeClock;
	readonly seed?: number;
	readonly sync?: Partial<SyncOptions>;
}

export const agentId = 'attic-9f3c';

export class SyncRig {
	readonly clock: FakeClock;
	readonly outbox = new FakeOutbox();
	readonly receiver: Receiver;
	/** The sync's way and the wake's. */
	readonly transport: ReceiverTransport;
	readonly wake: ReceiverTransport;
	readonly sync: Sync;
	readonly news: string[] = [];
	readonly failures: string[] = [];
	gaveUp = 0;
	forgot = 0;
	#records = 0;

	constructor({ receiver, receiverOptions, clock, seed = 1, sync }: RigOptions = {}) {
		this.clock = clock ?? new FakeClock();
		this.receiver = receiver ?? new Receiver({ wall: this.clock.wall, gzip: false, ...receiverOptions });
		this.transport = new ReceiverTransport(this.receiver);
		this.wake = new ReceiverTransport(this.receiver);
		const random = randomFrom(seed);
		const ways = [this.transport, this.wake];
		this.sync = new Sync({
			clock: this.clock,
			random,
			url: 'http://master.example:9091',
			token: 'a-token-of-the-agent',
			agentId,
			instance: `instance-${seed}`,
			tz: () => 'UTC',
			hosts: 'full',
			intervalMs: 60_000,
			timeoutMs: 10_000,
			connect: () => ways.shift()!,
			outbox: this.outbox,
			picture: () => ({ devices: [], health: {}, live: null }),
			retryDelay: (failures) => retryDelay(retryProfiles.infinite, failures, random()),
			onAttempt: () => {},
			onOk: () => {},
			onForgot: () => {
				this.forgot += 1;
			},
			onFailure: (why) => this.failures.push(why),
			onGiveUp: () => {
				this.gaveUp += 1;
			},
			onNews: (text) => this.news.push(text),
			...sync,
		});
	}

	/** New connections with a row each. */
	addConnections(count: number): void {
		for (let left = count; left > 0; left -= 1) {
			this.#records += 1;
			this.outbox.addRecord(this.#records, recordOf(this.#records, { upload: 1, download: 2 }));
			this.outbox.add(usage(this.#records, 1, 2));
		}
	}

	/** How many times the sync's route was asked. */
	get posts(): number {
		return this.transport.requests.filter((line) => line.startsWith('POST')).length;
	}
}
