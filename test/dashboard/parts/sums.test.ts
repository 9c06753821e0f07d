import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumsOf } from '../../../src/dashboard/history/sumline.ts';
import type { Balance } from '../../../src/dashboard/parts/scope.ts';

const pair = (up: number, down: number) => ({ up, down });
const whole: Balance = {
	direct: pair(1, 10),
	proxy: pair(2, 20),
	reject: pair(0, 0),
	attributed: pair(3, 30),
	unattributed: pair(0, 5),
	core: pair(3, 35),
	overhead: pair(1, 2),
	bypass: pair(4, 40),
	wan: pair(8, 77),
	local: pair(0, 0),
	wan_only: pair(0, 0),
	unmeasured: pair(0, 0),
};
const words = (balance: Balance) =>
	sumsOf(balance).map(({ whole: one, parts, missing }) => {
		const terms = parts.map(({ name, sign }) => `${sign < 0 ? '-' : '+'} ${name}`).join(' ');
		return `${one.name} = ${terms}; ${missing.up} ${missing.down}`;
	});

test('it says both sums, with nothing missing', () => {
	assert.deepEqual(words(whole), ['wan = + core + overhead + bypass; 0 0', 'core = + attributed + unattributed; 0 0']);
});

test('it names what else there is between core and WAN, and adds it with its sign', () => {
	const balance = { ...whole, local: pair(1, 5), unmeasured: pair(0, 7), wan_only: pair(2, 0), wan: pair(9, 65) };
	assert.equal(words(balance)[0], 'wan = + core + overhead + bypass + wan_only - local - unmeasured; 0 0');
});

test('it says by how much a sum is wrong, in each direction', () => {
	assert.equal(words({ ...whole, wan: pair(9, 76) })[0], 'wan = + core + overhead + bypass; 1 -1');
});

test('it says nothing of a WAN that is not known', () => {
	const balance = { ...whole, wan: null, overhead: null, bypass: null, local: null, wan_only: null };
	assert.deepEqual(words(balance), ['core = + attributed + unattributed; 0 0']);
});
