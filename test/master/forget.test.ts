import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Vault } from '../../src/master/store/vault.ts';
import { oldBody, record, uuid } from './body.ts';
import { everything, groupOf, newYear, openVault, parcel } from './openvault.ts';

const hourMs = 3_600_000;

test('it forgets names and keeps sums', async (t) => {
	const { vault, take } = await openVault(t);
	take(
		oldBody([
			record(),
			record({ id: uuid(2), source_ip: '192.168.1.99', host: 'secret.example', sniff_host: 'secret.example' }),
		]),
	);
	const before = vault.ask({ ask: 'summary', ...everything });
	assert.equal(vault.forget({ agent: null, device: '192.168.1.99', host: null, before: null }), 1);
	assert.deepEqual(vault.ask({ ask: 'summary', ...everything }), before);
	assert.deepEqual(vault.query("SELECT value FROM text WHERE value LIKE '%secret%' OR value LIKE '%.99'").rows, []);
	assert.equal(groupOf(vault, 'host').length, 2);
	assert.equal(vault.query('SELECT * FROM connections').rows.length, 1);
	take(oldBody([record({ download: 2000, last_updated: '2026-01-01T01:00:00Z' })]));
	assert.deepEqual(vault.ask({ ask: 'summary', ...everything }), { n: 2, u: 200, d: 3000 });
});

test('it forgets what was last seen before a time, not what was seen again in another cell', async (t) => {
	const { vault, take, folder } = await openVault(t);
	const at = (hour: number) => new Date(newYear + hour * hourMs).toISOString();
	take(
		oldBody([
			record({ host: 'again.example', last_updated: at(1) }),
			record({ id: uuid(2), host: 'once.example', last_updated: at(1) }),
		]),
	);
	vault.close();
	// A program that was started again does not know the cell any more.
	const { vault: later } = await Vault.open(join(folder, 'master.db'), 0);
	t.after(() => later.close());
	const again = record({ id: uuid(3), host: 'again.example', last_updated: at(50) });
	later.move([{ id: 2, came: newYear, body: parcel(oldBody([again])) }]);
	later.settle();
	assert.deepEqual(later.query('SELECT count(*) AS n FROM cell').rows, [{ n: 3 }]);
	later.forget({ agent: null, device: null, host: null, before: newYear + 30 * hourMs });
	const hosts = (over: object) => groupOf(later, 'host', over).map(({ value, n }) => [value.replace(/ \d+/, ''), n]);
	assert.deepEqual(hosts({}), [
		['again.example', 2],
		['(forgotten)', 1],
	]);
	const early = { from: newYear, to: newYear + 2 * hourMs };
	assert.deepEqual(hosts(early).sort(), [
		['(forgotten)', 1],
		['again.example', 1],
	]);
	assert.equal((later.ask({ ask: 'summary', ...everything }) as { n: number }).n, 3);
});
