// What `ip -6 neigh show` prints, of iproute2 (ip/ipneigh.c) and of busybox (networking/libiproute/ipneigh.c):
//   2001:db8::1f3 dev br-lan lladdr 02:00:5e:10:00:17 router REACHABLE
//   fd12::99 dev br-lan FAILED
import type { Neighbour } from './arptable.ts';
import { deviceAddress, wholeLines } from './lease.ts';
import { plainMac } from './leasemac.ts';

/** Neighbours with a MAC; FAILED and INCOMPLETE ones have none, or one that no longer answers. */
export function parseIpNeighbours(text: string): Neighbour[] {
	return wholeLines(text).flatMap((line): Neighbour[] => {
		const [address = '', ...words] = line.trim().split(/ +/);
		if (words.includes('FAILED') || words.includes('INCOMPLETE')) return [];
		const ip = deviceAddress(address);
		const mac = plainMac(wordAfter(words, 'lladdr'));
		const device = wordAfter(words, 'dev');
		return ip === null || mac === null || device === '' ? [] : [{ ip, mac, name: null, by: 'kernel', device }];
	});
}

function wordAfter(words: readonly string[], key: string): string {
	const at = words.indexOf(key);
	return at < 0 ? '' : (words[at + 1] ?? '');
}
