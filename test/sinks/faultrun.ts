// A sync over real sockets to a receiver that fails in every way it knows, the sums compared at the end.
import assert from 'node:assert/strict';
import { Sync } from '../../src/sinks/sync.ts';
import { systemClock } from '../../src/system/clock.ts';
import { HttpClient } from '../../src/system/http.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeOutbox } from '../fakes/outbox.ts';
import { Receiver, type ReceiverOptions, sumsOf } from '../fakes/receiver.ts';
import { type ReceiverFault, ReceiverServer } from '../fakes/receiverserver.ts';
import { until } from '../fakes/until.ts';
import { other, recordOf, usage } from '../fakes/wiremaker.ts';

export const token = 'secret-token-of-the-agent-0123456789';
export const agentId = 'attic-9f3c';
export const pourBytes = 300_000_000;

/** By name; `freeze`, `late` and `drip` last the agent's timeout, the others no time. */
export const faults: readonly ReceiverFault[] = [
	{ kind: 'reset' },
	{ kind: 'reset', commits: true },
	{ kind: 'freeze' },
	{ kind: 'freeze', commits: true },
	{ kind: 'truncate', commits: true },
	{ kind: 'cut', commits: true },
	{ kind: 'late', ms: 200 },
	{ kind: 'drip', ms: 1 },
	{ kind: 'pour', bytes: pourBytes },
	{ kind: 'say', text: '<html>welcome to the hotel</html>' },
	{ kind: 'say', text: '{"status":"success","data":{"count":0}}' },
	{ kind: 'status', status: 500 },
	{ kind: 'status', status: 503, headers: { 'Retry-After': 'soon' } },
	{ kind: 'status', status: 408 },
];

/** An agent's sync on real sockets, hurried. Stopped by the caller. */
export class SocketRig {
	readonly outbox = new FakeOutbox();
	readonly receiver: Receiver;
	readonly server: ReceiverServer;
	readonly sync: Sync;
	/** All that was said to anybody. */
	readonly said: string[] = [];
	#records = 0;

	constructor(options: ReceiverOptions & { readonly timeoutMs?: number; readonly intervalMs?: number } = {}) {
		this.receiver = new Receiver(options);
		this.server = new ReceiverServer({ receiver: this.receiver, token });
		const { timeoutMs = 150, intervalMs = 20 } = options;
		this.sync = new Sync({
			clock: systemClock,
			random: () => 0,
			// The port is known once it listens: the server is started first.
			url: 'http://127.0.0.1',
			token,
			agentId,
			instance: 'i1',
			tz: () => 'UTC',
			hosts: 'full',
			intervalMs,
			timeoutMs,
			connect: () => this.#client(),
			outbox: this.outbox,
			picture: () => ({ devices: [], health: {}, live: null }),
			retryDelay: () => 1,
			onAttempt: () => {},
			onOk: () => {},
			onForgot: () => {},
			onFailure: (why) => this.said.push(why),
			onGiveUp: () => {},
			onNews: (text) => this.said.push(text),
		});
	}

	/** A client that puts in the port, which the server only has when it listens. */
	#client() {
		const client = new HttpClient({ clock: systemClock, tls: null });
		return {
			request: (request: Parameters<HttpClient['request']>[0]) => {
				const url = new URL(String(request.url));
				url.port = new URL(this.server.url).port;
				return client.request({ ...request, url });
			},
			close: () => client.close(),
		};
	}

	/** `count` rows, some of new connections. */
	grow(dice: Dice, count: number): void {
		for (let left = count; left > 0; left -= 1) {
			if (this.#records === 0 || dice.chance(0.3)) {
				this.#records += 1;
				this.outbox.addRecord(this.#records, recordOf(this.#records));
			}
			if (dice.chance(0.8)) this.outbox.add(usage(dice.int(1, this.#records), dice.int(0, 1e6), dice.int(0, 1e6)));
			else this.outbox.add(other('unattributed', dice.int(-1000, 1000), dice.int(0, 1000)));
		}
	}

	get isEmpty(): boolean {
		return this.outbox.epochs().every(({ acked, sealed }) => acked === sealed);
	}

	/** What the receiver should have. */
	get truth() {
		const { epoch } = this.outbox.epochs()[0]!;
		return sumsOf(this.outbox.peek(epoch, 0, { maxRows: 1e9, maxBytes: 1e12 })?.rows ?? []);
	}
}

/** `rounds` of every fault in random order, while rows come; to the byte at the end. */
export async function faultRun({ rounds, seed }: { readonly rounds: number; readonly seed: number }): Promise<void> {
	const dice = new Dice(seed);
	const rig = new SocketRig();
	const plan = Array.from({ length: rounds }, () => faults).flat();
	plan.sort(() => dice.next() - 0.5);
	rig.server.fault = () => (dice.chance(0.5) ? (plan.pop() ?? null) : null);
	await rig.server.start();
	rig.sync.start();
	try {
		while (plan.length > 0) {
			const left = plan.length;
			rig.grow(dice, dice.int(0, 200));
			await until(() => plan.length < left, `seed ${seed}: the next fault of ${left}`);
		}
		await until(() => rig.isEmpty, `seed ${seed}: an empty queue`);
		assert.deepEqual(rig.receiver.sums(agentId), rig.truth, `seed ${seed}`);
		for (const text of rig.said) assert.ok(!text.includes(token), text);
	} finally {
		await rig.sync.stop();
		await rig.server.stop();
	}
}
