import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { MemoryDisk } from '../fakes/memorydisk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life, type LifeOptions, mib, minute } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

const wall = Date.UTC(2026, 2, 1, 8);
const hour = 60 * minute;

interface Load {
	readonly connections: number;
	/** Connections replaced at each frame. */
	readonly churn: number;
	readonly frames: number;
	readonly everyMs: number;
	/** After each frame. */
	readonly check?: (frame: number) => void;
}

async function run(life: Life, core: MiniCore, clock: FakeClock, dice: Dice, load: Load): Promise<void> {
	while (core.open.length < load.connections) core.openOne();
	for (let frame = 0; frame < load.frames; frame += 1) {
		const { open } = core;
		for (const connection of open) core.grow(connection, dice.int(100, 10_000), dice.int(1_000, 1_000_000));
		for (const connection of open.slice(0, load.churn)) {
			core.close(connection);
			core.openOne();
		}
		life.frame();
		await clock.advance(load.everyMs);
		load.check?.(frame);
	}
	for (let frame = 0; frame < 2; frame += 1) {
		life.frame();
		await clock.advance(1000);
	}
}

async function begin(options: Partial<LifeOptions>) {
	const clock = new FakeClock(wall);
	const disk = new MemoryDisk();
	const core = new MiniCore();
	const life = await new Life({ disk, clock, core, persistDir: null, commitIntervalMs: minute, ...options }).start();
	life.frame();
	return { clock, disk, core, life };
}

function balance(life: Life) {
	const { usage, unattributed } = life.queue.status()!.sums;
	const all = [usage, unattributed];
	const sum = (name: 'sealed' | 'acknowledged' | 'queued' | 'dropped') => ({
		up: all.reduce((total, sums) => total + sums[name].up, 0),
		down: all.reduce((total, sums) => total + sums[name].down, 0),
	});
	return { sealed: sum('sealed'), acknowledged: sum('acknowledged'), queued: sum('queued'), dropped: sum('dropped') };
}

test('it stays within its bytes without a master: folds twice, then drops the oldest, and counts each byte', async () => {
	const limitBytes = 1 * mib;
	const { clock, disk, core, life } = await begin({ limitBytes });
	const seen = new Set<string>();
	const load = { connections: 60, churn: 5, frames: 2400, everyMs: 60_000 };
	await run(life, core, clock, new Dice(7), {
		...load,
		check: (frame) => {
			if (frame % 20 > 0) return;
			assert.ok(disk.size('/state/queue.db') <= limitBytes);
			const { sealed, acknowledged, queued, dropped } = balance(life);
			assert.deepEqual(
				[sealed.up, sealed.down],
				[acknowledged.up + queued.up + dropped.up, acknowledged.down + queued.down + dropped.down],
			);
		},
	});
	for (const text of life.said) seen.add(text);
	for (const word of ['folded to hours', 'hosts of rows that wait were given up', 'oldest rows were dropped']) {
		assert.ok(
			[...seen].some((text) => text.includes(word)),
			word,
		);
	}
	const master = new RowMaster();
	master.drain(life.queue.outbox);
	const { dropped, queued } = balance(life);
	assert.ok(dropped.down > 0);
	const arrived = master.sum('usage', 'unattributed');
	assert.deepEqual(
		{ up: arrived.up + dropped.up, down: arrived.down + dropped.down },
		{ up: core.up, down: core.down },
	);
	assert.deepEqual(queued, { up: 0, down: 0 });
	const told = life.queue.outbox.gaps().map(({ gap }) => gap.lost!);
	assert.deepEqual(
		{ up: told.reduce((sum, { up }) => sum + up, 0), down: told.reduce((sum, { down }) => sum + down, 0) },
		dropped,
	);
	assert.deepEqual([master.repeated, master.nameless], [[], []]);
	assert.deepEqual(life.failures, []);
	assert.equal(clock.pending, 2);
	await life.stop();
	assert.equal(disk.openFiles, 0);
});

test('it folds no row that the master may have, though no answer came', async () => {
	const { clock, core, life } = await begin({ limitBytes: 1 * mib });
	const dice = new Dice(3);
	const master = new RowMaster();
	for (let round = 0; round < 12; round += 1) {
		await run(life, core, clock, dice, { connections: 40, churn: 4, frames: 240, everyMs: 60_000 });
		// The master takes some batches, and no answer comes back.
		master.drain(life.queue.outbox, { maxRows: 2000, lose: () => dice.chance(0.7) });
	}
	master.drain(life.queue.outbox);
	const { dropped } = balance(life);
	const arrived = master.sum('usage', 'unattributed');
	// A row that was sent and then dropped may have arrived: less than all must never be missing, more never be there.
	assert.ok(arrived.down <= core.down && arrived.down + dropped.down >= core.down, `${arrived.down} ${core.down}`);
	if (dropped.down === 0) assert.deepEqual(arrived, { up: core.up, down: core.down });
	await life.stop();
});

test('it drops what waited longer than the age, and lets acknowledged rows go after the retention', async () => {
	const { clock, core, life } = await begin({ ageMs: 24 * hour, retentionMs: 2 * hour });
	const dice = new Dice(5);
	const master = new RowMaster();
	await run(life, core, clock, dice, { connections: 5, churn: 1, frames: 60, everyMs: minute });
	master.drain(life.queue.outbox);
	const kept = life.queue.status()!.rows;
	assert.ok(kept > 0);
	const before = balance(life);
	await clock.advance(3 * hour);
	core.grow(core.open[0]!, 1, 1);
	life.frame();
	life.queue.outbox.seal();
	assert.equal(life.queue.status()!.rows, 1);
	await clock.advance(30 * hour);
	life.frame();
	core.grow(core.open[0]!, 1, 1);
	life.frame();
	life.queue.outbox.seal();
	const after = balance(life);
	assert.deepEqual(after.acknowledged, before.acknowledged);
	assert.deepEqual(after.dropped, { up: 1, down: 1 });
	assert.match(life.said.join(), /expired/);
	await life.stop();
});

test('it never folds connections together for a master that knows records alone', async () => {
	const { clock, core, life } = await begin({ limitBytes: 1 * mib });
	life.queue.outbox.changedRecords(0, 1);
	await run(life, core, clock, new Dice(9), { connections: 60, churn: 5, frames: 2000, everyMs: 60_000 });
	assert.ok(!life.said.some((text) => text.includes('hosts')));
	const { sealed, dropped } = balance(life);
	assert.ok(dropped.down > 0 && dropped.down < sealed.down);
	await life.stop();
});

test('it gives an old master each record as often as it changes, with the totals of its life', async () => {
	const { clock, core, life } = await begin({});
	const dice = new Dice(11);
	const { outbox } = life.queue;
	const records = new Map<string, { up: number; down: number }>();
	for (let round = 0; round < 6; round += 1) {
		await run(life, core, clock, dice, { connections: 30, churn: 3, frames: 20, everyMs: 10_000 });
		outbox.seal();
		for (let after = outbox.ackedChange; ; ) {
			const changes = outbox.changedRecords(after, 7);
			for (const { record } of changes) records.set(record.id, { up: record.upload, down: record.download });
			if (changes.length === 0) break;
			after = changes.at(-1)!.change;
			if (dice.chance(0.9)) outbox.ackChanges(after);
		}
	}
	outbox.ackChanges(Number.MAX_SAFE_INTEGER);
	const sum = { up: 0, down: 0 };
	for (const { up, down } of records.values()) {
		sum.up += up;
		sum.down += down;
	}
	const { unattributed, usage } = life.queue.status()!.sums;
	assert.deepEqual(sum, usage.acknowledged);
	assert.deepEqual(usage.queued, { up: 0, down: 0 });
	assert.deepEqual(
		{ up: sum.up + unattributed.queued.up, down: sum.down + unattributed.queued.down },
		{ up: core.up, down: core.down },
	);
	await life.stop();
});
