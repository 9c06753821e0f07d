import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../src/wire.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, record, row, uuid } from './body.ts';
import { everything, groupOf, newYear, openVault } from './openvault.ts';

const start = newYear / 1000;
const [phone, tablet] = ['02:00:5e:10:00:17', '02:00:5e:10:00:18'];
const sumsOf = (vault: Parameters<typeof groupOf>[0]) =>
	groupOf(vault, 'device', { sort: 'total' }).map(({ value, n, u, d }) => [value, n, u, d]);

test('it books bytes on the device that had the address then', async (t) => {
	const { vault, take } = await openVault(t);
	const devices: Device[] = [
		{ ip: '192.168.1.10', mac: phone, name: 'phone', from: start, to: start + 3600 },
		{ ip: '192.168.1.10', mac: tablet, name: 'tablet', from: start + 3600 },
		{ ip: '2001:db8::17', mac: phone, from: start },
	];
	const at = (hour: number) => new Date(newYear + hour * 3_600_000 + 1000).toISOString();
	take(
		netmonBody(
			[
				row({ seq: 1, record: 1, down: 1 }),
				row({ seq: 2, record: 2, down: 20, bucket: start + 7200 }),
				row({ seq: 3, record: 3, down: 300 }),
				row({ seq: 4, record: 4, down: 4000 }),
			],
			[
				[1, record({ id: uuid(1), last_updated: at(0) })],
				[2, record({ id: uuid(2), last_updated: at(2) })],
				[3, record({ id: uuid(3), last_updated: at(0), source_ip: '2001:db8::17' })],
				[4, record({ id: uuid(4), last_updated: at(0), source_ip: '192.168.1.99' })],
			],
			{ devices },
		),
	);
	assert.deepEqual(sumsOf(vault), [
		['192.168.1.99', 1, 10, 4000],
		[phone, 2, 20, 301],
		[tablet, 1, 10, 20],
	]);
});

test('it gives each connection of an address to the device that had it then, when both are told of later', async (t) => {
	const { vault, take } = await openVault(t);
	const at = (hour: number) => new Date(newYear + hour * 3_600_000 + 1000).toISOString();
	take(
		netmonBody(
			[row({ seq: 1, record: 1, down: 1 }), row({ seq: 2, record: 2, down: 20, bucket: start + 7200 })],
			[
				[1, record({ id: uuid(1), last_updated: at(0) })],
				[2, record({ id: uuid(2), last_updated: at(2) })],
			],
		),
	);
	const devices: Device[] = [
		{ ip: '192.168.1.10', mac: phone, from: start, to: start + 3600 },
		{ ip: '192.168.1.10', mac: tablet, from: start + 3600 },
	];
	take(netmonBody([], [], { after: 2, devices }));
	assert.deepEqual(sumsOf(vault), [
		[tablet, 1, 10, 20],
		[phone, 1, 10, 1],
	]);
	const owner =
		'SELECT text.value AS device, c.down FROM connection c JOIN cell ON cell.id = c.cell JOIN text ON text.id = device';
	assert.deepEqual(vault.query(`${owner} ORDER BY c.id`).rows, [
		{ device: phone, down: 1 },
		{ device: tablet, down: 20 },
	]);
});

const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it books on the device what was booked on its address before it was told of (seed ${seed})`, async (t) => {
	const { vault, take } = await openVault(t);
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const ip = (host: number) => `192.168.1.${host}`;
	const mac = (host: number) => `02:00:00:00:00:${host.toString(16).padStart(2, '0')}`;
	const expected = new Map<number, [number, number, number]>();
	const told = new Set<number>();
	let seq = 0;
	for (let batch = 0; batch < 60; batch += 1) {
		const host = pick(8);
		seq += 1;
		const bucket = start + 300 * pick(40);
		const down = pick(10_000);
		const last_updated = new Date(bucket * 1000 + 1000).toISOString();
		const one = record({ id: uuid(seq), source_ip: ip(host), last_updated });
		const devices: Device[] = [];
		if (pick(6) === 0) {
			const named = pick(8);
			told.add(named);
			devices.push({ ip: ip(named), mac: mac(named), from: start });
		}
		const body = netmonBody([row({ seq, record: seq, bucket, down })], [[seq, one]], { devices });
		take(body);
		if (pick(3) === 0) take(body);
		const [n, u, d] = expected.get(host) ?? [0, 0, 0];
		expected.set(host, [n + 1, u + 10, d + down]);
	}
	const wanted = [...expected].map(([host, sums]) => [told.has(host) ? mac(host) : ip(host), ...sums]);
	const byName = (rows: unknown[][]) => rows.sort((a, b) => String(a[0]).localeCompare(String(b[0])));
	assert.deepEqual(byName(sumsOf(vault)), byName(wanted));
	// The same by every way: single connections, and added up over a range that is no whole hour.
	const listed = vault.query(`SELECT text.value AS device, count(*) AS n, sum(c.down) AS d FROM connection c
		JOIN cell ON cell.id = c.cell JOIN text ON text.id = cell.device GROUP BY 1`).rows as {
		device: string;
		d: number;
	}[];
	const downs = (rows: unknown[][]) => byName(rows.map(([name, , , d]) => [name, d]));
	assert.deepEqual(byName(listed.map(({ device, d }) => [device, d])), downs(wanted));
	const range = groupOf(vault, 'device', { from: newYear - 300_000, to: newYear + 41 * 300_000 });
	assert.deepEqual(byName(range.map(({ value, d }) => [value, d])), downs(wanted));
});

test('it forgets a device by its MAC or by an address, with all that was told of it', async (t) => {
	for (const [name, gone] of [
		[phone, [phone, '2001:db8::17', '192.168.1.10', 'my phone']],
		['192.168.1.10', ['192.168.1.10']],
	] as const) {
		const { vault, take } = await openVault(t);
		const devices: Device[] = [
			{ ip: '192.168.1.10', mac: phone, name: 'my phone', from: start },
			{ ip: '2001:db8::17', mac: phone, name: 'my phone', from: start },
		];
		const records = ['192.168.1.10', '2001:db8::17', '192.168.1.99'].map(
			(source_ip, at) => [at + 1, record({ id: uuid(at), source_ip })] as const,
		);
		take(
			netmonBody(
				[1, 2, 3].map((seq) => row({ seq, record: seq })),
				records,
				{ devices },
			),
		);
		const before = vault.ask({ ask: 'summary', ...everything });
		vault.forget({ agent: null, device: name, host: null, before: null });
		assert.deepEqual(vault.ask({ ask: 'summary', ...everything }), before);
		const kept = JSON.stringify([
			vault.query('SELECT value FROM text').rows,
			vault.query('SELECT address, mac, name FROM device').rows,
			vault.query('SELECT address FROM stranger').rows,
		]);
		for (const word of gone) {
			assert.ok(!kept.includes(word), `${word} after ${name}`);
		}
		assert.ok(kept.includes('192.168.1.99'));
	}
});
