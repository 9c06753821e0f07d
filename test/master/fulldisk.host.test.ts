// A disk that is really full: a small tmpfs in a mount namespace of its own, in which the built master runs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../fakes/master.ts';
import { built } from '../fakes/masterprogram.ts';
import { netmonBody, record, row, uuid } from './body.ts';

const script = `mount -t tmpfs -o size=48m,mode=700 tmpfs "$1" && dd if=/dev/zero of="$1/ballast" bs=1M count=42 status=none &&
exec "$2" dist/netmon-master.js --database "$1/m.db" --listen-port 0`;

test('it answers 507 while the disk is full, keeps what it acknowledged, and goes on when there is room', async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	if (spawnSync('unshare', ['-m', 'true']).status !== 0)
		return t.skip('no mount namespaces: the disk is a tmpfs in one');
	const folder = scratchFolder(t);
	const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', folder, process.execPath], {
		env: { ...process.env, NETMON_CONFIG: 'none', NETMON_ENV_FILE: 'none' },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const ended = new Promise((resolve) => child.once('exit', resolve));
	t.after(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	let said = '';
	const url = await new Promise<string>((resolve, reject) => {
		child.stderr.on('data', (text: Buffer) => {
			said += text;
			const found = /(http:\/\/127\.0\.0\.1:\d+)/.exec(said);
			if (found) resolve(found[1]!);
		});
		void ended.then(() => reject(new Error(said)));
	});
	const ballast = join(`/proc/${child.pid}/root`, folder, 'ballast');
	assert.ok(existsSync(ballast));
	let [acked, sent, down] = [0, 0, 0];
	const post = async () => {
		// Long texts of its own for each connection, so that the store grows.
		const records = Array.from({ length: 100 }, (_, at) => {
			const number = sent + at + 1;
			return [
				number,
				record({
					id: uuid(number),
					host: `${'h'.repeat(3900)}${number}`,
					rule_payload: `${'r'.repeat(3900)}${number}`,
				}),
			] as const;
		});
		const rows = records.map(([number]) => row({ seq: number, record: number, up: 0, down: 1000 + number }));
		const headers = { 'Content-Type': 'application/json' };
		const body = netmonBody(rows, records, { after: acked });
		const answer = await fetch(`${url}/api/v1/sync`, { method: 'POST', headers, body });
		const told = (await answer.json()) as { netmon?: { acked: number }; message: string | null };
		if (answer.status === 200) {
			acked = told.netmon!.acked;
			sent += 100;
			down += rows.reduce((sum, one) => sum + one.down, 0);
		}
		return { status: answer.status, message: told.message, retryAfter: answer.headers.get('retry-after') };
	};
	let refused = await post();
	for (let tries = 0; refused.status === 200 && tries < 2_000; tries += 1) refused = await post();
	assert.deepEqual(refused, { status: 507, message: 'the disk is full: nothing was taken', retryAfter: '60' });
	assert.ok(acked > 0 && acked === sent);
	assert.equal((await fetch(`${url}/api/v1/health`)).status, 200);
	rmSync(ballast);
	let after = await post();
	for (let tries = 0; after.status === 507 && tries < 50; tries += 1) after = await post();
	assert.equal(after.status, 200);
	const { data } = (await (await fetch(`${url}/api/v1/stats?type=summary`)).json()) as { data: { download: number } };
	assert.equal(data.download, down);
});
