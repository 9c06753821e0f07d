// Random lives of a LAN against an oracle that keeps every word that was ever said and looks it all through again for
// each question, and against a master that loses bodies and gets others twice.
import assert from 'node:assert/strict';
import { Devices } from '../../src/engine/devices.ts';
import { readDevicesState } from '../../src/engine/devicestate.ts';
import type { AddressFact } from '../../src/record.ts';
import type { Device } from '../../src/wire.ts';
import { Dice } from '../fakes/dice.ts';

const start = Date.UTC(2026, 2, 1);
const kinds = ['guess', 'lease', 'kernel'] as const;
const silenceS = 600;

interface Word {
	readonly second: number;
	readonly ip: string;
	/** null: a connection came. */
	readonly mac: string | null;
	readonly by: AddressFact['by'];
}

/** Whose `ip` was at each second, as spans: [from, mac] and null for somebody unknown. */
function spansOf(words: readonly Word[], ip: string): { from: number; mac: string | null }[] {
	const spans: { from: number; mac: string | null }[] = [];
	let rank = -1;
	let heard = 0;
	for (const { second, mac, by } of words.filter((word) => word.ip === ip)) {
		if (spans.length === 0) spans.push({ from: second, mac: null });
		const last = spans.at(-1)!;
		if (mac === null) continue;
		const counts = kinds.indexOf(by) >= rank;
		if (mac !== last.mac && !counts && second - heard < silenceS) continue;
		if (last.mac === null) last.mac = mac;
		else if (mac !== last.mac) spans.push({ from: second, mac });
		else if (!counts) continue;
		rank = kinds.indexOf(by);
		heard = second;
	}
	return spans;
}

/** Plays one history. Throws with the seed. */
export function playDevices(seed: number): void {
	const dice = new Dice(seed);
	const ips = Array.from({ length: dice.int(1, 12) }, (_, n) => (n % 2 ? `2001:db8::${n}` : `192.168.1.${n}`));
	const macs = Array.from({ length: dice.int(1, 8) }, (_, n) => `0${dice.pick(['0', '2'])}:00:00:00:00:0${n}`);
	const words: Word[] = [];
	const master = new Map<string, Device>();
	let devices = new Devices();
	let second = 0;
	const note = `seed ${seed}`;
	for (let step = 0; step < 60; step++) {
		second += dice.chance(0.1) ? dice.int(1, 2000) : dice.int(1, 60);
		const when = { wall: start + second * 1000, mono: second * 1000, trusted: true };
		if (dice.chance(0.4)) {
			const ip = dice.pick(ips);
			devices.saw(ip, when);
			words.push({ second, ip, mac: null, by: 'kernel' });
		} else {
			const facts = Array.from({ length: dice.int(0, 6) }, () => {
				return { ip: dice.pick(ips), mac: dice.pick(macs), name: null, by: dice.pick(kinds) };
			});
			devices.learn(facts, [], when);
			// Of what is said at once about an address the best counts; of equals the one who has it, else the first.
			for (const ip of new Set(facts.map((fact) => fact.ip))) {
				const holder = spansOf(words, ip).at(-1)?.mac;
				const all = facts.filter((fact) => fact.ip === ip);
				const top = all.filter(({ by }) => all.every((fact) => kinds.indexOf(fact.by) <= kinds.indexOf(by)));
				const { mac, by } = top.find((fact) => fact.mac === holder) ?? top[0]!;
				words.push({ second, ip, mac, by });
			}
		}
		if (dice.chance(0.4)) {
			const body = devices.offer();
			// Lost on the way, or taken; and of what was taken the answer may be lost.
			if (dice.chance(0.7)) {
				for (const device of body) master.set(`${device.ip} ${device.from}`, device);
				if (dice.chance(0.7)) devices.taken();
			}
		}
		if (dice.chance(0.1)) devices = new Devices(readDevicesState(JSON.parse(JSON.stringify(devices.state()))));
		const ip = dice.pick(ips);
		const asked = dice.int(-10, second);
		const span = spansOf(words, ip)
			.reverse()
			.find(({ from }) => from <= asked);
		const got = devices.deviceOf(ip, start + asked * 1000);
		assert.equal(got?.mac ?? null, span?.mac ?? null, note);
		assert.equal(got === null, span === undefined, note);
		assert.equal(devices.deviceKey(ip), spansOf(words, ip).at(-1)?.mac ?? ip, note);
	}
	// A new life offers nothing before it has been told what time it is.
	devices.learn([], [], { wall: start + second * 1000, mono: second * 1000, trusted: true });
	for (let round = 0; round < 20; round++) {
		for (const device of devices.offer()) master.set(`${device.ip} ${device.from}`, device);
		devices.taken();
	}
	const expected = ips.flatMap((ip) => {
		const spans = spansOf(words, ip);
		return spans.flatMap(({ from, mac }, index): Device[] => {
			if (mac === null) return [];
			const end = spans[index + 1];
			return [
				{
					ip,
					mac,
					...(mac[1] === '2' ? { random: true } : {}),
					from: start / 1000 + from,
					...(end ? { to: start / 1000 + end.from } : {}),
				},
			];
		});
	});
	assert.deepEqual([...master.values()].sort(byPlace), expected.sort(byPlace), note);
}

function byPlace(a: Device, b: Device): number {
	return a.ip.localeCompare(b.ip) || a.from! - b.from!;
}
