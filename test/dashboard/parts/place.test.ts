import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	canFilter,
	filterNames,
	filterParameters,
	withFilter,
	withoutFilter,
} from '../../../src/dashboard/parts/filter.ts';
import { choose, hashOf, parsePlace } from '../../../src/dashboard/place.ts';
import { randomFrom } from '../../fakes/random.ts';

test('it reads a place from an address and writes it again', () => {
	const hash = '#history?range=7d&class=proxy&host=a%26b%3D%23.example&host.page=2&list=host';
	const place = parsePlace(hash);
	assert.deepEqual(place, {
		view: 'history',
		range: '7d',
		filters: [
			{ name: 'class', value: 'proxy' },
			{ name: 'host', value: 'a&b=#.example' },
		],
		choices: { 'host.page': '2', list: 'host' },
	});
	assert.equal(hashOf(place), hash);
	assert.deepEqual(parsePlace(''), { view: '', range: '24h', filters: [], choices: {} });
	assert.equal(hashOf(choose(choose(place, { list: '' }), { 'host.page': '' })), hash.split('&host.page')[0]);
});

const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it keeps any place whole through the address (seed ${seed})`, () => {
	const random = randomFrom(seed);
	const letters = [...'aZ09 &=?#%+;/\\"<>日é.'];
	const text = () =>
		Array.from({ length: 1 + Math.floor(random() * 8) }, () => letters[Math.floor(random() * letters.length)]).join('');
	for (let round = 0; round < 500; round += 1) {
		const place = {
			view: ['now', 'history', 'connections'][Math.floor(random() * 3)]!,
			range: ['24h', '12m', '2026-01-01..2026-01-31'][Math.floor(random() * 3)]!,
			filters: filterNames.filter(() => random() < 0.4).map((name) => ({ name, value: random() < 0.1 ? '' : text() })),
			choices: Object.fromEntries([...'abc'].map((name) => [`x.${name}`, text()])),
		};
		assert.deepEqual(parsePlace(hashOf(place)), place);
	}
});

test('it has one filter by each name, and asks the API for exactly its value', () => {
	const filters = withFilter(withFilter([{ name: 'host', value: 'a' }], { name: 'class', value: 'proxy' }), {
		name: 'host',
		value: 'b',
	});
	assert.deepEqual(filterParameters(filters), { class: 'proxy', host_is: 'b' });
	assert.deepEqual(filterParameters(withoutFilter(filters, 'class')), { host_is: 'b' });
	assert.equal(canFilter({ name: 'process', value: '' }), true);
	assert.equal(canFilter({ name: 'node', value: '' }), false);
});
