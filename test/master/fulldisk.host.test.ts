// A disk that is really full: a small tmpfs in a mount namespace of its own, in which the built master runs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '../fakes/master.ts';
import { built } from '../fakes/masterprogram.ts';
import { until } from '../fakes/until.ts';
import { netmonBody, record, row, uuid } from './body.ts';

const tmpfs = `mount -t tmpfs -o size="$3"m,mode=700 tmpfs "$1" && dd if=/dev/zero of="$1/ballast" bs=1M count="$4" status=none &&
exec "$2" dist/netmon-master.js --database "$1/m.db" --listen-port 0`;

interface Sizes {
	/** MB. */
	readonly disk: number;
	/** Of it, until somebody makes room. */
	readonly ballast: number;
}

/** Whether a disk can be made here; else the test says why it was skipped. */
function possible(t: TestContext): boolean {
	if (!built()) t.skip('no dist/netmon-master.js: make build');
	else if (spawnSync('unshare', ['-m', 'true']).status !== 0) t.skip('no mount namespaces: the disk is a tmpfs in one');
	else return true;
	return false;
}

/** A master on a disk of its own, and an agent whose connections have long texts, so that the store grows. */
async function smallDisk(t: TestContext, { disk, ballast }: Sizes) {
	const folder = scratchFolder(t);
	const args = ['-m', 'sh', '-c', tmpfs, 'sh', folder, process.execPath, String(disk), String(ballast)];
	const child = spawn('unshare', args, {
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
	const file = join(`/proc/${child.pid}/root`, folder, 'ballast');
	assert.ok(existsSync(file));
	let [acked, sent, down] = [0, 0, 0];
	const post = async () => {
		const records = Array.from({ length: 100 }, (_, at) => {
			const number = sent + at + 1;
			const [host, rule_payload] = ['h', 'r'].map((letter) => `${letter.repeat(3900)}${number}`);
			return [number, record({ id: uuid(number), host: host!, rule_payload: rule_payload! })] as const;
		});
		const rows = records.map(([number]) => row({ seq: number, record: number, up: 0, down: 1000 + number }));
		const headers = { 'Content-Type': 'application/json' };
		const body = netmonBody(rows, records, { after: acked });
		const answer = await fetch(`${url}/api/v1/sync`, { method: 'POST', headers, body });
		const told = (await answer.json()) as { netmon?: { acked: number }; message: string | null };
		if (answer.status === 200) {
			acked = told.netmon!.acked;
			sent += 100;
			assert.equal(acked, sent);
			down += rows.reduce((sum, one) => sum + one.down, 0);
		}
		return { status: answer.status, message: told.message, retryAfter: answer.headers.get('retry-after') };
	};
	/** Sends until it is refused. */
	const fill = async () => {
		let refused = await post();
		for (let tries = 0; refused.status === 200 && tries < 2_000; tries += 1) refused = await post();
		return refused;
	};
	/** What is acknowledged, what the answer has of it, and how many batches it says it lacks. */
	const sums = async () => {
		const answer = await fetch(`${url}/api/v1/stats?type=summary`);
		const { data, waiting = 0 } = (await answer.json()) as { data: { download: number }; waiting?: number };
		return { acknowledged: down, answered: data.download, waiting };
	};
	const grow = (size: number) => {
		const mount = ['mount', '-o', `remount,size=${size}m`, folder];
		assert.equal(spawnSync('nsenter', ['-t', String(child.pid), '-m', ...mount]).status, 0);
	};
	return { url, post, fill, sums, grow, ballast: file };
}

test('it answers 507 while the disk is full, keeps what it acknowledged, and goes on when there is room', async (t) => {
	if (!possible(t)) return;
	const { url, post, fill, sums, ballast } = await smallDisk(t, { disk: 48, ballast: 42 });
	const refused = await fill();
	assert.deepEqual(refused, { status: 507, message: 'the disk is full: nothing was taken', retryAfter: '60' });
	assert.equal((await fetch(`${url}/api/v1/health`)).status, 200);
	rmSync(ballast);
	let after = await post();
	for (let tries = 0; after.status === 507 && tries < 50; tries += 1) after = await post();
	assert.equal(after.status, 200);
	await until(async () => (await sums()).waiting === 0);
	const { acknowledged, answered } = await sums();
	assert.ok(acknowledged > 0);
	assert.equal(answered, acknowledged);
});

test('it says how many batches its sums lack while there is no room to book them, and books them when there is', async (t) => {
	if (!possible(t)) return;
	const { url, fill, sums, grow, ballast } = await smallDisk(t, { disk: 12, ballast: 6 });
	const health = async () => (await fetch(`${url}/api/v1/health`)).text();
	const frank = ({ acknowledged, answered, waiting }: Awaited<ReturnType<typeof sums>>) =>
		assert.equal(answered < acknowledged, waiting > 0, `${answered} of ${acknowledged}, ${waiting} wait`);
	await fill();
	const first = await sums();
	frank(first);
	assert.ok(first.waiting > 0 && first.acknowledged > 0);
	assert.match(await health(), /^OK\n\d+ batch.* to be booked: the disk is full$/);
	rmSync(ballast);
	for (let round = 0; round < 5; round += 1) {
		await fill();
		frank(await sums());
	}
	grow(64);
	await until(async () => (await sums()).waiting === 0);
	frank(await sums());
	assert.equal(await health(), 'OK');
});
