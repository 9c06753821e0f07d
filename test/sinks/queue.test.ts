import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../../src/wire.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life, minute } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

const wall = Date.UTC(2026, 2, 1, 8);

function checkSums(life: Life): void {
	const status = life.queue.status()!;
	const { file } = life.queue.store!;
	for (const [no, kind] of kinds.entries()) {
		const { sealed, acknowledged, queued, dropped } = status.sums[kind];
		for (const way of ['up', 'down'] as const) {
			assert.equal(sealed[way], acknowledged[way] + queued[way] + dropped[way], `${kind} ${way}`);
			const waiting = file.get<{ sum: number }>(
				`SELECT coalesce(sum(r.${way}), 0) AS sum FROM rows r JOIN epochs e ON e.id = r.epoch
				WHERE r.seq > e.acked AND r.kind = ?`,
				no,
			)!.sum;
			assert.equal(queued[way], waiting, `${kind} ${way} waits`);
		}
	}
}

/** Frames each second; some connections come, grow and go. */
async function traffic(core: MiniCore, clock: FakeClock, life: Life, dice: Dice, seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second += 1) {
		if (dice.chance(0.5)) core.openOne();
		for (const connection of core.open)
			if (dice.chance(0.5)) core.grow(connection, dice.int(0, 5000), dice.int(1, 90_000));
		if (core.open.length > 8) core.close(dice.pick(core.open));
		await clock.advance(1000);
		life.frame();
	}
}

/** Two frames in which nothing moves: the account is at rest. */
async function rest(clock: FakeClock, life: Life): Promise<void> {
	for (let frame = 0; frame < 2; frame += 1) {
		await clock.advance(1000);
		life.frame();
	}
}

test('it carries every byte to the master once, through kills, lost answers and stops at any moment', async () => {
	for (let seed = 1; seed <= Number(process.env.NETMON_SOAK_SEEDS ?? 6); seed += 1) {
		const dice = new Dice(seed);
		const clock = new FakeClock(wall);
		let disk = new FakeDisk();
		const core = new MiniCore();
		const receiver = new RowMaster();
		let life = await new Life({ disk, clock, core }).start();
		life.frame();
		for (let round = 0; round < 12; round += 1) {
			await traffic(core, clock, life, dice, dice.int(1, 40));
			if (dice.chance(0.6))
				receiver.drain(life.queue.outbox, { maxRows: dice.int(1, 30), lose: () => dice.chance(0.3) });
			checkSums(life);
			if (dice.chance(0.5)) continue;
			if (dice.chance(0.5)) disk = disk.afterKill();
			else await life.stop();
			for (const connection of core.open) if (dice.chance(0.3)) core.close(connection);
			life = await new Life({ disk, clock, core }).start();
			assert.ok(life.wentOn || round === 0, `seed ${seed}`);
			await clock.advance(dice.int(0, 20) * 1000);
			life.frame();
		}
		await rest(clock, life);
		receiver.drain(life.queue.outbox);
		assert.deepEqual(receiver.sum('usage', 'unattributed'), { up: core.up, down: core.down }, `seed ${seed}`);
		assert.deepEqual([receiver.repeated, receiver.nameless], [[], []], `seed ${seed}`);
		checkSums(life);
		assert.deepEqual(life.failures, []);
		await life.stop();
	}
});

test('it goes back to what a master put back still lacks, and tells what is no longer kept', async () => {
	for (const retentionMs of [0, 86_400_000]) {
		const clock = new FakeClock(wall);
		const core = new MiniCore();
		const life = await new Life({ disk: new FakeDisk(), clock, core, retentionMs }).start();
		life.frame();
		const receiver = new RowMaster();
		const dice = new Dice(1);
		const { outbox } = life.queue;
		await traffic(core, clock, life, dice, 100);
		receiver.drain(outbox);
		const backup = { acked: new Map(receiver.acked), rows: [...receiver.rows], records: new Map(receiver.records) };
		await traffic(core, clock, life, dice, 100);
		await rest(clock, life);
		receiver.drain(outbox);
		const [epoch] = [...receiver.acked.keys()];
		await clock.advance(minute);
		const master = new RowMaster();
		for (const [key, acked] of backup.acked) master.acked.set(key, acked);
		master.rows.push(...backup.rows);
		for (const [key, record] of backup.records) master.records.set(key, record);
		const lost = {
			up: core.up - master.sum('usage', 'unattributed').up,
			down: core.down - master.sum('usage', 'unattributed').down,
		};
		const gap = outbox.rewind(epoch!, master.acked.get(epoch!)!);
		checkSums(life);
		if (retentionMs === 0) {
			assert.deepEqual(gap?.lost, lost);
			assert.deepEqual(
				outbox.gaps().map(({ gap: { lost } }) => lost),
				[lost],
			);
		} else {
			assert.equal(gap, null);
			master.drain(outbox);
			assert.deepEqual(master.sum('usage', 'unattributed'), { up: core.up, down: core.down });
			assert.deepEqual(master.nameless, []);
		}
		await life.stop();
	}
});
