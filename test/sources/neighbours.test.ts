import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AddressFact } from '../../src/record.ts';
import { Neighbours } from '../../src/sources/neighbours.ts';
import { WatchedFile, watchedBytesMost } from '../../src/sources/watchedfile.ts';
import { FakeClock } from '../fakes/clock.ts';
import { until } from '../fakes/until.ts';

const fixture = (name: string) => readFileSync(`test/fixtures/devices/${name}`, 'utf8');
const leaseEnds = 1772366400_000;

/** A folder with the tables of a LAN, and an `ip` that counts its runs and prints what the folder says. */
function lan(t: { after(run: () => void): void }, now = leaseEnds - 3_600_000) {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-lan-'));
	const path = (name: string) => join(folder, name);
	writeFileSync(path('leases'), fixture('dnsmasq.leases'));
	writeFileSync(path('arp'), fixture('arp.txt'));
	writeFileSync(path('neigh'), fixture('ip-neigh.txt'));
	writeFileSync(path('ip'), `#!/bin/sh\necho "$*" >>${path('runs')}\ncat ${path('neigh')}\n`, { mode: 0o755 });
	const clock = new FakeClock(now);
	const rounds: (readonly AddressFact[])[] = [];
	const problems: string[] = [];
	const wan: string[] = [];
	const neighbours = new Neighbours({
		clock,
		wanDevices: () => wan,
		onFacts: (facts) => rounds.push(facts),
		onProblem: (text) => problems.push(text.replaceAll(folder, '')),
		paths: { dnsmasq: [path('leases')], odhcpd: [path('absent')], arp: path('arp'), ip: path('ip') },
	});
	t.after(async () => {
		await neighbours.stop();
		rmSync(folder, { recursive: true });
	});
	const runs = () => {
		try {
			return readFileSync(path('runs'), 'utf8').split('\n').length - 1;
		} catch {
			return 0;
		}
	};
	return { clock, neighbours, rounds, problems, wan, path, runs };
}

const addresses = (facts: readonly AddressFact[] | undefined) => facts?.map(({ ip }) => ip) ?? [];

test('it tells what the tables say at once and each 30 s, the kernel first, and nothing after stop', async (t) => {
	const { clock, neighbours, rounds, problems, path } = lan(t);
	neighbours.start();
	neighbours.start();
	assert.equal(rounds.length, 1);
	assert.equal(rounds[0]![0]!.by, 'kernel');
	assert.deepEqual(addresses(rounds[0]).slice(0, 3), ['192.168.1.23', '192.168.1.23', '192.168.1.10']);
	writeFileSync(path('leases'), `${leaseEnds / 1000} 02:00:5e:10:00:77 192.168.1.77 new *\n`);
	await clock.advance(29_999);
	assert.equal(rounds.length, 1);
	await clock.advance(1);
	assert.deepEqual(addresses(rounds[1]), ['192.168.1.23', '192.168.1.77']);
	await neighbours.stop();
	await neighbours.stop();
	await clock.advance(120_000);
	assert.equal(rounds.length, 2);
	assert.equal(clock.pending, 0);
	assert.deepEqual(problems, []);
});

test('it does not take leases that have ended for what is', (t) => {
	const { neighbours, rounds } = lan(t, leaseEnds);
	neighbours.start();
	// Those without an end, and one that ends later.
	assert.deepEqual(addresses(rounds[0]).slice(1), ['192.168.1.10', '192.168.1.44', '192.168.1.45', '192.168.1.46']);
});

test('it runs ip only for an IPv6 address that is asked for, and once a minute', async (t) => {
	const { clock, neighbours, rounds, runs } = lan(t);
	neighbours.ask('fd12:3456::1f3');
	neighbours.start();
	await clock.advance(90_000);
	neighbours.ask('192.168.1.99');
	assert.equal(runs(), 0);
	const told = rounds.length;
	neighbours.ask('fd12:3456::1f3');
	neighbours.ask('fd12:3456::c0ff:ee');
	await until(() => rounds.length > told);
	assert.equal(runs(), 1);
	assert.ok(addresses(rounds.at(-1)).includes('fd12:3456::c0ff:ee'));
	neighbours.ask('fd12:3456::2');
	neighbours.ask('fd12:3456::3');
	await clock.advance(59_000);
	assert.equal(runs(), 1);
	await clock.advance(1_000);
	await until(() => runs() === 2);
	neighbours.ask('fd12:3456::4');
	await neighbours.stop();
	await clock.advance(120_000);
	assert.equal(runs(), 2);
	assert.equal(clock.pending, 0);
});

test("it leaves out the WAN's neighbours", async (t) => {
	const { neighbours, rounds, wan } = lan(t);
	wan.push('br-lan');
	neighbours.start();
	assert.ok(rounds[0]!.every(({ by }) => by !== 'kernel'));
	neighbours.ask('fd12:3456::1f3');
	await until(() => rounds.length > 1);
	assert.ok(rounds[1]!.every(({ by }) => by !== 'kernel'));
});

test('it says once that there is no ip, and goes on without', async (t) => {
	const { clock, neighbours, rounds, problems, path } = lan(t);
	rmSync(path('ip'));
	neighbours.start();
	neighbours.ask('fd12:3456::1f3');
	await until(() => problems.length > 0);
	await clock.advance(30_000);
	assert.deepEqual(problems, [
		'/ip -6 neigh show cannot be run (ENOENT): IPv6 addresses that DHCP did not give stay without a device',
	]);
	assert.equal(neighbours.notes().length, 1);
	neighbours.ask('fd12:3456::1f3');
	assert.equal(clock.pending, 1, 'nothing is planned but the next reading');
	assert.ok(addresses(rounds.at(-1)).includes('192.168.1.23'));
});

test('it takes an ip that fails, floods or hangs for no more than that', async (t) => {
	const { clock, neighbours, problems, path } = lan(t);
	neighbours.start();
	const said = async (script: string, mode = 0o755) => {
		writeFileSync(path('ip'), `#!/bin/sh\n${script}\n`);
		chmodSync(path('ip'), mode);
		const before = problems.length;
		neighbours.ask('fd12:3456::1f3');
		await clock.advance(60_000);
		await until(() => problems.length > before);
		return problems.at(-1)!;
	};
	assert.match(await said('exit 7'), /failed \(7\)/);
	assert.match(await said('yes "fd12::1 dev br-lan lladdr 02:00:00:00:00:01 STALE"'), /said too much/);
	writeFileSync(path('ip'), '#!/bin/sh\nexec sleep 600\n');
	await clock.advance(60_000);
	neighbours.ask('fd12:3456::1f3');
	await neighbours.stop();
});

test('it says once what it may not read or what is no file, and again only after it was well', async (t) => {
	const { clock, neighbours, rounds, problems, path } = lan(t);
	rmSync(path('leases'));
	mkdirSync(path('leases'));
	neighbours.start();
	await clock.advance(90_000);
	assert.deepEqual(problems, ['/leases cannot be read (it is no file): devices may be without names']);
	assert.equal(rounds.length, 4);
	rmSync(path('leases'), { recursive: true });
	await clock.advance(30_000);
	assert.deepEqual(neighbours.notes(), []);
	mkdirSync(path('leases'));
	await clock.advance(30_000);
	assert.equal(problems.length, 2);
});

test('it says that this user may not read a file, and takes it as empty', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-file-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'file');
	writeFileSync(path, 'secret', { mode: 0 });
	chmodSync(folder, 0o755);
	const file = new WatchedFile(path, (text) => text, '');
	const isRoot = process.getuid!() === 0;
	if (isRoot) process.seteuid!(65534);
	try {
		assert.equal(file.look(), '');
	} finally {
		if (isRoot) process.seteuid!(0);
	}
	assert.equal(file.problem, `${path} cannot be read (this user may not): devices may be without names`);
});

test('it reads a file again only when it has changed', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-file-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'file');
	let parsed = 0;
	const file = new WatchedFile(
		path,
		(text) => {
			parsed += 1;
			return text;
		},
		'',
	);
	assert.equal(file.look(), '');
	writeFileSync(path, 'one');
	assert.equal(file.look(), 'one');
	assert.equal(file.look(), 'one');
	assert.equal(parsed, 1);
	writeFileSync(path, 'other');
	assert.equal(file.look(), 'other');
	const { mtimeMs } = statSync(path);
	utimesSync(path, mtimeMs / 1000 + 5, mtimeMs / 1000 + 5);
	assert.equal(file.look(), 'other');
	assert.equal(parsed, 3);
	rmSync(path);
	assert.equal(file.look(), '');
	assert.equal(file.problem, null);
});

test('it reads no more than a MiB of what is larger, and reads all of /proc', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-file-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'file');
	writeFileSync(path, Buffer.alloc(3 * watchedBytesMost, 'x\n'));
	const file = new WatchedFile(path, (text) => text.length, 0);
	assert.equal(file.look(), watchedBytesMost);
	assert.match(file.problem!, /larger than 1024 KiB/);
	assert.equal(file.look(), watchedBytesMost);
	assert.match(file.problem!, /larger than 1024 KiB/);
	const arp = new WatchedFile('/proc/net/arp', (text) => text, '');
	assert.equal(arp.look(), readFileSync('/proc/net/arp', 'utf8'));
});
