import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMaster } from '../fakes/master.ts';
import { oldBody, record, uuid } from './body.ts';

interface Page {
	readonly data: readonly { readonly id: string }[];
	readonly total_count: number | null;
	readonly next: string | null;
}

test('it goes through connections page by page, in each order, as JSON and as CSV', async (t) => {
	const { url } = await startMaster(t);
	const all = Array.from({ length: 25 }, (_, n) =>
		record({
			...{ id: uuid(n + 1), download: (n * 7) % 5, upload: n % 3, host: n % 4 ? `h${n}.example` : 'x.test' },
			...{ start: `2026-01-01T00:00:${String(n % 10).padStart(2, '0')}Z`, chains: n % 2 ? '["DIRECT"]' : '["P","a"]' },
			last_updated: `2026-01-01T00:01:${String(n % 6).padStart(2, '0')}Z`,
		}),
	);
	await fetch(`${url}/api/v1/sync`, {
		...{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: oldBody(all) },
	});
	const ask = (query: string) => fetch(`${url}/api/v1/connections?${query}`);
	for (const sort of ['start', 'last_updated', 'download', 'upload', 'total'])
		for (const order of ['asc', 'desc'])
			for (const [filter, count] of [
				['', 25],
				['&class=direct', 12],
				['&destination=EXAMPLE&class=direct', 12],
				['&host_is=x.test', 7],
				['&from=2026-01-01&to=2026-01-02&node=a', 13],
				['&host_is=nobody.example', 0],
			] as const) {
				const query = `sort_by=${sort}&sort_order=${order}${filter}`;
				const whole = (await (await ask(query)).json()) as Page;
				assert.deepEqual([whole.data.length, whole.total_count, whole.next], [count, count, null], query);
				const [seen, lines]: [string[], string[]] = [[], []];
				for (let after: string | null = ''; after !== null; ) {
					const page = `${query}&limit=4${after && `&after=${after}`}`;
					const { data, total_count, next } = (await (await ask(page)).json()) as Page;
					assert.equal(total_count, after === '' ? count : null, 'it is counted once');
					seen.push(...data.map(({ id }) => id));
					const file = await ask(`${page}&format=csv`);
					assert.equal(file.headers.get('X-Count'), String(data.length));
					assert.equal(file.headers.get('X-Total-Count'), after === '' ? String(count) : null);
					assert.equal(file.headers.get('X-Next'), next);
					lines.push(...(await file.text()).trimEnd().split('\r\n').slice(1));
					after = next;
				}
				assert.deepEqual(
					seen,
					whole.data.map(({ id }) => id),
					query,
				);
				assert.deepEqual(
					lines.map((line) => line.split(',')[0]),
					seen,
					query,
				);
			}
});
