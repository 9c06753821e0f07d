// Bytes of headers per packet on the WAN (Ethernet, IP, TCP, or a tunnel's), learned where it can be seen: in the
// packets that only acknowledge what the core moves the other way. Pure.
import { quantile } from './envelope.ts';

/** Ethernet 14, IPv4 20, TCP with timestamps 32; a PPP or raw IP device counts no Ethernet header. */
export const headerBytes = { ethernet: 66, ip: 52 } as const;

/** What to begin with, by the names that OpenWrt and Linux give to devices. */
export function headerBytesOf(device: string): number {
	return /^(ppp|pppoe-|pptp-|l2tp-|wwan|wwp)/.test(device) ? headerBytes.ip : headerBytes.ethernet;
}

const least = 40;
const most = 100;
const packetsToLearn = 200;
/** Packets with more of the core's payload than this carry data, and what buffers hold back blurs them. */
const payloadPerPacketMax = 100;
/** The other direction must be the core's, or these are acknowledgements of bypass. */
const otherBytesToLearn = 1_000_000;
const otherShareToLearn = 0.7;
/** An hour of half minutes. */
const seenMax = 120;
/** Down soon, because too high a header hides bypass; up only when nothing lower was seen for long. */
const seenToFall = 6;
const seenToRise = 40;
const envelope = 0.1;

/** One direction of a stretch: what the WAN carried, in how many packets, and the core's part of it. */
export interface Carried {
	readonly wan: number;
	readonly packets: number;
	readonly core: number;
}

export class Header {
	#bytes: number;
	#seen: number[] = [];

	constructor(start: number) {
		this.#bytes = start;
	}

	get bytes(): number {
		return this.#bytes;
	}

	/** @param other the same stretch in the other direction */
	add(way: Carried, other: Pick<Carried, 'wan' | 'core'>): void {
		if (way.packets < packetsToLearn || way.core > payloadPerPacketMax * way.packets) return;
		if (other.wan < otherBytesToLearn || other.core < otherShareToLearn * other.wan) return;
		const bytes = (way.wan - way.core) / way.packets;
		if (bytes < least || bytes > most) return;
		this.#seen.push(bytes);
		if (this.#seen.length > seenMax) this.#seen.shift();
		const lowest = quantile(this.#seen, envelope);
		if (this.#seen.length >= (lowest < this.#bytes ? seenToFall : seenToRise)) this.#bytes = lowest;
	}
}
