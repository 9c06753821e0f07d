// How much of a host name is kept (`--record-hosts`): all, the part that somebody registered, or nothing. Pure.
import { isIP } from 'node:net';

export type RecordHosts = 'full' | 'domain' | 'none';

/**
 * Labels under which names are registered in two-letter domains (`co.uk`, `com.cn`, `ac.jp`). The list of all such
 * places (publicsuffix.org) is 250 kB; what is missing here keeps one label less, never one more.
 */
const secondLevels = new Set(
	'ac co com edu gen go gob gouv gov gv id ind info ltd mil ne net nom nsw or org plc sch school web'.split(' '),
);

/** The registrable part of a name: `a.b.example.co.uk` -> `example.co.uk`. Addresses and single labels as they are. */
export function registrable(host: string): string {
	const name = host.replace(/\.$/, '');
	if (isIP(name) !== 0) return host;
	const labels = name.split('.');
	const top = labels.at(-1)!;
	const count = top.length === 2 && labels.length > 2 && secondLevels.has(labels.at(-2)!.toLowerCase()) ? 3 : 2;
	return labels.slice(-count).join('.');
}

/** A host name as `--record-hosts` lets it be kept. An address in its place is no name: only `none` takes it away. */
export function keptHost(host: string, hosts: RecordHosts): string {
	if (hosts === 'full' || host === '') return host;
	return hosts === 'domain' ? registrable(host) : '';
}
