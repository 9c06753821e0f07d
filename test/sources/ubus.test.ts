import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UbusClient, type UbusOptions } from '../../src/sources/ubus.ts';
import type { UbusError } from '../../src/sources/ubuserror.ts';
import { encodeMessage, maxMessageBytes } from '../../src/sources/ubusmessage.ts';
import { FakeClock } from '../fakes/clock.ts';
import { randomFrom } from '../fakes/random.ts';
import { type Cut, plain, readTranscript, type Transcript, TranscriptServer } from '../fakes/transcript.ts';
import { FakeUbusd, type Table } from '../fakes/ubus.ts';
import { until } from '../fakes/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-ubus-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let sockets = 0;
const newPath = () => join(folder, `${++sockets}.sock`);

const retryDelay = () => 1_000;

function newClient(path: string, more: Partial<UbusOptions> = {}) {
	const clock = new FakeClock();
	const client = new UbusClient({ clock, retryDelay, paths: [path], ...more });
	client.start();
	return { clock, client };
}

/** Does what the recorded client did, as far as one does it through `UbusClient`; answers what came of it. */
async function act(client: UbusClient, { messages }: Transcript): Promise<unknown[]> {
	const asked = messages.filter(({ dir }) => dir === 'client').map(({ means }) => means);
	const outcomes: unknown[] = [];
	let path = '';
	for (const [index, { type, attrs }] of asked.entries()) {
		if (type === 'LOOKUP') {
			path = String(attrs.OBJPATH ?? '');
			// The lookup again after a status 4 belongs to the call before.
			const called = asked[index + 1]?.type === 'INVOKE';
			if (!called) outcomes.push(await client.lookup(attrs.OBJPATH as string | undefined));
		} else if (type === 'INVOKE') {
			const repeated = asked[index - 2]?.type === 'INVOKE' && asked[index - 1]?.type === 'LOOKUP';
			if (repeated) continue;
			outcomes.push(
				await client.call(path, String(attrs.METHOD), attrs.DATA as Table).catch((error: UbusError) => error.code),
			);
		}
	}
	return outcomes;
}

const calls = [
	'device-status',
	'device-status-all',
	'device-status-unknown',
	'device-status-wrong-type',
	'interface-dump',
	'interface-status-missing',
	'interface-wan-status',
	'luci-rpc-getNetworkDevices',
	'method-missing',
	'owner-restart',
	'reply-in-two-parts',
	'reply-without-data',
	'service-list',
	'session-access',
	'session-login',
	'session-login-wrong',
	'status-1',
	'status-2',
	'status-6',
	'status-7',
	'status-9',
	'system-info',
	'types',
	'types-echo',
];
const lookups = ['lookup-all', 'lookup-missing', 'lookup-one', 'lookup-wildcard'];

for (const name of [...calls, ...lookups])
	for (const [how, cut] of [
		['message by message', 'messages'],
		['all in one write', 'together'],
		['in random pieces', { pieces: 300, random: randomFrom(7) }],
	] as [string, Cut][])
		test(`it holds the recorded conversation "${name}", ${how}`, async () => {
			const transcript = readTranscript(name);
			const server = new TranscriptServer(newPath(), transcript, cut);
			await server.start();
			const { client } = newClient(server.path);
			const outcomes = await act(client, transcript);
			await client.stop();
			await server.stop();
			assert.deepEqual(server.differences, []);
			assert.equal(server.received, transcript.messages.filter(({ dir }) => dir === 'client').length);
			if (name.startsWith('lookup')) {
				const { found } = transcript.result as { found: number };
				assert.equal((outcomes[0] as unknown[]).length, found);
				return;
			}
			if (name === 'owner-restart') {
				assert.ok(outcomes.every(Array.isArray) && outcomes.length === 2);
				return;
			}
			const { status, data } = transcript.result as { status: number; data: unknown[] };
			// 5 is "no data", which is an answer of no parts.
			assert.deepEqual(plain(outcomes), plain([status === 0 || status === 5 ? data : status]));
		});

test('it takes an answer one byte at a time', async () => {
	const transcript = readTranscript('interface-wan-status');
	const server = new TranscriptServer(newPath(), transcript, { pieces: 1, random: () => 0 });
	await server.start();
	const { client } = newClient(server.path);
	const [outcome] = await act(client, transcript);
	await client.stop();
	await server.stop();
	assert.deepEqual(plain(outcome), plain((transcript.result as { data: unknown }).data));
});

test('it gives up on an owner that died in the call, and the connection goes on', async () => {
	const transcript = readTranscript('owner-dies');
	const server = new TranscriptServer(newPath(), transcript, 'messages');
	await server.start();
	const { clock, client } = newClient(server.path);
	const call = client.call('types', 'never');
	const failed = assert.rejects(call, /ubus types never: no answer within 3000 ms/);
	await until(() => server.received === 2);
	await clock.advance(3_000);
	await failed;
	assert.equal(client.up, true);
	assert.equal(clock.pending, 0);
	await client.stop();
	await server.stop();
});

test('it registers for events as the recorded client does and hands each on', async () => {
	const transcript = readTranscript('event');
	const server = new TranscriptServer(newPath(), transcript, 'together');
	await server.start();
	const events: unknown[] = [];
	const { client } = newClient(server.path, {
		events: ['network.interface'],
		onEvent: (method, data) => events.push({ method, data }),
	});
	const { seen } = transcript.result as { seen: { method: string; data: unknown }[] };
	await until(() => events.length === seen.length);
	await client.stop();
	await server.stop();
	assert.deepEqual(server.differences, []);
	assert.deepEqual(
		plain(events),
		seen.map(({ method, data }) => ({ method, data })),
	);
});

async function living(more: Partial<UbusOptions> = {}) {
	const ubusd = new FakeUbusd(newPath());
	ubusd.publish('thing', { say: ({ word }) => [{ word: word ?? null }], hang: () => 'silent' });
	await ubusd.start();
	const down: UbusError[] = [];
	const { clock, client } = newClient(ubusd.path, { onDown: (error) => down.push(error), ...more });
	const stop = async () => {
		await client.stop();
		await ubusd.stop();
	};
	return { ubusd, clock, client, down, stop };
}

test('it answers many calls at once, each with its own', async () => {
	const { client, stop } = await living();
	const words = Array.from({ length: 50 }, (_item, index) => `word ${index}`);
	const answers = await Promise.all(words.map((word) => client.call('thing', 'say', { word })));
	assert.deepEqual(
		plain(answers),
		words.map((word) => [{ word }]),
	);
	await stop();
});

test('it says no to the call too many instead of keeping it', async () => {
	const { client, ubusd, clock, stop } = await living();
	await client.call('thing', 'say');
	const hanging = Array.from({ length: 64 }, () =>
		client.call('thing', 'hang').catch((error: UbusError) => error.code),
	);
	await until(() => ubusd.calls.length === 65);
	await assert.rejects(client.call('thing', 'say'), /64 calls already wait/);
	await clock.advance(3_000);
	assert.deepEqual(new Set(await Promise.all(hanging)), new Set(['no answer']));
	await client.call('thing', 'say');
	await stop();
});

test('it looks an object up again when its owner restarts, and only then', async () => {
	const { client, ubusd, stop } = await living();
	await client.call('thing', 'say');
	ubusd.publish('thing', { say: () => [{ again: true }] });
	assert.deepEqual(plain(await client.call('thing', 'say')), [{ again: true }]);
	ubusd.remove('thing');
	ubusd.publish('other', {});
	await assert.rejects(client.call('thing', 'say'), /no object thing.*netifd/);
	await stop();
});

test('it comes back when ubusd restarts, registers again and fails what waited', async () => {
	let ups = 0;
	const { client, ubusd, clock, down, stop } = await living({ events: ['network.interface'], onUp: () => ups++ });
	await client.call('thing', 'say');
	const hanging = client.call('thing', 'hang').catch((error: UbusError) => error.message);
	await until(() => ubusd.calls.includes('thing hang') && ubusd.listeners === 1);
	await ubusd.stop();
	assert.match(String(await hanging), /the connection to ubusd was lost/);
	assert.equal(down.length, 1);
	await assert.rejects(client.call('thing', 'say'), /was lost/);
	await clock.advance(1_000);
	await until(() => down.length === 2);
	assert.match(down[1]!.message, /there is no ubus socket at/);
	ubusd.publish('thing', { say: () => [{ back: true }] });
	await ubusd.start();
	await clock.advance(1_000);
	await until(() => ups === 2 && ubusd.listeners === 1);
	assert.deepEqual(plain(await client.call('thing', 'say')), [{ back: true }]);
	await stop();
	assert.equal(clock.pending, 0);
});

test('it takes the older path where the newer does not exist', async () => {
	const ubusd = new FakeUbusd(newPath());
	await ubusd.start();
	const { client } = newClient('', { paths: [join(folder, 'ubus', 'ubus.sock'), ubusd.path] });
	assert.deepEqual(await client.lookup(), []);
	await client.stop();
	await ubusd.stop();
});

test('it says what a missing, dead or foreign socket means', async () => {
	const plainFile = newPath();
	writeFileSync(plainFile, '');
	for (const [paths, error] of [
		[[join(folder, 'no1'), join(folder, 'no2')], /no ubus socket at .*no1 or .*no2: this is not OpenWrt/],
		[[plainFile, join(folder, 'no2')], /nobody listens on the ubus socket/],
	] as [string[], RegExp][]) {
		const { client } = newClient('', { paths });
		await assert.rejects(client.call('network.device', 'status'), error);
		await client.stop();
	}
});

test('it says that the user is unknown when ubusd closes before its HELLO', async () => {
	const { client, ubusd, clock, down, stop } = await living();
	await client.call('thing', 'say');
	await ubusd.stop();
	await until(() => down.length === 1);
	ubusd.hello = 'closes';
	await ubusd.start();
	await clock.advance(1_000);
	await until(() => down.length === 2);
	assert.match(down[1]!.message, /before its HELLO: uid \d+, gid \d+ has no entry in \/etc\/passwd or \/etc\/group/);
	await stop();
});

test('it waits for a HELLO no longer than 3 s', async () => {
	const ubusd = new FakeUbusd(newPath());
	ubusd.hello = 'silent';
	await ubusd.start();
	const { client, clock } = newClient(ubusd.path);
	const call = assert.rejects(client.call('thing', 'say'), /did not say HELLO within 3000 ms/);
	await until(() => ubusd.connections === 1);
	await clock.advance(3_000);
	await call;
	await client.stop();
	await ubusd.stop();
});

test('it names the ACL file to a user who sees nothing, and to one who lacks the right', async () => {
	const { client, ubusd, stop } = await living();
	ubusd.world = 'empty';
	await assert.rejects(
		client.call('thing', 'say'),
		/no object at all.*\/usr\/share\/acl\.d\/netmon\.json.*killall -HUP ubusd/,
	);
	ubusd.world = 'whole';
	ubusd.denied.add('thing say');
	await assert.rejects(client.call('thing', 'say'), (error: UbusError) => {
		assert.equal(error.code, 6);
		assert.match(error.message, /status 6, permission denied.*\/usr\/share\/acl\.d\/netmon\.json/);
		return true;
	});
	ubusd.denied.clear();
	await client.call('thing', 'say');
	await stop();
});

const word = encodeMessage({ type: 'DATA', seq: 2, peer: 0, attrs: { DATA: { word: 'x' } } });
const tooLarge = Buffer.from(word);
tooLarge.writeUInt32BE(maxMessageBytes + 4, 8);
const brokenInside = Buffer.from(word);
brokenInside.writeUInt32BE(0x0700_ffff, 12);
for (const [what, bytes, error] of [
	['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /closed the connection.*first byte is 71/],
	['a message over 1 MiB', tooLarge, /closed the connection.*1048580 bytes, more than/],
	['a length that is wrong', brokenInside, /closed the connection.*65535 bytes long/],
] as [string, Buffer, RegExp][])
	test(`it closes the connection on ${what}, says so and comes back`, async () => {
		const { client, ubusd, clock, down, stop } = await living();
		await client.call('thing', 'say');
		ubusd.send(bytes);
		await until(() => down.length === 1);
		assert.match(down[0]!.message, error);
		await clock.advance(1_000);
		await until(() => client.up);
		await client.call('thing', 'say');
		await stop();
	});

test('it leaves a peer that stops in the middle of a message', async () => {
	const { client, ubusd, clock, down, stop } = await living();
	await client.call('thing', 'say');
	ubusd.send(word.subarray(0, 20));
	const call = client.call('thing', 'say', { word: 'behind it' }).catch((error: UbusError) => error.code);
	await until(() => ubusd.calls.length === 2);
	await clock.advance(3_000);
	// What came next was read as the rest of the half message, or waited for it.
	await until(() => down.length > 0);
	assert.ok(['no answer', 'not connected'].includes(String(await call)));
	await clock.advance(1_000);
	await until(() => client.up);
	await client.call('thing', 'say');
	await stop();
});

test('it ends an answer without end', async () => {
	const { client, ubusd, down, stop } = await living();
	await client.call('thing', 'say');
	const call = client.call('thing', 'hang').catch((error: UbusError) => error.message);
	await until(() => ubusd.calls.includes('thing hang'));
	const part = encodeMessage({ type: 'DATA', seq: 3, peer: 0, attrs: { DATA: { more: 'x'.repeat(10_000) } } });
	for (let sent = 0; sent < 450; sent++) ubusd.send(part);
	assert.match(String(await call), /an answer has no end/);
	assert.equal(down.length, 1);
	await stop();
});

test('it can be stopped at any moment, and twice', async () => {
	const ubusd = new FakeUbusd(newPath());
	ubusd.publish('thing', { hang: () => 'silent' });
	await ubusd.start();
	for (const turns of [0, 1, 2, 3, 5, 8]) {
		const { client, clock } = newClient(ubusd.path, { events: ['network.interface'] });
		const call = client.call('thing', 'hang').catch((error: UbusError) => error.code);
		for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
		await Promise.all([client.stop(), client.stop()]);
		assert.equal(await call, 'stopped');
		assert.equal(clock.pending, 0);
		await assert.rejects(client.call('thing', 'hang'), (error: UbusError) => error.code === 'stopped');
	}
	await ubusd.stop();
});
