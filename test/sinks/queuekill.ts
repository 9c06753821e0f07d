// Rounds of: start the queue's program on its folder, feed it the core, take its batches, kill it at a random moment.
// The oracle is here: what the core moved against what arrived.
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { OutboxBatch } from '../../src/sinks/outbox.ts';
import { Dice } from '../fakes/dice.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

interface Said {
	readonly ready?: boolean;
	readonly failures?: readonly string[];
	readonly said?: readonly string[];
	readonly epoch?: string;
	readonly batch?: OutboxBatch;
	readonly drained?: boolean;
}

class Child {
	readonly #process: ChildProcessWithoutNullStreams;
	readonly #lines: AsyncIterator<string>;

	constructor(folder: string) {
		this.#process = spawn(process.execPath, ['build/test/sinks/queuekill.program.js', folder]);
		this.#process.stderr.pipe(process.stderr);
		this.#process.stdin.on('error', () => {});
		this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
	}

	/** null: it is dead. */
	async hear(): Promise<Said | null> {
		const { value, done } = await this.#lines.next();
		return done ? null : (JSON.parse(value) as Said);
	}

	tell(value: unknown): void {
		this.#process.stdin.write(`${JSON.stringify(value)}\n`);
	}

	async kill(): Promise<void> {
		this.#process.kill('SIGKILL');
		while (await this.hear());
	}
}

export async function playKills(folder: string, { rounds, seed }: { rounds: number; seed: number }): Promise<void> {
	const dice = new Dice(seed);
	const master = new RowMaster();
	const core = { up: 0, down: 0, open: new Map<number, [number, number]>() };
	let next = 1;
	const move = () => {
		if (dice.chance(0.5)) core.open.set(next++, [0, 0]);
		for (const [no, counters] of core.open) {
			const [up, down] = [dice.int(0, 500), dice.int(1, 5000)];
			counters[0] += up;
			counters[1] += down;
			core.up += up;
			core.down += down;
			if (dice.chance(0.05)) core.open.delete(no);
		}
	};
	const frame = () => ({
		frame: { up: core.up, down: core.down, open: [...core.open].map(([no, sums]) => [no, ...sums]) },
	});
	let committed = false;
	for (let round = 0; round <= rounds; round += 1) {
		const child = new Child(folder);
		const last = round === rounds;
		let timer: NodeJS.Timeout | undefined;
		const killSoon = () => {
			timer ??= setTimeout(() => void child.kill(), dice.int(0, 900));
		};
		// Not before the first life's baseline is on disk: what the core moved by then is nobody's.
		if (committed && !last) killSoon();
		const started = await child.hear();
		if (started) {
			assert.deepEqual(started.failures, [], `seed ${seed}, round ${round}`);
			assert.equal(started.ready, committed, `seed ${seed}, round ${round}: ${started.said?.join('; ')}`);
			// The first frame of the first life is its baseline.
			if (!committed) child.tell(frame());
			for (let turn = 0; turn < (last ? 3 : 1000); turn += 1) {
				if (!last || turn === 0) move();
				child.tell(frame());
				child.tell({ drain: true });
				let heard = await child.hear();
				for (; heard && !heard.drained; heard = await child.hear()) {
					const acked = master.take(heard.epoch!, heard.batch!);
					// Now and then the answer is lost.
					if (last || dice.chance(0.8)) child.tell({ ack: [heard.epoch, acked] });
				}
				if (!heard) break;
				committed = true;
				if (!last) killSoon();
			}
			for (let heard = true; last && heard; ) {
				heard = false;
				child.tell({ drain: true });
				for (let said = await child.hear(); said && !said.drained; said = await child.hear()) {
					child.tell({ ack: [said.epoch, master.take(said.epoch!, said.batch!)] });
					heard = true;
				}
			}
		}
		clearTimeout(timer);
		await child.kill();
	}
	assert.deepEqual(master.sum('usage', 'unattributed'), { up: core.up, down: core.down }, `seed ${seed}`);
	assert.deepEqual([master.nameless, master.repeated], [[], []], `seed ${seed}`);
}
