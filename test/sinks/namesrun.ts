// What a kill may cost is names, and of few: the oracle knows each connection's bytes and when it closed.
import assert from 'node:assert/strict';
import type { Connection } from '../../src/record.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

const wall = Date.UTC(2026, 2, 1, 8);
const aroundMs = 5_000;

/** A life with ten kills; answers the bytes that lost their names, which are checked. */
export async function loseNames(seed: number): Promise<number> {
	const dice = new Dice(seed);
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const master = new RowMaster();
	let disk = new FakeDisk();
	const closed: { readonly at: number; readonly down: number }[] = [];
	const kills: number[] = [];
	const close = (connection: Connection) => {
		closed.push({ at: clock.mono(), down: core.moved.get(connection.id)!.down });
		core.close(connection);
	};
	const grow = () => {
		while (core.open.length < 5 || dice.chance(0.4)) core.openOne();
		for (const connection of core.open) if (dice.chance(0.7)) core.grow(connection, 0, dice.int(1, 90_000));
	};
	const shrink = () => {
		for (const connection of core.open) if (dice.chance(0.15)) close(connection);
	};
	let life = await new Life({ disk, clock, core }).start();
	life.frame();
	for (let round = 0; round < 10; round += 1) {
		for (let second = dice.int(6, 30); second > 0; second -= 1) {
			grow();
			await clock.advance(1_000);
			// Whatever a connection moved a frame has shown before it closes: no name is lost but to a kill.
			life.frame();
			shrink();
		}
		if (dice.chance(0.6)) master.drain(life.queue.outbox, { lose: () => dice.chance(0.3) });
		kills.push(clock.mono());
		disk = disk.afterKill();
		for (let second = dice.int(0, 4); second > 0; second -= 1) {
			grow();
			await clock.advance(1_000);
			shrink();
		}
		life = await new Life({ disk, clock, core }).start();
		assert.ok(life.wentOn, `seed ${seed}`);
	}
	for (let frame = 0; frame < 6; frame += 1) {
		await clock.advance(1_000);
		life.frame();
	}
	master.drain(life.queue.outbox);
	const near = closed.filter(({ at }) => kills.some((kill) => Math.abs(at - kill) <= aroundMs));
	const most = near.reduce((sum, { down }) => sum + down, 0);
	const lost = master.sum('unattributed').down;
	assert.ok(lost >= 0 && lost <= most, `seed ${seed}: ${lost} bytes without a name, of ${most}`);
	assert.equal(master.sum('usage').down, core.down - lost, `seed ${seed}`);
	await life.stop();
	return lost;
}
