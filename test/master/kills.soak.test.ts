import { test } from 'node:test';
import { built } from '../fakes/masterprogram.ts';
import { killAndCount } from './kills.ts';

const kills = Number(process.env.NETMON_SOAK_MASTER_KILLS ?? 200);
const seed = Number(process.env.NETMON_SEED ?? 2);

test(`it keeps what it acknowledged through ${kills} kills, once (seed ${seed})`, async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	await killAndCount(t, kills, seed);
});
