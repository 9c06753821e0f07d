// An agent's queue under traffic, to be killed: account, ledger and queue on a real disk. It reads the core (totals and
// connections) from stdin as JSON lines, and hands batches out and takes acknowledgements by lines on stdout and stdin.
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Snapshot } from '../../src/record.ts';
import { systemClock } from '../../src/system/clock.ts';
import { nodeDisk } from '../../src/system/disk.ts';
import { connectionOf } from '../fakes/connection.ts';
import type { MiniCore } from '../fakes/minicore.ts';
import { Life } from '../fakes/queuelife.ts';

interface Asked {
	readonly frame?: {
		readonly up: number;
		readonly down: number;
		readonly open: readonly [no: number, up: number, down: number][];
	};
	readonly drain?: boolean;
	readonly ack?: readonly [epoch: string, seq: number];
}

const folder = process.argv[2]!;
mkdirSync(folder, { recursive: true });
const connections = new Map<number, ReturnType<typeof connectionOf>>();
let snapshot: Snapshot;
const core = { snapshot: () => snapshot } as unknown as MiniCore;
const life = new Life({
	disk: nodeDisk,
	clock: systemClock as never,
	core,
	path: `${folder}/queue.db`,
	persistDir: null,
	commitIntervalMs: 20,
});
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

life.start().then(() => {
	say({ ready: life.wentOn, failures: life.failures, said: life.said });
	createInterface({ input: process.stdin }).on('line', (line) => {
		const { frame, drain, ack } = JSON.parse(line) as Asked;
		if (frame) {
			const list = frame.open.map(([no]) => {
				if (!connections.has(no)) connections.set(no, connectionOf(no));
				return connections.get(no)!;
			});
			snapshot = {
				uploadTotal: frame.up,
				downloadTotal: frame.down,
				connections: list,
				upload: Float64Array.from(frame.open, ([, up]) => up),
				download: Float64Array.from(frame.open, ([, , down]) => down),
			};
			life.frame();
		}
		if (ack) life.queue.outbox.ack(...ack);
		if (!drain) return;
		const { outbox } = life.queue;
		outbox.seal();
		for (const { epoch, acked } of outbox.epochs()) {
			const batch = outbox.peek(epoch, acked, { maxRows: 500, maxBytes: 1_000_000 });
			if (batch) say({ epoch, batch });
		}
		say({ drained: true });
	});
});
