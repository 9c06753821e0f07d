import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionPage } from '../../src/master/answers/list.ts';
import type { Filter, SumsRow } from '../../src/master/answers/question.ts';
import type { Line } from '../../src/master/answers/series.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, oldBody, record, row, uuid } from './body.ts';
import { everything, groupOf, newYear, openVault } from './openvault.ts';
import { shuffle } from './shuffle.ts';

const hourMs = 3_600_000;

function hours(count: number): number[] {
	return Array.from({ length: count + 1 }, (_, at) => newYear + at * hourMs);
}

test('it books an old agent by the growth between two syncs, and older never over newer', async (t) => {
	const { vault, take } = await openVault(t);
	for (let hour = 0; hour < 24; hour += 1) {
		const last_updated = new Date(newYear + hour * hourMs + 60_000).toISOString();
		take(oldBody([record({ last_updated, download: 1000 * (hour + 1), upload: 0 })]));
	}
	take(oldBody([record({ last_updated: '2026-01-01T05:00:00Z', download: 9_999_999 })]));
	assert.deepEqual(vault.ask({ ask: 'summary', ...everything }), { n: 1, u: 0, d: 24_000 });
	const [line] = vault.ask({
		ask: 'series',
		...everything,
		edges: hours(24),
		metrics: ['download'],
		splitBy: null,
	}) as Line[];
	assert.deepEqual(line!.values, Array(24).fill(1000));
	const page = vault.ask({
		ask: 'list',
		...everything,
		sort: 'last_updated',
		descending: true,
		limit: 10,
		offset: 0,
		after: null,
	}) as ConnectionPage;
	assert.equal(page.totalCount, 1);
	assert.equal(page.rows[0]!.download, 24_000);
	assert.equal(page.rows[0]!.id, record().id);
});

test('it books rows of netmon where they flowed, once, and adds unattributed to the core', async (t) => {
	const { vault, take } = await openVault(t);
	const bucket = newYear / 1000;
	const rows = [
		row({ seq: 1 }),
		row({ seq: 2, bucket: bucket + 3600, up: 1, down: 2 }),
		row({ seq: 3, kind: 'unattributed', up: -3, down: 7 }),
		row({ seq: 4, kind: 'wan', device: 'eth0', up: 1000, down: 2000 }),
	];
	take(netmonBody(rows, [[1, record()]]));
	take(netmonBody(rows, [[1, record()]]));
	take(netmonBody([row({ seq: 9 })], []));
	assert.deepEqual(vault.ask({ ask: 'summary', ...everything }), { n: 1, u: 8, d: 109 });
	assert.deepEqual(
		groupOf(vault, 'class', { sort: 'download' }).map(({ value, u, d }) => [value, u, d]),
		[
			['wan', 1000, 2000],
			['proxy', 11, 102],
			['unattributed', -3, 7],
		],
	);
	assert.deepEqual(
		groupOf(vault, 'host').map(({ value, d }) => [value, d]),
		[
			['example.com', 102],
			['(unattributed)', 7],
		],
	);
	assert.deepEqual(vault.state().epochs, [{ agent: 'router', epoch: 'e1', acked: 4 }]);
	assert.deepEqual(vault.query('SELECT id, conn_download, conn_upload, source_ip, rule, type FROM connections').rows, [
		{ id: record().id, conn_download: 102, conn_upload: 11, source_ip: '192.168.1.10', rule: 'RuleSet', type: 'Redir' },
	]);
	assert.throws(() => vault.query('DELETE FROM text'), /readonly|SQLITE_READONLY/i);
});

const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it gives the same sums by every way there is (seed ${seed})`, async (t) => {
	const { vault, take } = await openVault(t);
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	type Fact = { n: number; u: number; d: number; hour: number; texts: Record<string, string> };
	const facts: Fact[] = [];
	for (let at = 0; at < 400; at += 1) {
		const hour = pick(48);
		const one = record({
			id: uuid(at),
			agent_id: `agent${pick(3)}`,
			last_updated: new Date(newYear + hour * hourMs + pick(hourMs)).toISOString(),
			download: pick(1e6),
			upload: pick(1e5),
			network: ['tcp', 'udp'][pick(2)]!,
			rule: ['Match', 'GeoIP', 'RuleSet'][pick(3)]!,
			rule_payload: ['', 'cn'][pick(2)]!,
			process: ['', 'curl', 'chrome'][pick(3)]!,
			host: ['', 'a.example', 'b.example', 'c.test'][pick(4)]!,
			destination_ip: `203.0.113.${pick(9)}`,
			destination_geoip: ['null', '[]', '["cn"]', '["cn","private"]'][pick(4)]!,
			chains: ['["DIRECT"]', '["P","node-a"]', '["P","node-b"]'][pick(3)]!,
			source_ip: `192.168.1.${pick(5)}`,
		});
		take(oldBody([one]));
		const geo = one.destination_geoip.includes('cn') ? (one.destination_geoip.includes('priv') ? 'both' : 'cn') : '';
		facts.push({
			n: 1,
			u: one.upload,
			d: one.download,
			hour,
			texts: {
				agent: one.agent_id!,
				network: one.network,
				rule_type: one.rule,
				process: one.process,
				host: one.host || one.destination_ip,
				name: one.host,
				destination: one.destination_ip,
				device: one.source_ip,
				class: one.chains === '["DIRECT"]' ? 'direct' : 'proxy',
				geo,
			},
		});
	}
	const add = (list: readonly Fact[], by: string) => {
		const sums = new Map<string, [number, number, number]>();
		for (const { texts, n, u, d } of list) {
			const sum = sums.get(texts[by]!) ?? [0, 0, 0];
			sums.set(texts[by]!, [sum[0] + n, sum[1] + u, sum[2] + d]);
		}
		return sums;
	};
	const told = (rows: readonly SumsRow[]) => new Map(rows.map(({ value, n, u, d }) => [value, [n, u, d]]));
	const names = ['agent', 'network', 'rule_type', 'process', 'host', 'destination', 'device', 'class'] as const;
	const filters: [Filter[], (fact: Fact) => boolean][] = [
		[[], () => true],
		[[{ dimension: 'agent', is: 'agent1' }], ({ texts }) => texts.agent === 'agent1'],
		[
			[
				{ dimension: 'agent', is: 'agent1' },
				{ dimension: 'class', is: 'direct' },
			],
			({ texts }) => texts.agent === 'agent1' && texts.class === 'direct',
		],
		[[{ dimension: 'device', is: '192.168.1.2' }], ({ texts }) => texts.device === '192.168.1.2'],
		[[{ anyOf: ['host', 'destination'], contains: 'EXAMPLE' }], ({ texts }) => texts.host!.includes('example')],
		// A connection without a name has its address as host, too, and counts once.
		[[{ anyOf: ['host', 'destination'], contains: '113.4' }], ({ texts }) => texts.destination === '203.0.113.4'],
		[[{ anyOf: ['host', 'destination'], contains: 'nowhere' }], () => false],
		[
			[{ dimension: 'agent', isOneOf: ['agent1', 'agent9', 'nobody'] }],
			({ texts }) => ['agent1', 'agent9'].includes(texts.agent!),
		],
		[[{ anyOf: ['geoip'], contains: 'priv' }], ({ texts }) => texts.geo === 'both'],
		[
			[
				{ dimension: 'network', is: 'udp' },
				{ dimension: 'class', is: 'direct' },
			],
			({ texts }) => texts.network === 'udp' && texts.class === 'direct',
		],
	];
	const ranges = [null, [0, 48], [3, 30]] as const;
	for (const [filter, holds] of filters) {
		for (const range of ranges) {
			const scope = {
				filters: filter,
				from: range && newYear + range[0] * hourMs,
				to: range && newYear + range[1] * hourMs,
			};
			const meant = facts.filter((fact) => holds(fact) && (!range || (fact.hour >= range[0] && fact.hour < range[1])));
			const why = JSON.stringify(scope);
			for (const by of names) assert.deepEqual(told(groupOf(vault, by, scope)), add(meant, by), `${why} by ${by}`);
			const cn = groupOf(vault, 'geoip', scope).find(({ value }) => value === 'cn');
			assert.equal(cn?.n ?? 0, meant.filter(({ texts }) => texts.geo !== '').length, `${why} geoip`);
			const lines = vault.ask({
				ask: 'series',
				...scope,
				edges: hours(48),
				metrics: ['total'],
				splitBy: null,
			}) as Line[];
			const expected = hours(48)
				.slice(1)
				.map((_, hour) =>
					facts.filter((fact) => holds(fact) && fact.hour === hour).reduce((sum, { u, d }) => sum + u + d, 0),
				);
			assert.deepEqual(lines[0]!.values, expected, `${why} series`);
			const cuts = [0, 5, 24, 31, 48];
			const edges = cuts.map((hour) => newYear + hour * hourMs);
			const [uneven] = vault.ask({ ask: 'series', ...scope, edges, metrics: ['total'], splitBy: null }) as Line[];
			const between = cuts.slice(1).map((to, at) => expected.slice(cuts[at], to).reduce((a, b) => a + b, 0));
			assert.deepEqual(uneven!.values, between, `${why} uneven series`);
			for (const splitBy of ['device', 'class'] as const) {
				const series = { ...scope, edges: hours(48), metrics: ['connections'], splitBy } as const;
				const split = vault.ask({ ask: 'series', ...series }) as Line[];
				assert.deepEqual(
					new Map(split.map(({ name, values }) => [name, values.reduce((a, b) => a + b, 0)])),
					new Map([...add(facts.filter(holds), splitBy)].map(([name, [n]]) => [name, n])),
					`${why} split by ${splitBy}`,
				);
			}
		}
	}
});

test('it retires connections and 5-minute rows, keeps hours, and gives space back', async (t) => {
	const { vault, take } = await openVault(t);
	for (let at = 0; at < 8; at += 1) {
		const records = Array.from({ length: 500 }, (_, i) =>
			record({ id: uuid(at * 500 + i), host: `h${at}-${i}.example` }),
		);
		take(oldBody(records));
	}
	const before = [vault.ask({ ask: 'summary', ...everything }), groupOf(vault, 'network')];
	const bytes = vault.fileBytes();
	const retention = { connectionsBefore: newYear + hourMs, usageBefore: newYear + hourMs };
	while (vault.retire(retention));
	const left = vault.query('SELECT count(*) AS n FROM connection UNION ALL SELECT count(*) FROM usage');
	assert.deepEqual(left.rows, [{ n: 0 }, { n: 0 }]);
	assert.deepEqual([vault.ask({ ask: 'summary', ...everything }), groupOf(vault, 'network')], before);
	assert.ok(vault.fileBytes() < bytes, `${vault.fileBytes()} is less than ${bytes}`);
});

test(`it books each row once through 100 shuffles (seed ${seed})`, (t) => shuffle(t, 100, seed));
