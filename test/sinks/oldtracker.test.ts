import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openDatabase } from '../../src/system/database.ts';
import { nodeDisk } from '../../src/system/disk.ts';
import { FakeClock } from '../fakes/clock.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life } from '../fakes/queuelife.ts';
import { RowMaster } from '../fakes/rowmaster.ts';

// The old program's columns, and how it marks what was synced: facts of its version 0.2.0.
const columns = `id TEXT, conn_download INTEGER, conn_upload INTEGER, last_updated TEXT, start TEXT, network TEXT, type TEXT,
	source_ip TEXT, destination_ip TEXT, source_geoip TEXT, destination_geoip TEXT, source_ip_asn TEXT,
	destination_ip_asn TEXT, source_port TEXT, destination_port TEXT, inbound_ip TEXT, inbound_port TEXT,
	inbound_name TEXT, inbound_user TEXT, host TEXT, dns_mode TEXT, uid INTEGER, process TEXT, process_path TEXT,
	special_proxy TEXT, special_rules TEXT, remote_destination TEXT, dscp INTEGER, sniff_host TEXT, chains TEXT,
	rule TEXT, rule_payload TEXT, agent_id TEXT`;
const synced = '2026-02-28T10:00:00.000000000+00:00';

async function oldFile(t: TestContext, { records }: { records: number }): Promise<string> {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-old-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'agent.db');
	const database = await openDatabase(path, { applicationId: 0, schema: [] });
	assert.ok(!('damaged' in database));
	database.exec(`CREATE TABLE connections (${columns}, PRIMARY KEY (id, agent_id));
		CREATE TABLE sync_state (id INTEGER PRIMARY KEY, last_sync_time TEXT, pending_records INTEGER, last_connection_id TEXT);
		INSERT INTO sync_state VALUES (1, '${synced}', 0, '')`);
	for (let no = 0; no < records; no += 1) {
		// Half of them were synced.
		const hour = no % 2 === 0 ? '09' : '11';
		const leaf = ['DIRECT', 'REJECT', 'node-7'][no % 3];
		database.exec(`INSERT INTO connections (id, conn_download, conn_upload, last_updated, start, source_ip, chains, host, uid)
			VALUES ('old-${no}', ${1000 + no}, ${no}, '2026-02-28T${hour}:00:${String(no % 60).padStart(2, '0')}.5+00:00',
			'2026-02-28T08:00:00Z', '192.168.1.5', '["Proxy","${leaf}"]', 'h${no}.example', NULL)`);
	}
	database.close();
	return path;
}

const wall = Date.UTC(2026, 2, 1, 8);
const begin = (path: string) =>
	new Life({ disk: nodeDisk, clock: new FakeClock(wall), core: new MiniCore(), path, persistDir: null });

test('it keeps the file of an old program as NAME.old and queues what was not synced, once', async (t) => {
	const path = await oldFile(t, { records: 3001 });
	const master = new RowMaster();
	for (let life = 0; life < 3; life += 1) {
		const { queue, said } = await begin(path).start();
		master.drain(queue.outbox);
		if (life === 0) assert.match(said.join(), /kept as agent\.db\.old; 1500 records are queued/);
		await queue.stop();
	}
	assert.deepEqual(readdirSync(join(path, '..')).sort(), ['agent.db', 'agent.db.old']);
	let [up, down] = [0, 0];
	for (let no = 1; no < 3001; no += 2) {
		up += no;
		down += 1000 + no;
	}
	assert.deepEqual(master.sum('usage'), { up, down });
	assert.deepEqual([master.rows.length, master.nameless.length, master.repeated.length], [1500, 0, 0]);
	const [row] = master.rows;
	const record = master.records.get(`${row!.epoch} ${row!.record}`)!;
	assert.deepEqual(
		{ id: record.id, host: record.host, chains: record.chains, uid: record.uid, upload: record.upload },
		{ id: 'old-1', host: 'h1.example', chains: '["Proxy","REJECT"]', uid: 0, upload: 1 },
	);
	assert.deepEqual(
		{ class: row!.class, bucket: row!.bucket, since: row!.since },
		{ class: 'reject', bucket: Date.UTC(2026, 1, 28, 11) / 1000, since: Date.UTC(2026, 1, 28, 8) / 1000 },
	);
});

test('it goes on where it was cut short between moving the file and queueing its rows', async (t) => {
	const path = await oldFile(t, { records: 100 });
	nodeDisk.rename(path, `${path}.importing`);
	const { queue } = await begin(path).start();
	const master = new RowMaster();
	master.drain(queue.outbox);
	assert.equal(master.rows.length, 50);
	await queue.stop();
	// Queued, and killed before the file got its name.
	nodeDisk.rename(`${path}.old`, `${path}.importing`);
	const again = await begin(path).start();
	master.drain(again.queue.outbox);
	assert.equal(master.rows.length, 50);
	assert.ok(existsSync(`${path}.old`));
	await again.queue.stop();
});

test('it takes a database of any other program for what it is, and keeps that too', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-old-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'photos.db');
	const database = await openDatabase(path, { applicationId: 7, schema: ['CREATE TABLE photos (name)'] });
	assert.ok(!('damaged' in database));
	database.close();
	const life = await begin(path).start();
	await life.queue.stop();
	assert.match(life.said.join(), /another program: it is kept as photos\.db\.damaged-/);
	assert.equal(readdirSync(folder).filter((name) => name.startsWith('photos.db.damaged-')).length, 1);
});
