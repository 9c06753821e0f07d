import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Pages } from '../../src/sinks/pages.ts';
import { FakeClock } from '../fakes/clock.ts';

test('it writes each 5 s while the file that says somebody looks is younger than a minute, whole, and takes all away', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-pages-'));
	try {
		const clock = new FakeClock();
		const lookedFile = join(folder, 'looked');
		const pages = new Pages({ folder, lookedFile, clock });
		assert.equal(pages.isDue, false);
		writeFileSync(lookedFile, '');
		utimesSync(lookedFile, clock.wall() / 1000, clock.wall() / 1000);
		assert.equal(pages.isDue, true);
		clock.stepWall(60_000);
		assert.equal(pages.isDue, false);
		clock.stepWall(-60_000);
		pages.write('devices', { devices: [1] });
		pages.write('devices', { devices: [2] });
		assert.deepEqual(JSON.parse(readFileSync(join(folder, 'devices.json'), 'utf8')), { devices: [2] });
		assert.equal(statSync(join(folder, 'devices.json')).mode & 0o777, 0o600);
		assert.deepEqual(readdirSync(folder).sort(), ['devices.json', 'looked']);
		assert.equal(pages.isDue, false);
		await clock.advance(4_999);
		assert.equal(pages.isDue, false);
		await clock.advance(1);
		assert.equal(pages.isDue, true);
		pages.remove();
		assert.deepEqual(readdirSync(folder), ['looked']);
		assert.equal(new Pages({ folder, lookedFile: null, clock }).isDue, false);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
