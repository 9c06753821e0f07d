import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSync } from '../../src/master/batch/packing.ts';
import { connectionHash, uuidBytes } from '../../src/master/booking/connectionkey.ts';
import { masterApplicationId, masterSchema } from '../../src/master/booking/schema.ts';
import { Vault } from '../../src/master/store/vault.ts';
import { openDatabase } from '../../src/system/database.ts';
import type { Row, WireRecord } from '../../src/wire.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, oldBody, record, row, uuid } from './body.ts';
import { everything, groupOf, newYear, openVault } from './openvault.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);

/** Bodies of two old agents that send their connections again as they grow, and of a router; some come twice or late. */
function bodies(random: () => number): Buffer[] {
	const pick = (count: number) => Math.floor(random() * count);
	const found: Buffer[] = [];
	const flowed = new Map<number, number>();
	let seq = 0;
	for (let at = 0; at < 60; at += 1) {
		if (pick(2)) {
			const records = Array.from({ length: 1 + pick(6) }, () => {
				const n = pick(20);
				flowed.set(n, (flowed.get(n) ?? 0) + pick(1000));
				const last_updated = new Date(newYear + at * 120_000 - pick(4) * 60_000).toISOString();
				const id = pick(9) === 0 ? `id ${n}` : uuid(n);
				return record({
					id,
					last_updated,
					download: flowed.get(n)! - (pick(15) === 0 ? 500 : 0),
					source_ip: `192.168.1.${n % 4}`,
				});
			}).filter(({ download }) => download >= 0);
			found.push(oldBody(records, `old${pick(2)}`));
		} else {
			const rows: Row[] = [];
			const records = new Map<number, WireRecord>();
			const after = seq;
			for (let more = 1 + pick(5); more > 0; more -= 1) {
				seq += 1;
				const number = 1 + pick(8);
				if (pick(2))
					records.set(
						number,
						record({ id: uuid(100 + number), host: `h${pick(3)}.example`, source_ip: `192.168.1.${number % 4}` }),
					);
				const kind = pick(6) === 0 ? 'unattributed' : 'usage';
				const bucket = newYear / 1000 + pick(30) * 300;
				rows.push(
					row({ seq, kind, bucket, record: kind === 'usage' ? number : null, up: pick(1000), down: pick(1000) }),
				);
			}
			const ip = `192.168.1.${pick(4)}`;
			const devices =
				pick(6) === 0 ? [{ ip, mac: `02:00:00:00:00:0${pick(3)}`, from: newYear / 1000 + pick(9000) }] : [];
			found.push(netmonBody(rows, [...records], { after, devices }));
		}
		if (pick(5) === 0) found.push(found[pick(found.length)]!);
	}
	return found;
}

function told(vault: Vault) {
	const sorted = (sql: string) =>
		vault
			.query(sql)
			.rows.map((one) => JSON.stringify(one))
			.sort();
	return {
		connections: sorted('SELECT * FROM connections'),
		groups: (['agent', 'class', 'host', 'device', 'destination', 'node'] as const).map((by) =>
			groupOf(vault, by).sort((a, b) => a.value.localeCompare(b.value)),
		),
		udp: groupOf(vault, 'host', { filters: [{ dimension: 'class', is: 'proxy' }] }).length,
		hours: sorted('SELECT k >> 30 AS hour, sum(n), sum(u), sum(d) FROM hour GROUP BY 1'),
		usage: sorted('SELECT k >> 30 AS bucket, sum(n), sum(u), sum(d) FROM usage GROUP BY 1'),
		cells: sorted('SELECT sum(n), sum(u), sum(d) FROM cell'),
		epochs: vault.state().epochs,
	};
}

test(`it books the same whether batches come alone or together (seed ${seed})`, async (t) => {
	for (let round = 0; round < 2; round += 1) {
		const all = bodies(randomFrom(seed * 100 + round));
		const [alone, together] = [await openVault(t), await openVault(t)];
		for (const body of all) alone.take(body);
		for (let at = 0; at < all.length; at += 17) together.take(...all.slice(at, at + 17));
		assert.deepEqual(told(together.vault), told(alone.vault), `round ${round}`);
	}
});

test('it tells two connections apart that share a hash', async (t) => {
	const { vault, take, folder } = await openVault(t);
	take(oldBody([record({ id: uuid(1), download: 10, upload: 0 })]));
	const [{ id: agent }] = vault.query("SELECT id FROM text WHERE value = 'home'").rows as [{ id: number }];
	vault.close();
	const path = join(folder, 'master.db');
	const file = await openDatabase(path, { applicationId: masterApplicationId, schema: masterSchema });
	if ('damaged' in file) throw new Error(file.damaged);
	// As if the hash of the second were that of the first.
	file.prepare<[number]>('INSERT INTO connection_key VALUES (?, 1)').run(connectionHash(agent, uuidBytes(uuid(2))!));
	file.close();
	const { vault: again } = await Vault.open(path, 0);
	t.after(() => again.close());
	const move = (id: number, download: number, last_updated: string) => {
		const batch = readSync(oldBody([record({ id: uuid(2), download, upload: 0, last_updated })]));
		if ('error' in batch) throw new Error(batch.error);
		again.move([{ id, came: newYear, body: batch.parcel }]);
		again.settle();
	};
	move(2, 100, '2026-01-01T00:01:00Z');
	move(3, 150, '2026-01-01T00:02:00Z');
	assert.deepEqual(again.ask({ ask: 'summary', ...everything }), { n: 2, u: 0, d: 160 });
	const one = again.ask({ ask: 'connection', agent: 'home', id: uuid(2) }) as { download: number };
	assert.equal(one.download, 150);
	while (again.retire({ connectionsBefore: newYear + 86_400_000, usageBefore: 0 }));
	assert.deepEqual(again.query('SELECT count(*) AS n FROM connections').rows, [{ n: 0 }]);
});
