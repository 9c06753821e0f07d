import { test } from 'node:test';
import { playDevices } from './deviceplayer.ts';

test('it says at each time whose an address was, and the master hears the same, in 300 random lives of a LAN', () => {
	const seed = Math.floor(Math.random() * 2 ** 31);
	for (let round = 0; round < 300; round++) playDevices(seed + round);
});
