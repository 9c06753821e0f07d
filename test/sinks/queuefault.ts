// A queue whose disk fails at its N-th call, once or for ever: whatever it was, the next life finds all that was there
// before, nothing is doubled, and what is missing was told.
import assert from 'node:assert/strict';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life, minute } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

export const diskErrors = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE', 'EACCES'] as const;

interface Fault {
	readonly call: number;
	readonly code: string;
	readonly forever: boolean;
}

async function traffic(core: MiniCore, clock: FakeClock, life: Life, dice: Dice, seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second += 5) {
		if (dice.chance(0.4)) core.openOne();
		for (const connection of core.open) core.grow(connection, dice.int(0, 99), dice.int(1, 999));
		if (core.open.length > 4) core.close(dice.pick(core.open));
		await clock.advance(5000);
		life.frame();
	}
}

/** Plays three lives, the second one with the fault; answers how many calls that one made. */
export async function playFault(fault: Fault | null): Promise<number> {
	const what = JSON.stringify(fault);
	const clock = new FakeClock(Date.UTC(2026, 2, 1, 8));
	const dice = new Dice(1);
	const core = new MiniCore();
	const master = new RowMaster();
	let disk = new FakeDisk();
	const first = await new Life({ disk, clock, core }).start();
	first.frame();
	await traffic(core, clock, first, dice, 40);
	first.queue.outbox.seal();
	const { epoch, sealed } = first.queue.outbox.epochs().at(-1)!;
	disk = disk.afterKill();
	disk.fault = fault;
	const second = await new Life({ disk, clock, core, flushIntervalMs: 60_000 }).start();
	second.frame();
	await traffic(core, clock, second, dice, 30);
	master.drain(second.queue.outbox, { maxRows: 20 });
	await traffic(core, clock, second, dice, 2 * 60);
	if (dice.chance(0.5)) await second.stop();
	const { calls } = disk;
	disk = disk.afterKill();
	const third = await new Life({ disk, clock, core }).start();
	third.frame();
	await clock.advance(minute);
	third.frame();
	third.frame();
	const told = third.queue.outbox.gaps();
	master.drain(third.queue.outbox);
	const arrived = master.sum('usage', 'unattributed');
	assert.ok(arrived.up <= core.up && arrived.down <= core.down, `${what}: doubled`);
	if (told.length === 0) assert.deepEqual(arrived, { up: core.up, down: core.down }, what);
	const old = new Set(master.rows.filter((row) => row.epoch === epoch).map(({ seq }) => seq));
	for (let seq = 1; seq <= sealed; seq += 1) assert.ok(old.has(seq), `${what}: row ${seq} of the first life is gone`);
	assert.deepEqual([master.nameless, third.failures], [[], []], what);
	await third.stop();
	assert.equal(disk.openFiles, 0, what);
	return calls;
}
