// Power cuts: at a random call everything stops, what was not synced is dropped, torn and kept at random, and the file
// is opened again, several times over. What was committed must be there, and nothing half.
import assert from 'node:assert/strict';
import { FakeDisk } from '../../fakes/disk.ts';
import { randomFrom } from '../../fakes/random.ts';
import { held, type Journal, open, run } from './history.ts';

const cuts = 4;
const transactionsPerLife = 6;
/** More calls than a life of six transactions makes: some lives end in order. */
const callsPerLife = 450;

/** One seed: lives that end by power cuts, checked against what each had acknowledged. */
export async function cutPower(seed: number, journal: Journal): Promise<void> {
	const random = randomFrom(seed);
	let disk = new FakeDisk();
	let number = 0;
	let kept = 0;
	for (let life = 0; life < cuts; life += 1) {
		disk.fault = { call: 1 + Math.floor(random() * callsPerLife), code: 'EIO', forever: true };
		const to = number + transactionsPerLife;
		const { committed } = await run(disk, journal, { from: number, to });
		disk = disk.afterPowerCut(random);
		const database = await open(disk, journal);
		const found = held(database);
		const acknowledged = committed.length > 0 ? committed[committed.length - 1]! + 1 : kept;
		// A prefix: all that was acknowledged, and at most the one whose commit did not come back.
		assert.deepEqual(
			found,
			Array.from({ length: found.length }, (_, at) => at),
		);
		assert.ok(found.length >= acknowledged, `${found.length} found, ${acknowledged} acknowledged`);
		assert.ok(found.length <= Math.max(acknowledged, kept) + 1, `${found.length} found, ${acknowledged} acknowledged`);
		// Half of the lives begin with another recovery instead of a closed file.
		if (random() < 0.5) database.close();
		else disk = disk.afterPowerCut(random);
		kept = found.length;
		number = kept;
	}
}
