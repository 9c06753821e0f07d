import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { retryDelay, retryProfiles } from '../../src/engine/backoff.ts';
import type { ControllerAddress } from '../../src/sources/controller.ts';
import { Mihomo, type MihomoOptions } from '../../src/sources/mihomo.ts';
import { fingerprint as certificateFingerprint } from '../fakes/certificate.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeCore, type Listen } from '../fakes/core.ts';
import { Simulation } from '../fakes/simulation.ts';
import { until } from '../fakes/until.ts';

const here: ControllerAddress = {
	kind: 'tcp',
	host: '127.0.0.1',
	port: 0,
	socketPath: '',
	basePath: '',
	token: null,
	certificate: null,
};

/** What the source has told. */
interface Heard {
	attempts: number;
	versions: string[];
	/** Connections of each frame. */
	frames: number[];
	refused: string[];
	failures: string[];
	gaveUp: boolean;
	intervals: number[];
	types: number;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

async function core(options: {
	listen?: Listen;
	secret?: string;
	connections?: number;
	clock: FakeClock;
}): Promise<FakeCore> {
	const { connections = 20, ...rest } = options;
	const fake = new FakeCore({ simulation: new Simulation({ seed: 1, connections }), ...rest });
	await fake.start();
	ends.push(() => fake.stop());
	return fake;
}

function listen(
	clock: FakeClock,
	address: Partial<ControllerAddress>,
	options: Partial<MihomoOptions> = {},
): { heard: Heard; source: Mihomo } {
	const heard: Heard = {
		attempts: 0,
		versions: [],
		frames: [],
		refused: [],
		failures: [],
		gaveUp: false,
		intervals: [],
		types: 0,
	};
	const source = new Mihomo({
		address: { ...here, ...address },
		interval: 1000,
		timeoutMs: 10_000,
		clock,
		retryDelay: (failures) => retryDelay(retryProfiles.infinite, failures, 0.5),
		onAttempt: () => {
			heard.attempts += 1;
		},
		onArrive: (_identity, version) => heard.versions.push(version),
		onProxies: (types) => {
			heard.types = types.size;
		},
		onSnapshot: ({ connections }) => heard.frames.push(connections.length),
		onRefused: (why) => heard.refused.push(why),
		onFailure: (why) => heard.failures.push(why),
		onGiveUp: () => {
			heard.gaveUp = true;
		},
		onInterval: (ms) => heard.intervals.push(ms),
		...options,
	});
	source.start();
	ends.push(() => source.stop());
	return { heard, source };
}

const folder = mkdtempSync(join(tmpdir(), 'netmon-mihomo-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const ways: readonly (readonly [string, Listen, (fake: FakeCore) => Partial<ControllerAddress>])[] = [
	['TCP', { kind: 'tcp' }, ({ port }) => ({ port })],
	['TCP by a name', { kind: 'tcp' }, ({ port }) => ({ port, host: 'localhost' })],
	[
		'TLS with the fingerprint',
		{ kind: 'tls' },
		({ port }) => ({ kind: 'tls', port, certificate: { fingerprint: certificateFingerprint } }),
	],
	['TLS with any certificate', { kind: 'tls' }, ({ port }) => ({ kind: 'tls', port, certificate: 'any' })],
	[
		'a unix socket',
		{ kind: 'unix', path: join(folder, 'mihomo.sock') },
		() => ({ kind: 'unix', socketPath: join(folder, 'mihomo.sock') }),
	],
];
for (const [what, place, address] of ways) {
	test(`it reads a core over ${what}`, async () => {
		const clock = new FakeClock();
		const fake = await core({ listen: place, clock });
		const { heard } = listen(clock, address(fake));
		await until(() => heard.frames.length === 1);
		await clock.advance(1000);
		await until(() => heard.frames.length >= 2);
		assert.deepEqual(heard.failures, []);
		assert.equal(heard.versions.length, 1);
		assert.ok(heard.types > 3, `${heard.types} types of proxies`);
	});
}

test('it sends the secret in the header only, and a positive integer as interval', async () => {
	const clock = new FakeClock();
	const fake = await core({ secret: 's3cret-w0rd', clock });
	const { heard } = listen(clock, { port: fake.port, token: 's3cret-w0rd' });
	await until(() => heard.frames.length === 1);
	assert.ok(fake.asked.length >= 3);
	for (const { url, authorization } of fake.asked) {
		assert.equal(authorization, 'Bearer s3cret-w0rd');
		assert.ok(!url.includes('s3cret'), url);
	}
	assert.ok(fake.asked.some(({ url }) => url === '/connections?interval=1000'));
});

test('it tells a wrong secret from an unreachable core and from another program, in words to act on', async () => {
	const clock = new FakeClock();
	const fake = await core({ secret: 'right', clock });
	const failureWith = async (address: Partial<ControllerAddress>): Promise<string> => {
		const { heard, source } = listen(clock, address);
		await until(() => heard.failures.length > 0);
		await source.stop();
		return heard.failures[0]!;
	};
	assert.match(await failureWith({ port: fake.port, token: 'wrong' }), /401: the secret is wrong; set --mihomo-token/);
	assert.match(await failureWith({ port: fake.port }), /401: it asks for a secret and none is set/);
	fake.fault = { kind: 'html' };
	assert.match(await failureWith({ port: fake.port, token: 'right' }), /not mihomo's controller .* is the port right/);
	fake.fault = { kind: 'banner', text: 'SSH-2.0-dropbear\r\n' };
	assert.match(await failureWith({ port: fake.port, token: 'right' }), /does not speak HTTP/);
	fake.fault = null;
	const { port } = fake;
	await fake.stop();
	assert.match(await failureWith({ port, token: 'right' }), /refused the connection: is mihomo running/);
	assert.match(
		await failureWith({ kind: 'unix', socketPath: join(folder, 'none.sock') }),
		/none\.sock cannot be opened/,
	);
});

test('it says which fingerprint it saw when the certificate is not trusted', async () => {
	const clock = new FakeClock();
	const fake = await core({ listen: { kind: 'tls' }, clock });
	for (const certificate of [null, { fingerprint: `${'AB:'.repeat(31)}AB` }]) {
		const { heard } = listen(clock, { kind: 'tls', port: fake.port, certificate });
		await until(() => heard.failures.length > 0);
		assert.ok(heard.failures[0]!.includes(certificateFingerprint), heard.failures[0]);
		assert.match(heard.failures[0]!, /--clash-certificate/);
	}
	assert.equal(fake.asked.length, 0, 'not a byte was asked before the certificate was judged');
});

test('it leaves a silent core after 5 s and comes back to it', async () => {
	const clock = new FakeClock();
	const fake = await core({ clock });
	const { heard } = listen(clock, { port: fake.port });
	await until(() => heard.frames.length === 1);
	fake.fault = { kind: 'silence' };
	await clock.advance(4000);
	assert.deepEqual(heard.failures, []);
	await clock.advance(2000);
	assert.match(heard.failures[0]!, /sent no frame for [56] s/);
	fake.fault = null;
	const before = heard.frames.length;
	await clock.advance(2000);
	await until(() => heard.frames.length > before);
});

test('it gives a slow interval five intervals before it calls the core silent', async () => {
	const clock = new FakeClock();
	const fake = await core({ clock });
	const { heard } = listen(clock, { port: fake.port }, { interval: 10_000 });
	await until(() => heard.frames.length === 1);
	fake.fault = { kind: 'silence' };
	await clock.advance(49_000);
	assert.deepEqual(heard.failures, []);
	await clock.advance(2000);
	assert.equal(heard.failures.length, 1);
});

for (const kind of ['close', 'fin'] as const) {
	test(`it comes back with backoff from a core that ends each stream (${kind})`, async () => {
		const clock = new FakeClock();
		const fake = await core({ clock });
		fake.fault = { kind, afterFrames: 0 };
		const { heard } = listen(clock, { port: fake.port });
		for (let seconds = 0; seconds < 60; seconds += 1) {
			const { attempts, failures } = { ...heard, failures: heard.failures.length };
			await clock.advance(1000);
			// The next failure needs real sockets: it follows each attempt.
			if (heard.attempts > attempts) await until(() => heard.failures.length > failures);
		}
		assert.ok(heard.attempts > 4 && heard.attempts < 10, `${heard.attempts} attempts in a minute`);
		assert.match(heard.failures[0]!, /ended the stream/);
	});
}

test('it ends after the tries of a finite profile and says so', async () => {
	const clock = new FakeClock();
	const fake = await core({ clock });
	await fake.stop();
	const { heard } = listen(
		clock,
		{ port: fake.port },
		{ retryDelay: (failures) => retryDelay(retryProfiles.fast, failures, 0.5) },
	);
	while (!heard.gaveUp) {
		const { attempts } = heard;
		await until(() => heard.failures.length >= attempts);
		await clock.advance(100);
	}
	assert.equal(heard.gaveUp, true);
	assert.equal(heard.attempts, 5);
	assert.equal(clock.pending, 0);
});

test('it counts only the last of frames that arrive together', async () => {
	const clock = new FakeClock();
	const fake = await core({ clock });
	const { heard } = listen(clock, { port: fake.port });
	await until(() => heard.frames.length === 1);
	fake.fault = { kind: 'burst', frames: 4 };
	await clock.advance(4000);
	await until(() => heard.frames.length >= 2);
	assert.ok(heard.frames.length <= 3, `${heard.frames.length} frames`);
});

for (const fault of [
	{ kind: 'garbage', text: 'not json' },
	{ kind: 'truncated', share: 0.7 },
] as const) {
	test(`it refuses a frame that is ${fault.kind}, counts it and reads on`, async () => {
		const clock = new FakeClock();
		const fake = await core({ clock });
		const { heard } = listen(clock, { port: fake.port });
		await until(() => heard.frames.length === 1);
		fake.fault = fault;
		await clock.advance(1000);
		await until(() => heard.refused.length > 0);
		fake.fault = null;
		const before = heard.frames.length;
		await clock.advance(1000);
		await until(() => heard.frames.length > before);
		assert.deepEqual(heard.failures, []);
	});
}

test('it skips a frame of 300 MB without holding it, and reads the core again', async () => {
	const clock = new FakeClock();
	const fake = await core({ clock });
	const { heard } = listen(clock, { port: fake.port });
	await until(() => heard.frames.length === 1);
	const before = process.memoryUsage().rss;
	fake.fault = { kind: 'huge', bytes: 300_000_000 };
	await clock.advance(1000);
	await until(() => heard.failures.length === 1);
	assert.match(heard.failures[0]!, /more than 64 MiB: it was skipped/);
	assert.ok(process.memoryUsage().rss - before < 100_000_000);
	fake.fault = null;
	const { frames, attempts } = { ...heard, frames: heard.frames.length };
	await clock.advance(59_000);
	assert.equal(heard.attempts, attempts, 'what is too large is not asked for again and again');
	await clock.advance(2000);
	await until(() => heard.frames.length > frames);
});

for (const fault of [
	{ kind: 'raw', bytes: Buffer.from('\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff', 'latin1') },
	{ kind: 'raw', bytes: Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello') },
	{ kind: 'binary' },
] as const) {
	test(`it leaves a peer that breaks the protocol (${JSON.stringify(fault).slice(0, 40)})`, async () => {
		const clock = new FakeClock();
		const fake = await core({ clock });
		const { heard } = listen(clock, { port: fake.port });
		await until(() => heard.frames.length === 1);
		fake.fault = fault;
		await clock.advance(1000);
		await until(() => heard.failures.length === 1);
	});
}

for (const fault of [
	{ kind: 'pings', count: 1000 },
	{ kind: 'fragments', count: 1000 },
] as const) {
	test(`it reads through ${fault.count} ${fault.kind}`, async () => {
		const clock = new FakeClock();
		const fake = await core({ clock });
		const { heard } = listen(clock, { port: fake.port });
		await until(() => heard.frames.length === 1);
		fake.fault = fault;
		await clock.advance(1000);
		await until(() => heard.frames.length > 1);
		assert.deepEqual(heard.failures, []);
	});
}

test('it chooses the interval by the size of the frames when it may', async () => {
	const clock = new FakeClock();
	const fake = await core({ clock, connections: 20 });
	const { heard, source } = listen(clock, { port: fake.port }, { interval: 'auto' });
	await until(() => heard.frames.length === 1);
	await clock.advance(61_000);
	await until(() => heard.intervals.length === 1);
	assert.deepEqual(heard.intervals, [250]);
	assert.equal(source.intervalMs, 250);
	assert.ok(fake.asked.some(({ url }) => url.endsWith('interval=250')));
	assert.deepEqual(heard.failures, []);
});

test('it leaves nothing behind when it stops: no timer, no socket', async () => {
	const clock = new FakeClock();
	const fake = await core({ clock });
	const { heard, source } = listen(clock, { port: fake.port });
	await until(() => heard.frames.length === 1);
	const own = clock.pending;
	await source.stop();
	await source.stop();
	await until(() => fake.openStreams === 0);
	await fake.stop();
	assert.ok(own > 0);
	assert.equal(clock.pending, 0);
});
