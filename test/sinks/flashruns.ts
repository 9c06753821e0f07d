// Lives of a queue whose flash is all that is left, or is put back: what arrives is a first part of the truth, never doubled.
import assert from 'node:assert/strict';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { MemoryDisk } from '../fakes/memorydisk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life, type LifeOptions, minute } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

const wall = Date.UTC(2026, 2, 1, 8);
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

export async function grow(core: MiniCore, clock: FakeClock, life: Life, dice: Dice, seconds: number): Promise<void> {
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

export async function begin(options: Partial<LifeOptions> = {}, disk: FakeDisk | MemoryDisk = new FakeDisk()) {
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const life = await new Life({ clock, core, disk, ...options }).start();
	life.frame();
	return { clock, core, life, disk };
}

/** A power cut that tears and drops what was not synced, and another boot with what is on flash. At most `minutes` twice. */
export async function powerCut(seed: number, minutes: number): Promise<void> {
	const dice = new Dice(seed);
	const { clock, core, life, disk } = await begin();
	const master = new RowMaster();
	await grow(core, clock, life, dice, 60 * dice.int(1, minutes));
	if (dice.chance(0.5)) master.drain(life.queue.outbox, { maxRows: 50, lose: () => dice.chance(0.2) });
	await grow(core, clock, life, dice, 60 * dice.int(1, minutes));
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

/** Some state of flash, of any age and clean or not, is put back again and again, with and without a reboot. */
export async function putBackFlash(seed: number): Promise<void> {
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
