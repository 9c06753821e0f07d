import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { GroupPage } from '../../src/master/answers/question.ts';
import type { QuotaState } from '../../src/master/quota/quotabook.ts';
import { Vault } from '../../src/master/store/vault.ts';
import { scratchFolder } from '../fakes/master.ts';
import { makeYear } from './year.ts';
import { agents } from './yearcast.ts';
import { dayOf } from './yearday.ts';

const end = Date.UTC(2026, 10, 28, 15, 40);

async function made(t: TestContext): Promise<Vault> {
	const path = join(scratchFolder(t), 'year.db');
	const connections = await makeYear({ path, connections: 300, days: 10, end, seed: 1 });
	const { vault } = await Vault.open(path, 0);
	t.after(() => vault.close());
	assert.deepEqual(vault.query('SELECT count(*) AS n FROM connection').rows, [{ n: connections }]);
	assert.ok(connections > 200 && connections < 400, `${connections} connections`);
	return vault;
}

test('it makes the same figures for the same end and seed, and they add up', async (t) => {
	const [one, same] = [await made(t), await made(t)];
	const all = (vault: Vault) =>
		['agenthour', 'usage', 'connection', 'device', 'gap', 'text'].map(
			(table) => vault.query(`SELECT * FROM ${table}`).rows,
		);
	assert.deepEqual(all(same), all(one));
	const day = (seed: number) => dayOf({ agent: agents[0]!, day: 20_000, visits: 9, weight: 1, seed });
	assert.notDeepEqual(day(1), day(2));
	const agent = (is: string) => [{ dimension: 'agent', is } as const];
	const whole = {
		from: null,
		to: null,
		sort: 'total',
		descending: true,
		limit: 100,
		offset: 0,
		contains: null,
	} as const;
	const sums = (name: string) => {
		const { rows } = one.ask({ ask: 'group', by: 'class', filters: agent(name), ...whole }) as GroupPage;
		return Object.fromEntries(rows.map(({ value, u, d }) => [value, u + d]));
	};
	const { wan, overhead, bypass, direct, proxy, reject, unattributed } = sums('home');
	assert.equal(wan, direct! + proxy! + reject! + unattributed! + overhead! + bypass!);
	assert.ok(unattributed! > 0 && bypass! > 0 && sums('office').wan! > 0);
	assert.deepEqual(
		[sums('cabin').wan, sums('cabin').unattributed],
		[undefined, undefined],
		'an old agent sends no such rows',
	);
	assert.deepEqual(one.query(`SELECT k FROM usage WHERE k >= ${Math.ceil(end / 300_000)} * 1073741824`).rows, []);
	const quotas = one.quotas({ ask: 'list', now: end, zone: 'UTC' }) as QuotaState[];
	assert.deepEqual(
		quotas.map(({ agent: name }) => name),
		['cabin', 'home', 'office'],
	);
	assert.deepEqual(one.quotas({ ask: 'check', now: end, zone: 'UTC' }), [], 'nothing is left to be told');
	const names = one.query('SELECT count(DISTINCT name) AS n FROM device WHERE name IS NOT NULL').rows;
	assert.deepEqual(names, [{ n: 12 }]);
});
