import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBroadcastTarget } from '../../src/system/target.ts';

const read = (text: string) => {
	const target = parseBroadcastTarget(text);
	if (typeof target === 'string') return target;
	const { where, format, port } = target;
	const name = where.kind === 'lan' ? 'lan' : where.kind === 'device' ? where.device : where.text;
	return [where.kind, name, format, port];
};

test('it reads lan, interfaces, addresses and groups, each with or without a port', () => {
	assert.deepEqual(read('lan'), ['lan', 'lan', 'v1', 17892]);
	assert.deepEqual(read('lan:9000'), ['lan', 'lan', 'v1', 9000]);
	assert.deepEqual(read('old:lan'), ['lan', 'lan', 'old', 17891]);
	assert.deepEqual(read('old:lan:9000'), ['lan', 'lan', 'old', 9000]);
	assert.deepEqual(read('br-lan'), ['device', 'br-lan', 'v1', 17892]);
	assert.deepEqual(read('eth0.5:1'), ['device', 'eth0.5', 'v1', 1]);
	assert.deepEqual(read('192.168.1.255'), ['address', '192.168.1.255', 'v1', 17892]);
	assert.deepEqual(read('old:192.168.1.50:65535'), ['address', '192.168.1.50', 'old', 65535]);
	assert.deepEqual(read('239.255.17.92:5'), ['group', '239.255.17.92', 'v1', 5]);
	assert.deepEqual(read('255.255.255.255'), ['group', '255.255.255.255', 'v1', 17892]);
	assert.deepEqual(read('fd00::5'), ['address', 'fd00::5', 'v1', 17892]);
	assert.deepEqual(read('[fd00::5]:9000'), ['address', 'fd00::5', 'v1', 9000]);
	assert.deepEqual(read('[ff02::1%br-lan]'), ['group', 'ff02::1%br-lan', 'v1', 17892]);
	assert.deepEqual(read('old:ff02::1%br-lan'), ['group', 'ff02::1%br-lan', 'old', 17891]);
});

test('it refuses everything else with a sentence that quotes it', () => {
	const bad = [
		'',
		'old:',
		'lan:',
		'lan:0',
		'lan:65536',
		'lan:123456',
		'lan:x',
		'192.168.1.300',
		'1.2.3',
		':17892',
		'[lan]',
	];
	for (const text of [
		...bad,
		'[]',
		'a/b',
		'a b',
		'a-name-that-is-too-long',
		'0.0.0.0',
		'::',
		'[::1',
		'[::1]x',
		'lan:1:2',
	]) {
		const answer = read(text);
		assert.equal(typeof answer, 'string', text);
		assert.ok((answer as string).startsWith(`'${text}'`), text);
	}
});
