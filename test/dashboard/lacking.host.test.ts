// Figures without what a full disk keeps from being booked: every view says so, and stops when it is over.
import { test } from 'node:test';
import { DatabaseError } from '../../src/system/database.ts';
import { FakeClock } from '../fakes/clock.ts';
import { netmonBody, record, row } from '../master/body.ts';
import { send } from './home.ts';
import { openTab, rig, skip, viewNames } from './rig.ts';

const disk = { full: true };
const clock = new FakeClock();
const home = rig(
	async (master) => void (await send(master, netmonBody([row({ seq: 1 })], [[1, record()]], { agent: 'home' }))),
	{
		clock,
		before: (vault) => ({
			...vault,
			call: (name, ...rest) =>
				disk.full && name === 'move'
					? Promise.reject(new DatabaseError('SQLITE_FULL', 'database or disk is full'))
					: vault.call(name, ...rest),
		}),
	},
);

test('it says in every view that figures lack what waits for room, until they do not', { skip }, async (t) => {
	disk.full = true;
	const { page, go } = await openTab(t, home(), { expected: /503/ });
	const said = page.locator('#view > .lacking', { hasText: 'lack: 1.' });
	for (const name of await viewNames(page)) {
		await go(`#${name}`);
		await said.waitFor();
	}
	disk.full = false;
	await clock.advance(1_000);
	await go('#history');
	await said.waitFor({ state: 'detached' });
});
