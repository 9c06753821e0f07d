import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, test } from 'node:test';
import { LuciWan } from '../../src/sources/luci.ts';
import { deviceStatus, ifaceStatus, lastRow, networkDevice } from '../../src/sources/lucicounters.ts';
import { LuciLocation } from '../../src/sources/lucilocation.ts';
import { isLoginPage } from '../../src/sources/lucilogin.ts';
import { parseJson, parseReplies, type RpcReply } from '../../src/sources/lucirpc.ts';
import { LuciTalk } from '../../src/sources/lucitalk.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openLog } from '../../src/system/log.ts';
import { rawAnswer, writePieces } from '../fakes/answer.ts';
import { FakeClock } from '../fakes/clock.ts';

const opened: { close(): void }[] = [];
after(() => {
	for (const one of opened) one.close();
});

interface Recorded {
	readonly request: { readonly line: string; readonly body: string };
	readonly response: { readonly status: string; readonly headers: readonly string[]; readonly body: string };
}

const recorded = (path: string): Recorded => JSON.parse(readFileSync(`test/fixtures/openwrt/${path}.json`, 'utf8'));
const names = ['http', 'http-24.10'].flatMap((folder) =>
	readdirSync(`test/fixtures/openwrt/${folder}`).map((file) => `${folder}/${file.replace('.json', '')}`),
);

/** The bytes as they came: chunked, closed afterwards. */
function bytesOf({ response }: Recorded): Buffer {
	const headers = response.headers
		.map((line) => line.split(/:\s*/, 1).concat(line.replace(/^[^:]*:\s*/, '')))
		.filter(([name]) => !/^(connection|transfer-encoding|content-length)$/i.test(name!));
	const status = Number(response.status.split(' ')[1]);
	return rawAnswer({ status, headers: Object.fromEntries(headers), body: response.body });
}

/** Answers every request with what `answer` makes of it, cut at `ends(length)`. */
async function play(
	answer: (head: string, body: string) => Buffer,
	ends: (length: number) => number[],
): Promise<Server> {
	const server = createServer((socket) => {
		let text = '';
		socket.on('error', () => {});
		socket.on('data', (chunk) => {
			text += chunk.toString('latin1');
			const [head, body] = text.split('\r\n\r\n', 2);
			const length = Number(/content-length: (\d+)/i.exec(head!)?.[1] ?? 0);
			if (body === undefined || body.length < length) return;
			const bytes = answer(head!, body);
			text = '';
			void writePieces(socket, bytes, ends(bytes.length));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	opened.push(server);
	return server;
}

function locationOf(server: Server): LuciLocation {
	const location = LuciLocation.parse(`127.0.0.1:${(server.address() as AddressInfo).port}`);
	assert(location instanceof LuciLocation);
	return location;
}

function told(reply: RpcReply | undefined): string {
	if (!reply) return 'no reply';
	if (reply.kind === 'error') return `error ${reply.code}`;
	return reply.kind === 'status' ? `status ${reply.status}` : `data: ${Object.keys(reply.data).slice(0, 2).join(' ')}`;
}

/** What each recorded answer is, in the order of the folder. */
const outcomes: Record<string, string> = {
	'admin-ubus-cookie': 'data: interface',
	'admin-ubus-login': 'data: ubus_rpc_session timeout',
	'admin-ubus-no-session': 'error -32002',
	'admin-ubus-sid': 'data: ',
	'form-login': 'cookie sysauth_http',
	'form-login-again': 'cookie sysauth_http',
	'form-login-deep': 'cookie sysauth_http',
	'form-login-wrong': 'HTML 403',
	logout: 'nothing 302',
	'no-such-page': 'HTML 404',
	'old-bandwidth_status': 'HTML 200',
	'page-stale-cookie': 'HTML 403',
	'page-ubus-sid-as-cookie': 'HTML 403',
	'page-with-session': 'HTML 200',
	'page-without-session': 'HTML 403',
	root: 'HTML 200',
	'ubus-bad-json': 'error -32700',
	'ubus-batch': 'batch: data: interface, data: , error -32002',
	'ubus-batch-empty': 'empty batch',
	'ubus-device-status': 'data: external present',
	'ubus-device-status-unknown': 'status 2',
	'ubus-dump': 'data: interface',
	'ubus-expired': 'error -32002',
	'ubus-get': 'nothing 404',
	'ubus-getFeatures-null-session': 'data: firewall firewall4',
	'ubus-getNetworkDevices': 'data: ',
	'ubus-getRealtimeStats': 'data: result',
	'ubus-getRealtimeStats-first': 'data: result',
	'ubus-getRealtimeStats-unknown': 'data: result',
	'ubus-list': 'not ours',
	'ubus-login': 'data: ubus_rpc_session timeout',
	'ubus-login-unknown-user': 'status 6',
	'ubus-login-wrong': 'status 6',
	'ubus-no-method': 'error -32002',
	'ubus-no-object': 'error -32000',
	'ubus-no-right': 'error -32002',
	'ubus-own-session-arg': 'error -32602',
	'ubus-rest': 'not ours',
	'ubus-slash': 'data: interface',
	'ubus-three-params': 'error -32700',
};
const differs: Record<string, string> = { 'http-24.10/ubus-device-status': 'error -32002' };

async function outcome(path: string, ends: (length: number) => number[]): Promise<string> {
	const record = recorded(path);
	const server = await play(() => bytesOf(record), ends);
	const options = { certificate: null, timeoutMs: 10_000, clock: systemClock, onSecured: () => {} };
	const talk = new LuciTalk({ location: locationOf(server), ...options });
	opened.push(talk);
	const form = record.request.line.startsWith('POST') ? { form: new URLSearchParams({ a: 'b' }) } : {};
	const { status, headers, body } = await talk.ask({ path: record.request.line.split(' ')[1]!, ...form });
	assert.equal(body.toString(), record.response.body, path);
	const cookie = headers['set-cookie']?.[0]?.match(/^(sysauth\w*)=[0-9a-f]/)?.[1];
	if (cookie) return `cookie ${cookie}`;
	if (body.length === 0) return `nothing ${status}`;
	const value = parseJson(body);
	if (value === undefined) return `HTML ${status}`;
	if (!Array.isArray(value)) {
		const reply = parseReplies(body, 1)?.[0];
		// Keys of a table of devices are in no order.
		return reply ? told(reply).replace(/^data: (lo|eth\d|br-lan).*/, 'data: ') : 'not ours';
	}
	if (value.length === 0) return 'empty batch';
	// The recording counted its ids through; ours begin at 0 in each batch.
	const renumbered = value.map((message, id) => ({ ...message, id }));
	const replies = parseReplies(Buffer.from(JSON.stringify(renumbered)), value.length);
	return `batch: ${replies?.map((reply) => told(reply).replace(/^data: (lo|eth\d).*/, 'data: ')).join(', ')}`;
}

test('it takes every recorded answer for what it is, cut anywhere', async () => {
	for (const path of names) {
		const expected = differs[path] ?? outcomes[path.split('/')[1]!];
		assert(expected !== undefined, `${path}: not in the table`);
		assert.equal(await outcome(path, () => []), expected, path);
		assert.equal(
			await outcome(path, (length) => [3, 17, length >> 2, length >> 1, length - 7, length - 1]),
			expected,
			path,
		);
	}
	assert.equal(names.length, 40 + 9);
});

test('it reads recorded answers in pieces of one byte', async () => {
	for (const path of [
		'http/ubus-device-status',
		'http/form-login',
		'http-24.10/ubus-getRealtimeStats',
		'http/ubus-expired',
	]) {
		const expected = differs[path] ?? outcomes[path.split('/')[1]!];
		assert.equal(await outcome(path, (length) => [...Array(length).keys()]), expected, path);
	}
});

interface Call {
	readonly params: readonly [string, string, string, { readonly name?: string }];
}

/** A router that answers exactly what was recorded of LuCI in `folder`; several calls get their answers as a batch. */
function recordedRouter(folder: string) {
	function fileFor({ params: [, object, method, args] }: Call): string {
		const known: Record<string, string> = {
			'session login': 'ubus-login',
			'network.interface dump': 'ubus-dump',
			'network.device status': args.name === 'eth1' ? 'ubus-device-status' : 'ubus-device-status-unknown',
			'luci-rpc getNetworkDevices': 'ubus-getNetworkDevices',
		};
		return `${folder}/${known[`${object} ${method}`] ?? '../http/ubus-no-object'}`;
	}
	return (_: string, body: string): Buffer => {
		const calls: Call | Call[] = JSON.parse(body);
		if (!Array.isArray(calls)) return bytesOf(recorded(fileFor(calls)));
		const replies = calls.map((call, id) => ({ ...JSON.parse(recorded(fileFor(call)).response.body), id }));
		return rawAnswer({ status: 200, headers: {}, body: JSON.stringify(replies) });
	};
}

for (const [folder, call, counters] of [
	['http', 'network.device status', { rx: 1016n, tx: 1192n, ifindex: null }],
	['http-24.10', 'luci-rpc getNetworkDevices', { rx: 306n, tx: 392n, ifindex: 3 }],
] as const) {
	test(`it reads the counters of the recorded router in ${folder}`, async () => {
		const server = await play(recordedRouter(folder), (length) => [1, length >> 1]);
		const clock = new FakeClock();
		const log = openLog({ level: 'debug', format: 'text', clock, write: () => {} })('wan');
		const login = { username: 'root', password: 'secret' };
		const options = { certificate: null, devices: [], timeoutMs: 10_000, clock, log };
		const wan = new LuciWan({ url: locationOf(server), ...login, ...options });
		wan.start();
		const { devices } = await wan.sample();
		await wan.stop();
		assert.equal(wan.describe().error, null);
		assert.deepEqual(
			devices.map(({ name, ifindex, rxBytes, txBytes }) => ({ name, ifindex, rx: rxBytes, tx: txBytes }))[0],
			{ name: 'eth1', ...counters },
			call,
		);
	});
}

test('it reads counters out of the recorded answers, and none out of what is no counter', () => {
	const data = (path: string) => {
		const reply = parseReplies(Buffer.from(recorded(path).response.body), 1)?.[0];
		assert(reply?.kind === 'data');
		return reply.data;
	};
	const status = deviceStatus(data('http/ubus-device-status'), 'eth1');
	assert.deepEqual(status, {
		name: 'eth1',
		ifindex: null,
		rxBytes: 1016n,
		txBytes: 1192n,
		rxPackets: 12n,
		txPackets: 14n,
		lineRate: 1_250_000_000,
	});
	const devices = data('http-24.10/ubus-getNetworkDevices');
	assert.equal(networkDevice(devices, 'eth1')?.ifindex, 3);
	assert.equal(networkDevice(devices, 'nope0'), null);
	assert.equal(networkDevice(devices, 'toString'), null);
	const row = lastRow(data('http-24.10/ubus-getRealtimeStats').result, 'eth1');
	assert.deepEqual([row?.time, row?.counters.rxBytes, row?.counters.txPackets], [1795405696, 596n, 7n]);
	assert.equal(lastRow(data('http/ubus-getRealtimeStats-unknown').result, 'eth1'), null);
	for (const rows of [null, {}, 'x', [1], [[]], [['1', 2, 3, 4, 5]], [[1, 2.5, 3, 4, 5]], [[1, 2, 3, 1e30, 5]]]) {
		assert.equal(lastRow(rows, 'eth1'), null, JSON.stringify(rows));
	}
	assert.equal(ifaceStatus({}), null);
	assert.deepEqual(ifaceStatus([null, 1, { id: 'wan' }, { id: 1, ifname: 'eth1' }]), []);
	assert.equal(isLoginPage('<input type="password" name="luci_password" />'), true);
	assert.equal(isLoginPage('<title>OpenWrt</title>'), false);
});
