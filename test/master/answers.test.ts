import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { FakeClock } from '../fakes/clock.ts';
import { type FakeMaster, startMaster } from '../fakes/master.ts';
import { uuid } from './body.ts';
import { newYear } from './openvault.ts';
import { phone, start, story, tablet } from './story.ts';

let master: FakeMaster;
const ends: (() => unknown)[] = [];
before(async () => {
	master = await startMaster({ after: (run) => ends.push(run) }, { clock: new FakeClock(newYear + 110_000_000) });
	for (const body of story()) {
		const headers = { 'Content-Type': 'application/json' };
		const { status } = await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers, body });
		assert.equal(status, 200);
	}
});
test.after(async () => {
	for (const end of ends) await end();
});

async function ask(path: string): Promise<{ data: never; total_count?: number }> {
	const answer = await fetch(`${master.url}/api/v1/${path}`);
	assert.equal(answer.status, 200, await answer.clone().text());
	return (await answer.json()) as { data: never };
}
const list = async (path: string) => (await ask(path)).data as Record<string, unknown>[];
const point = (day: string, value: number) => ({ time: `2026-01-${day}T00:00:00Z`, value });
const iso = (seconds: number) => new Date((start + seconds) * 1000).toISOString();

test('it names devices, and folds the addresses of one', async () => {
	const rows = await list('stats?type=group&group_by=device&sort_by=total');
	assert.deepEqual(
		rows.map(({ device, name, download }) => [device, name, download]),
		[
			[phone, 'phone', 1500],
			['192.168.1.77', null, 700],
			[tablet, 'tablet', 300],
			['(unattributed)', null, 58],
		],
	);
	const csv = await (await fetch(`${master.url}/api/v1/stats?type=group&group_by=device&limit=1&format=csv`)).text();
	assert.equal(csv, `device,name,count,download,upload,total\r\n${phone},phone,2,1500,30,1530\r\n`);
	assert.deepEqual(await list('devices?query=PHONE'), [
		{
			...{ agent_id: 'router', device: phone, mac: phone, name: 'phone', random: true },
			addresses: [
				{ address: '2001:db8::17', from: iso(0), to: null },
				{ address: '192.168.1.10', from: iso(0), to: iso(7200) },
			],
		},
	]);
	const page = await ask('devices?limit=1&offset=1');
	assert.equal(page.total_count, 2);
	assert.deepEqual(
		(page.data as { device: string }[]).map(({ device }) => device),
		[tablet],
	);
});

test('it pages through groups, searches them, and tells how many there are', async () => {
	const hosts = async (more: string) => {
		const { data, total_count } = await ask(`stats?type=group&group_by=host&sort_by=download${more}`);
		return [(data as { host: string }[]).map(({ host }) => host), total_count];
	};
	const all = ['example.com', 'b.example', 'c.example', '(unattributed)'];
	assert.deepEqual(await hosts(''), [all, 4]);
	for (const range of ['', `&from=2025-12-31&to=2026-01-09`, '&from=2025-12-31T00:05:00Z&to=2026-01-09']) {
		assert.deepEqual(await hosts(`&limit=2${range}`), [all.slice(0, 2), 4], range);
		assert.deepEqual(await hosts(`&limit=2&offset=2${range}`), [all.slice(2), 4], range);
		assert.deepEqual(await hosts(`&limit=2&offset=9${range}`), [[], 4], range);
		assert.deepEqual(await hosts(`&query=EXAMPLE&limit=1&offset=1${range}`), [['b.example'], 3], range);
		assert.deepEqual(await hosts(`&query=%25${range}`), [[], 0], range);
	}
	const nodes = await ask('stats?type=group&group_by=geoip&query=C&host=example&limit=1');
	assert.deepEqual(
		[(nodes.data as { destination_geoip: string }[])[0]!.destination_geoip, nodes.total_count],
		['cn', 1],
	);
	for (const query of ['phone', '2001:db8', '00:17']) {
		const { data } = await ask(`stats?type=group&group_by=device&query=${query}`);
		assert.deepEqual((data as { device: string }[])[0]!.device, phone, query);
	}
});

test('it adds up in one answer, with any range', async () => {
	const whole = {
		core: { count: 4, download: 2558, upload: 105, total: 2663 },
		attributed: { count: 4, download: 2500, upload: 105, total: 2605 },
		direct: { count: 1, download: 500, upload: 20, total: 520 },
		proxy: { count: 3, download: 2000, upload: 85, total: 2085 },
		reject: { count: 0, download: 0, upload: 0, total: 0 },
		unattributed: { count: 0, download: 58, upload: 0, total: 58 },
		wan: { download: 1700, upload: 60, total: 1760 },
		overhead: { download: 90, upload: 11, total: 101 },
		bypass: { download: 100, upload: 20, total: 120 },
		local: { download: 348, upload: 6, total: 354 },
		wan_only: { download: 0, upload: 0, total: 0 },
		unmeasured: { download: 700, upload: 70, total: 770 },
	};
	for (const range of ['', '&from=2026-01-01&to=2026-01-03', '&from=2025-12-31T23:55:00Z&to=2026-01-02T12:35:00Z']) {
		const { data } = await ask(`stats?type=balance${range}`);
		assert.deepEqual(data, whole, range);
	}
	type Side = { download: number; upload: number } | null;
	const { data: first } = await ask(
		'stats?type=balance&agent_id=router&from=2026-01-01T00:00:00Z&to=2026-01-01T00:35:00Z',
	);
	const { wan, core, overhead, bypass, local, wan_only, unmeasured } = first as Record<string, Side>;
	for (const way of ['download', 'upload'] as const) {
		const sum = core![way] - unmeasured![way] + overhead![way] + bypass![way] - local![way] + wan_only![way];
		assert.equal(wan![way], sum);
	}
	assert.deepEqual(wan_only, { download: 510, upload: 19, total: 529 });
	const { data: old } = await ask('stats?type=balance&agent_id=home');
	const told = old as Record<string, Side>;
	assert.deepEqual([told.wan, told.local, told.unmeasured!.download], [null, null, 700]);
	const { data: filtered } = await ask('stats?type=balance&host=b.example');
	const host = filtered as Record<string, Side>;
	assert.deepEqual([host.wan, host.unmeasured, host.core!.download, host.direct!.download], [null, null, 500, 500]);
});

test('it answers several metrics at once as it answers each alone', async () => {
	const days = 'stats?type=timeseries&from=2026-01-01&to=2026-01-03';
	assert.deepEqual(await list(`${days}&metric=upload,download&agent_id=home`), [
		{ metric: 'upload', points: [point('01', 0), point('02', 70)] },
		{ metric: 'download', points: [point('01', 0), point('02', 700)] },
	]);
	const metrics = ['connections', 'total', 'upload', 'download'];
	for (const more of ['', '&agent_id=router', '&interval=hour&host=example', '&interval=5m&class=proxy']) {
		const together = await list(`${days}&metric=${metrics}${more}`);
		const apart = await Promise.all(metrics.map((metric) => list(`${days}&metric=${metric}${more}`)));
		assert.deepEqual(
			together,
			metrics.map((metric, at) => ({ metric, points: apart[at] })),
			more,
		);
		for (const by of ['class', 'host', 'geoip']) {
			const split = await list(`${days}&metric=${metrics}&split_by=${by}${more}`);
			const each = metrics.map(async (metric) =>
				(await list(`${days}&metric=${metric}&split_by=${by}${more}`)).map((line) => ({ ...line, metric })),
			);
			assert.deepEqual(split, (await Promise.all(each)).flat(), `${more} by ${by}`);
		}
	}
	const csv = async (more: string) =>
		(await (await fetch(`${master.url}/api/v1/${days}&agent_id=home&format=csv&metric=${more}`)).text()).split('\r\n');
	assert.deepEqual((await csv('upload,download')).slice(0, 3), [
		'time,metric,value',
		'2026-01-01T00:00:00Z,upload,0',
		'2026-01-02T00:00:00Z,upload,70',
	]);
	assert.deepEqual((await csv('upload,download&split_by=class')).slice(-2), [
		'2026-01-02T00:00:00Z,proxy,download,700',
		'',
	]);
});

test('it tells the times of which less is known', async () => {
	const rows = await list('gaps?from=2026-01-01&to=2026-01-02&agent_id=router');
	assert.deepEqual(
		rows.map(({ kind, from, to, what, upload, download }) => [kind, from, to, what, upload, download]),
		[
			['wan_unknown', iso(9_000), iso(12_000), 'eth1 is gone', null, null],
			['late', iso(5_400), iso(11_100), 'found after nobody had looked', 6, 307],
			['missing', iso(5_400), iso(10_800), 'nobody looked', 1, 2],
		],
	);
	assert.deepEqual(rows.find(({ kind }) => kind === 'late')!.classes, {
		proxy: { upload: 5, download: 300 },
		unattributed: { upload: 1, download: 7 },
	});
	assert.deepEqual(await list('gaps?agent_id=home'), []);
	assert.deepEqual(await list('gaps?from=2026-01-01T04:00:00Z'), []);
});

test('it says how agents are', async () => {
	const [home, router] = await list('agents');
	assert.deepEqual(
		[home!.agent_id, home!.sends_usage, home!.health, home!.version, home!.wan],
		['home', false, null, null, null],
	);
	const { sends_usage, version, backlog_seconds, wan, health, tz, status, health_told } = router!;
	assert.deepEqual([sends_usage, version, backlog_seconds, tz, status], [true, '0.1.0', 4, 'UTC', 'online']);
	assert.deepEqual(wan, { source: 'procfs', devices: ['eth1'], why: '' });
	assert.deepEqual((health as object[])[1], { part: 'wan', state: 'up', since: iso(12_000), last_error: null });
	assert.equal(health_told, router!.last_sync);
});

test('it tells everything of one connection', async () => {
	const { data } = await ask(`connection?agent_id=router&id=${uuid(2)}`);
	assert.deepEqual(data, {
		...{ id: uuid(2), agent_id: 'router', download: 500, upload: 20, class: 'direct' },
		...{ last_updated: '2026-01-01T01:01:40.000Z', start: '2026-01-01T00:00:00.500Z' },
		...{ network: 'tcp', conn_type: 'Redir', source_ip: '2001:db8::17', destination_ip: '203.0.113.5' },
		...{ source_geoip: 'null', destination_geoip: '["cn"]', source_ip_asn: '', destination_ip_asn: '4134 Example' },
		...{ source_port: '50000', destination_port: '443', inbound_ip: '192.168.1.1', inbound_port: '7892' },
		...{ inbound_name: 'redir', inbound_user: '', host: 'b.example', dns_mode: 'normal', uid: 0, process: '' },
		...{ process_path: '', special_proxy: '', special_rules: '', remote_destination: '203.0.113.5', dscp: 0 },
		...{ sniff_host: '', chains: '["DIRECT"]', rule: 'RuleSet', rule_payload: 'streaming' },
		...{ device: phone, device_name: 'phone' },
	});
	for (const [path, status] of [
		[`connection?agent_id=home&id=${uuid(2)}`, 404],
		['connection?agent_id=home', 400],
	] as const) {
		assert.equal((await fetch(`${master.url}/api/v1/${path}`)).status, status, path);
	}
});

test('it lets what was told of old times go with their 5-minute rows', async (t) => {
	const own = await startMaster(t, { clock: new FakeClock(newYear + 110_000_000) });
	for (const body of story()) {
		const headers = { 'Content-Type': 'application/json' };
		await fetch(`${own.url}/api/v1/sync`, { method: 'POST', headers, body });
	}
	const count = async () => {
		const answer = await fetch(`${own.url}/api/v1/gaps`);
		return ((await answer.json()) as { data: unknown[] }).data.length;
	};
	assert.equal(await count(), 3);
	await own.vault.call('retire', [{ connectionsBefore: 0, usageBefore: (start + 11_500) * 1000 }]);
	assert.equal(await count(), 1);
	await own.vault.call('retire', [{ connectionsBefore: 0, usageBefore: (start + 20_000) * 1000 }]);
	assert.equal(await count(), 0);
});
