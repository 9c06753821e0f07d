import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fakes/clock.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life } from '../fakes/queuelife.ts';

const wall = Date.UTC(2026, 2, 1, 8);

/** A process that died after it had opened the file, and before it could go on from what it found. */
async function dieAtStart(options: { disk: FakeDisk; clock: FakeClock; core: MiniCore }): Promise<FakeDisk> {
	await new Life(options).queue.open();
	return options.disk.afterKill();
}

test('it sets a file aside that ten starts in a row did not outlive, and begins afresh', async () => {
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	let disk = new FakeDisk();
	const first = await new Life({ disk, clock, core }).start();
	core.grow(core.openOne(), 10, 100);
	first.frame();
	await clock.advance(60_000);
	disk = disk.afterKill();
	for (let times = 0; times < 9; times += 1) disk = await dieAtStart({ disk, clock, core });
	// One that comes to its end: what was before does not count any more.
	const good = await new Life({ disk, clock, core }).start();
	assert.ok(good.wentOn);
	disk = disk.afterKill();
	for (let times = 0; times < 10; times += 1) disk = await dieAtStart({ disk, clock, core });
	const last = await new Life({ disk, clock, core }).start();
	assert.equal(last.wentOn, false);
	assert.match(last.said.join('\n'), /queue\.db has kept 10 starts from succeeding: it is kept as queue\.db\.damaged-/);
	assert.match(last.queue.outbox.gaps()[0]!.gap.what, /counting began afresh: queue\.db has kept 10 starts/);
	await last.stop();
});
