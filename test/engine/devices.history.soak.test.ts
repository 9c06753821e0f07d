import { test } from 'node:test';
import { playDevices } from './deviceplayer.ts';

const lives = Number(process.env.NETMON_SOAK_DEVICES ?? 20_000);

test(`it says at each time whose an address was, and the master hears the same, in ${lives} random lives of a LAN`, () => {
	const seed = Math.floor(Math.random() * 2 ** 31);
	for (let round = 0; round < lives; round++) playDevices(seed + round);
});
