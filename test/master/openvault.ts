// A vault on a folder that goes with the test, and what is asked of it most.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Filter, GroupPage, SumsRow } from '../../src/master/answers/question.ts';
import { readSync } from '../../src/master/batch/packing.ts';
import type { DimensionName } from '../../src/master/booking/dimension.ts';
import { Vault } from '../../src/master/store/vault.ts';

export const everything = { filters: [] as readonly Filter[], from: null, to: null };
export const newYear = Date.UTC(2026, 0, 1);

/** As the intake hands it over. */
export function parcel(body: Buffer): Uint8Array {
	const batch = readSync(body);
	if ('error' in batch) throw new Error(batch.error);
	return batch.parcel;
}

/** `take` hands over bodies, in one transaction, as the inbox would. */
export async function openVault(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-vault-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const { vault } = await Vault.open(join(folder, 'master.db'), 0);
	t.after(() => vault.close());
	let id = 0;
	const take = (...bodies: Buffer[]) => {
		vault.move(bodies.map((body) => ({ id: ++id, came: newYear, body: parcel(body) })));
		vault.settle();
	};
	return { vault, take, folder };
}

export function groupOf(vault: Vault, by: DimensionName, over: object = {}): SumsRow[] {
	const page = vault.ask({
		ask: 'group',
		by,
		sort: 'count',
		descending: true,
		limit: 1000,
		offset: 0,
		contains: null,
		...everything,
		...over,
	}) as GroupPage;
	return page.rows.map(({ value, n, u, d }) => ({ value, n, u, d }));
}
