import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { MemoryDisk } from '../fakes/memorydisk.ts';
import { Life, minute } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';
import { begin, grow, powerCut, putBackFlash } from './flashruns.ts';

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
	for (let seed = 1; seed <= 8; seed += 1) await powerCut(seed, 30);
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

test('it never doubles a byte whatever state of flash is put back, with and without a reboot', async () => {
	for (let seed = 1; seed <= 8; seed += 1) await putBackFlash(seed);
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
