import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { MemoryDisk } from '../fakes/memorydisk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life, type LifeOptions, minute } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

const wall = Date.UTC(2026, 2, 1, 8);
/** `make soak` says more. */
const seeds = Number(process.env.NETMON_SOAK_SEEDS ?? 10);
const flashFiles = ['queue.copy', 'queue.stop', 'history.gz'].map((name) => `/flash/${name}`);

/** What flash holds, put into a machine whose tmpfs is empty. */
function rebooted(disk: FakeDisk): FakeDisk {
	const next = new FakeDisk();
	for (const path of flashFiles) {
		try {
			next.put(path, disk.content(path));
		} catch {
			// Not there.
		}
	}
	return next;
}

async function grow(core: MiniCore, clock: FakeClock, life: Life, dice: Dice, seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second += 5) {
		if (dice.chance(0.3)) core.openOne();
		if (core.open.length > 6) core.close(dice.pick(core.open));
		for (const connection of core.open) core.grow(connection, dice.int(0, 500), dice.int(1, 9000));
		await clock.advance(5000);
		life.frame();
	}
}

async function rest(clock: FakeClock, life: Life): Promise<void> {
	for (let frame = 0; frame < 2; frame += 1) {
		await clock.advance(1000);
		life.frame();
	}
}

async function begin(options: Partial<LifeOptions> = {}, disk: FakeDisk | MemoryDisk = new FakeDisk()) {
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const life = await new Life({ clock, core, disk, ...options }).start();
	life.frame();
	return { clock, core, life, disk };
}

test('it writes nothing of the queue to flash while the master acknowledges', async () => {
	const disk = new MemoryDisk();
	const { clock, core, life } = await begin({}, disk);
	const master = new RowMaster();
	const dice = new Dice(1);
	for (let at = 0; at < 180; at += 1) {
		await grow(core, clock, life, dice, 60);
		master.drain(life.queue.outbox);
		assert.ok(life.queue.status()!.powerCutCostsSeconds <= 60);
	}
	assert.equal(disk.written.get('/flash') ?? 0, 0);
	await life.stop();
});

test('it goes on after a power cut with all that was on flash: an older first part, never doubled, the gap said', async () => {
	for (let seed = 1; seed <= 8; seed += 1) {
		const dice = new Dice(seed);
		const { clock, core, life, disk } = await begin();
		const master = new RowMaster();
		await grow(core, clock, life, dice, 60 * dice.int(1, 30));
		if (dice.chance(0.5)) master.drain(life.queue.outbox, { maxRows: 50, lose: () => dice.chance(0.2) });
		await grow(core, clock, life, dice, 60 * dice.int(1, 30));
		const cost = life.queue.status()!.powerCutCostsSeconds;
		const cut = rebooted((disk as FakeDisk).afterPowerCut(() => dice.next()));
		// The core has gone down too.
		const after = new MiniCore(100_000);
		await clock.advance(30_000);
		const next = await new Life({ clock, core: after, disk: cut, bootId: 'boot-2' }).start();
		next.frame();
		await grow(after, clock, next, dice, 60);
		await rest(clock, next);
		master.drain(next.queue.outbox);
		const arrived = master.sum('usage', 'unattributed');
		const all = core.down + after.down;
		assert.ok(arrived.down <= all, `seed ${seed}: doubled`);
		const late = core.open.length * 9000 * (cost / 5 + 2);
		assert.ok(
			arrived.down >= all - late,
			`seed ${seed}: ${all - arrived.down} missing, a power cut was to cost ${cost} s`,
		);
		assert.deepEqual(master.nameless, [], `seed ${seed}`);
		checkNamed(master, [core, after], `seed ${seed}`);
		await life.stop();
		await next.stop();
	}
});

test('it uses the checkpoint of an orderly stop once, in the next boot, from the file that the stop wrote', async () => {
	const { clock, core, life, disk } = await begin({}, new MemoryDisk());
	await grow(core, clock, life, new Dice(1), 600);
	await life.stop();
	const flash = disk as MemoryDisk;
	const booted = (ms = minute) => {
		const next = new FakeClock(clock.wall() + minute);
		return next.advance(ms).then(() => next);
	};
	const wentOn = async (from: MemoryDisk, bootId: string, at: FakeClock) => {
		const next = await new Life({ clock: at, core, disk: from, bootId }).start();
		if (!next.wentOn) assert.match(next.queue.outbox.gaps()[0]!.gap.what, /counting began afresh/);
		return next.wentOn;
	};
	assert.equal(await wentOn(flash.taken('/flash', { copied: true }), 'boot-2', await booted()), false, 'put back');
	assert.equal(await wentOn(flash.taken('/flash'), 'boot-1', await booted()), false, 'no reboot');
	assert.equal(await wentOn(flash.taken('/flash'), 'boot-2', await booted(11 * minute)), false, 'late in the boot');
	const once = flash.taken('/flash');
	assert.equal(await wentOn(once, 'boot-2', await booted()), true);
	assert.equal(once.size('/flash/queue.stop'), 0);
	assert.equal(await wentOn(once.taken('/flash'), 'boot-3', await booted()), false, 'a second time');
	assert.equal(await wentOn(flash, 'boot-1', clock), true, 'the living file wins');
	assert.equal(flash.size('/flash/queue.stop'), 0);
	assert.equal(await wentOn(flash.taken('/flash'), 'boot-2', await booted()), false, 'a life after the stop');
});

/** No connection has more than the core counted for it, in any epoch and all of them together. */
function checkNamed(master: RowMaster, cores: readonly MiniCore[], what: string): void {
	const named = new Map<string, number>();
	for (const row of master.rows) {
		if (row.record === null) continue;
		const { id } = master.records.get(`${row.epoch} ${row.record}`)!;
		named.set(id, (named.get(id) ?? 0) + row.down);
	}
	const truth = new Map(cores.flatMap(({ moved }) => [...moved]));
	for (const [id, down] of named) assert.ok(down <= truth.get(id)!.down, `${what}: ${id} has ${down}`);
}

test('it never doubles a byte whatever state of flash is put back, with and without a reboot', async () => {
	for (let seed = 1; seed <= seeds; seed += 1) {
		const dice = new Dice(seed);
		let clock = new FakeClock(wall);
		const master = new RowMaster();
		let disk = new MemoryDisk();
		const backups = [new MemoryDisk()];
		const cores = [new MiniCore()];
		for (let round = 0; round < 8; round += 1) {
			const core = cores.at(-1)!;
			const life = await new Life({ clock, core, disk, bootId: `boot-${cores.length}` }).start();
			life.frame();
			await grow(core, clock, life, dice, 60 * dice.int(1, 20));
			backups.push(disk.taken('/flash', { copied: true }));
			if (dice.chance(0.5)) master.drain(life.queue.outbox, { maxRows: 40, lose: () => dice.chance(0.2) });
			if (dice.chance(0.5)) await life.stop();
			backups.push(disk.taken('/flash', { copied: true }));
			disk = dice.chance(0.5) ? disk.taken('/') : dice.pick(backups).taken('/');
			if (dice.chance(0.5)) continue;
			cores.push(new MiniCore(100_000 * cores.length));
			clock = new FakeClock(clock.wall() + minute);
			disk = disk.taken('/flash');
		}
		const core = cores.at(-1)!;
		const last = await new Life({ clock, core, disk, bootId: `boot-${cores.length}` }).start();
		last.frame();
		await rest(clock, last);
		master.drain(last.queue.outbox);
		const truth = cores.reduce((sum, { down }) => sum + down, 0);
		assert.ok(master.sum('usage', 'unattributed').down <= truth, `seed ${seed}`);
		checkNamed(master, cores, `seed ${seed}`);
		assert.deepEqual(master.nameless, [], `seed ${seed}`);
		await last.stop();
	}
});

test('it keeps its budget in every hour, without a master, at 1,000 connections that all grow', async () => {
	const disk = new MemoryDisk();
	const { clock, core, life } = await begin({ commitIntervalMs: minute }, disk);
	const dice = new Dice(1);
	for (let count = 0; count < 1000; count += 1) core.openOne();
	const hours = Number(process.env.NETMON_SOAK_FLASH_HOURS ?? 2);
	let before = 0;
	const byHour: number[] = [];
	for (let at = 0; at < hours; at += 1) {
		for (let step = 0; step < 60; step += 1) {
			for (const connection of core.open) core.grow(connection, dice.int(1_000, 200_000), dice.int(10_000, 5_000_000));
			for (const connection of core.open.slice(0, 5)) {
				core.close(connection);
				core.openOne();
			}
			await clock.advance(minute);
			life.frame();
		}
		const written = disk.written.get('/flash') ?? 0;
		byHour.push(written - before);
		before = written;
		assert.ok(life.queue.status()!.powerCutCostsSeconds <= 660);
	}
	assert.ok(Math.max(...byHour) <= 1_000_000, byHour.join());
	assert.deepEqual([life.failures, disk.openFiles > 0], [[], true]);
	await life.stop();
	assert.ok((disk.written.get('/flash') ?? 0) - before <= 1_000_000);
});

test('it stretches the interval when the budget is spent, and says what a power cut costs', async () => {
	const disk = new MemoryDisk();
	const { clock, core, life } = await begin({ flashBudgetBytes: 40_000, commitIntervalMs: minute }, disk);
	const dice = new Dice(1);
	for (let count = 0; count < 300; count += 1) core.openOne();
	let before = 0;
	let costliest = 0;
	for (let at = 0; at < 4; at += 1) {
		for (let step = 0; step < 60; step += 1) {
			for (const connection of core.open) core.grow(connection, dice.int(1_000, 200_000), dice.int(10_000, 5_000_000));
			await clock.advance(minute);
			life.frame();
			costliest = Math.max(costliest, life.queue.status()!.powerCutCostsSeconds);
		}
		const written = disk.written.get('/flash') ?? 0;
		assert.ok(written - before <= 40_000, `${written - before}`);
		before = written;
	}
	assert.ok(costliest > 15 * 60, `${costliest}`);
	await life.stop();
});
