import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oldBody, record, uuid } from './body.ts';
import { everything, newYear, openVault, parcel } from './openvault.ts';

/** Connections of which no two have much in common: each has some ten sums of its own. */
const strangers = (batch: number) =>
	oldBody(
		Array.from({ length: 1_000 }, (_, at) => {
			const number = batch * 1_000 + at;
			const [address, name] = [`2001:db8::${number.toString(16)}`, `n${number}`];
			const far = { host: `${name}.example`, destination_ip: address, destination_ip_asn: name, rule_payload: name };
			return record({ id: uuid(number), ...far, source_ip: address, process: name, inbound_user: name });
		}),
	);

test('it lets sums of all times wait, and brings them to their table before they fill memory', async (t) => {
	const { vault } = await openVault(t);
	const owed = () => (vault.query('SELECT count(*) AS n FROM owed').rows[0] as { n: number }).n;
	const known = () => (vault.ask({ ask: 'summary', ...everything }) as { n: number }).n;
	let batch = 0;
	const move = (how: { readonly sparing?: boolean }) => {
		batch += 1;
		vault.move([{ id: batch, came: newYear, body: parcel(strangers(batch)) }], how);
	};
	do {
		move({});
		assert.ok(batch < 100, 'they were brought by now');
	} while (owed() > 0);
	const brought = batch;
	assert.ok(brought > 5, `after ${brought} batches`);
	assert.equal(known(), brought * 1_000);
	// A disk that is full has no room for so much at once.
	while (batch < 2 * brought + 2) move({ sparing: true });
	assert.equal(owed(), brought + 2);
	assert.equal(known(), brought * 1_000);
	vault.settle({ sparing: true });
	assert.deepEqual([owed(), known()], [0, batch * 1_000]);
});
