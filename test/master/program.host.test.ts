// The built program: its commands, its thread, kills, and what it does with files that are not its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { FakeCore } from '../fakes/core.ts';
import { scratchFolder } from '../fakes/master.ts';
import { built, command, post, run, summary } from '../fakes/masterprogram.ts';
import { Simulation } from '../fakes/simulation.ts';
import { oldBody, record, uuid } from './body.ts';
import { killAndCount } from './kills.ts';

test('it is safe by default, and says what is wrong with its settings', async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	const database = join(scratchFolder(t), 'm.db');
	for (const [words, says] of [
		[['--listen-host', '0.0.0.0'], /--no-token/],
		[['--retention-days', '0'], /from 1/],
		[['--unknown'], /no flag/],
		[['sing'], /no such command/],
		[['token', 'create', 'a b'], /token takes/],
		[['forget'], /at least one/],
		[['--agent', 'x'], /belong to/],
	] as const) {
		const { code, err } = await command(database, ...words);
		assert.equal(code, 2, words.join(' '));
		assert.match(err, says);
		assert.doesNotMatch(err, /secret/);
	}
	const clickhouse = await command('clickhouse://u:secret@h:1/n');
	assert.match(clickhouse.err, /clickhouse:\/\/ is not supported yet/);
	assert.doesNotMatch(clickhouse.err, /secret/);
	assert.match((await command(database, 'query', 'SELECT 1')).err, /no netmon-master runs/);
});

test('it takes the orders of its owner while it runs', async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	const folder = scratchFolder(t);
	const database = join(folder, 'm.db');
	const { url, end } = await run(t, database);
	await post(url, oldBody([record(), record({ id: uuid(2), host: 'secret.example', download: 1 })]));
	assert.match((await command(database, '--listen-port', '0')).err, /another netmon/);
	const sql = 'SELECT host, conn_download FROM connections ORDER BY conn_download';
	assert.equal((await command(database, 'query', sql)).out, 'host,conn_download\nsecret.example,1\nexample.com,1000');
	assert.equal((await command(database, 'query', 'DELETE FROM text')).code, 1);
	const token = (await command(database, 'token', 'create', 'router')).out;
	assert.match(token, /^[\w-]{43}$/);
	assert.match((await command(database, 'token', 'list')).out, /^number,agent,made,revoked\n1,router,/);
	assert.equal((await command(database, 'token', 'revoke', '1')).out, 'it is worthless from now on');
	assert.match((await command(database, 'forget', '--host', 'secret.example')).out, /^1 /);
	assert.match((await command(database, 'backup', join(folder, 'copy.db'))).out, /bytes$/);
	assert.match((await command(database, 'backup', join(folder, 'copy.db'))).err, /exists already/);
	const before = await summary(url);
	assert.equal(await end('SIGTERM'), 0);
	const copy = await run(t, join(folder, 'copy.db'));
	assert.deepEqual(await summary(copy.url), before);
	assert.equal(await copy.end('SIGTERM'), 0);
	assert.doesNotMatch(readFileSync(join(folder, 'copy.db'), 'latin1'), /secret\.example/);
});

test('it takes over the database of an old master, and never changes it', async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	const folder = scratchFolder(t);
	const old = join(folder, 'old.db');
	const columns = Object.keys(record()).filter((name) => !['download', 'upload', 'conn_type'].includes(name));
	const one = record({ agent_id: 'home' }) as unknown as Record<string, string | number>;
	const quoted = columns.map((name) => (typeof one[name] === 'number' ? one[name] : `'${one[name]}'`));
	const sql = `CREATE TABLE connections(conn_download INTEGER, conn_upload INTEGER, type TEXT, ${columns.join(', ')}, PRIMARY KEY (id, agent_id));
		INSERT INTO connections VALUES (1000, 100, 'Redir', ${quoted.join(', ')});
		INSERT INTO connections SELECT 5, 6, type, ${columns.map((name) => (name === 'id' ? "'second'" : name)).join(', ')} FROM connections;
		INSERT INTO connections SELECT -5, 6, type, ${columns.map((name) => (name === 'id' ? "'broken'" : name)).join(', ')} FROM connections LIMIT 1;`;
	if (spawnSync('sqlite3', [old, sql]).status !== 0) return t.skip('no sqlite3: makes the old database');
	const bytes = readFileSync(old);
	const refused = await command(old, 'master', '--listen-port', '0');
	assert.match(refused.err, /import/);
	const database = join(folder, 'm.db');
	const { url } = await run(t, database);
	assert.equal(
		(await command(database, 'import', old)).out,
		'2 connections, 1005 bytes down, 106 bytes up; 1 rows were none',
	);
	assert.deepEqual(await summary(url), { count: 2, download: 1005, upload: 106, total: 1111 });
	await command(database, 'import', old);
	assert.deepEqual(await summary(url), { count: 2, download: 1005, upload: 106, total: 1111 });
	assert.deepEqual(readFileSync(old), bytes);
});

test('it collects by itself as agent local', async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	const core = new FakeCore({ simulation: new Simulation({ seed: 1, connections: 20 }) });
	t.after(() => core.stop());
	await core.start();
	const token = 'a-token-of-24-characters';
	const flags = ['--mihomo-host', '127.0.0.1', '--mihomo-port', String(core.port), '--api-token', token];
	const { url, end } = await run(t, join(scratchFolder(t), 'm.db'), flags);
	for (;;) {
		const answer = await fetch(`${url}/api/v1/agents`, { headers: { Authorization: `Bearer ${token}` } });
		const { data } = (await answer.json()) as { data: { id: string; connection_count: number }[] };
		if (data[0]?.id === 'local' && data[0].connection_count >= 10) break;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.equal(await end('SIGTERM'), 0);
});

const kills = 6;
const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it keeps what it acknowledged through ${kills} kills, once (seed ${seed})`, async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	await killAndCount(t, kills, seed);
});

test('it sets a damaged file aside and begins anew', async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	const database = join(scratchFolder(t), 'm.db');
	const first = await run(t, database);
	await post(first.url, oldBody([record()]));
	await first.end('SIGTERM');
	const damaged = Buffer.alloc(statSync(database).size, 7);
	writeFileSync(database, damaged);
	writeFileSync(`${database}-inbox`, damaged);
	const second = await run(t, database);
	assert.deepEqual(await summary(second.url), { count: 0, download: 0, upload: 0, total: 0 });
	const aside = readdirSync(dirname(database)).filter((name) => name.includes('.damaged-'));
	assert.deepEqual(aside.map((name) => name.replace(/\.damaged-.*/, '')).sort(), ['m.db', 'm.db-inbox']);
	for (const name of aside) assert.deepEqual(readFileSync(join(dirname(database), name)), damaged);
});
