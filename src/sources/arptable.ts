// /proc/net/arp: which MAC the kernel found for an IPv4 address (net/ipv4/arp.c, `arp_format_neigh_entry`):
//   IP address       HW type     Flags       HW address            Mask     Device
//   192.168.1.23     0x1         0x2         02:00:5e:10:00:17     *        br-lan
import type { AddressFact } from '../record.ts';
import { deviceAddress, wholeLines } from './lease.ts';
import { plainMac } from './leasemac.ts';

/** One neighbour of this machine, as the kernel has it. */
export interface Neighbour extends AddressFact {
	/** The network device that it is behind. */
	readonly device: string;
}

const ethernet = '0x1';
/** ATF_COM: somebody answered. */
const complete = 0x2;

/** The complete entries; the header and what does not read as an entry is passed over. */
export function parseArpTable(text: string): Neighbour[] {
	return wholeLines(text).flatMap((line): Neighbour[] => {
		const [address = '', type, flags = '', hardware = '', , device] = line.split(/ +/);
		if (!device || type !== ethernet || !/^0x[\da-f]+$/.test(flags) || (Number(flags) & complete) === 0) return [];
		const ip = deviceAddress(address);
		const mac = plainMac(hardware);
		return ip === null || mac === null ? [] : [{ ip, mac, name: null, by: 'kernel', device }];
	});
}
