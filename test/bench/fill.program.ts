// Fills a master's file for `make bench` without HTTP, as large as wanted: `node build/test/bench/fill.program.js FILE FROM TO`
// adds the records FROM to TO of the bench's traffic. Prints the CPU it took.
import { readSync } from '../../src/master/batch/packing.ts';
import { Vault } from '../../src/master/store/vault.ts';
import { batch, bodyOf } from './bodies.ts';
import { recordMaker } from './traffic.ts';

/** Bodies in one transaction: as many as the inbox hands over at once. */
const together = 14;

async function main([path, from, to]: readonly [string, number, number]) {
	const { vault } = await Vault.open(path, 0);
	const make = recordMaker('house', to);
	let { moved: id } = vault.state();
	let used = 0;
	let waiting: { id: number; came: number; body: Uint8Array }[] = [];
	for (let at = 0; at < to; at += batch) {
		const body = bodyOf(make, at, Math.min(batch, to - at));
		if (at < from) continue;
		const read = readSync(Buffer.from(body));
		if ('error' in read) throw new Error(read.error);
		id += 1;
		waiting.push({ id, came: Date.now(), body: read.parcel });
		if (waiting.length < together && at + batch < to) continue;
		const before = process.cpuUsage();
		vault.move(waiting);
		const { user, system } = process.cpuUsage(before);
		used += (user + system) / 1e6;
		waiting = [];
		if ((at / batch) % 500 < together) process.stderr.write(`${at + batch}\n`);
	}
	const before = process.cpuUsage();
	vault.settle();
	const { user, system } = process.cpuUsage(before);
	used += (user + system) / 1e6;
	vault.close();
	process.stdout.write(
		`the vault took ${((used / (to - from)) * 1e6).toFixed(0)} CPU s per million from ${from} to ${to}\n`,
	);
}

const [path = '', from = '', to = ''] = process.argv.slice(2);
main([path, Number(from), Number(to)]).catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
