import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { offloadOf, readOffload } from '../../src/sources/offload.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-offload-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const said = (...lines: string[]) =>
	offloadOf(Buffer.from(`config defaults\n${lines.map((line) => `\t${line}\n`).join('')}`));

test("it reads the firewall's two switches, the second only with the first", () => {
	assert.equal(said(), 'off');
	assert.equal(said("option flow_offloading '1'"), 'soft');
	assert.equal(said('option flow_offloading yes', "option flow_offloading_hw '0'"), 'soft');
	assert.equal(said("option flow_offloading '1'", "option flow_offloading_hw 'on'"), 'hard');
	assert.equal(said("option flow_offloading_hw '1'"), 'off');
	assert.equal(said("option flow_offloading '0'", "option flow_offloading_hw '1'"), 'off');
	assert.equal(offloadOf(Buffer.from("config zone\n\toption flow_offloading '1'\n")), 'off');
});

test('it does not know where it cannot read', () => {
	const broken = join(folder, 'broken');
	writeFileSync(broken, 'konfig defaults\n');
	assert.equal(readOffload(broken), 'unknown');
	assert.equal(readOffload(folder), 'unknown');
	assert.equal(readOffload(join(folder, 'absent')), 'off');
});
