// What is told once a second on the LAN, as bytes: the three old frames and the frame of version 1 (docs/udp.md).
// Pure; little-endian. In an old frame what is unknown or stale is 0, in version 1 each such value has a flag.

import type { Bytes, Live, Speeds, Totals } from '../record.ts';
import { type Envelope, newDatagram, sealDatagram } from './datagram.ts';

/** Who speaks: `instance` is random at each start of the agent (32 bits), `agent` its name (letters, digits, `-_.`). */
export interface Identity {
	readonly instance: number;
	readonly agent: string;
}

/** A decoded version 1 frame. Totals are null when the frame has no block of them. */
export interface Frame extends Omit<Live, 'totals'>, Identity {
	readonly sequence: number;
	readonly totals: Totals | null;
}

const coreStale = 1 << 0;
const wanStale = 1 << 1;
const totalsPresent = 1 << 8;
const connectionsUnknown = 1 << 7;
/** The flag that says "unknown" of each speed. */
const speedUnknown: Record<keyof Speeds, number> = {
	core: 1 << 2,
	wan: 1 << 3,
	direct: 1 << 4,
	proxy: 1 << 5,
	bypass: 1 << 6,
	reject: 1 << 12,
	unattributed: 1 << 13,
	overhead: 1 << 14,
};
const totalUnknown = { wan: 1 << 9, overhead: 1 << 10, bypass: 1 << 11, core: 1 << 15 };

const headBytes = 100;
const crcBytes = 4;
const blockHeadBytes = 4;
const totalsBlock = 1;
const detailsBlock = 2;
const nameBlock = 3;
const pairBytes = 16;
const maxNameBytes = 64;
/** In the order of their bytes. */
const headSpeeds = ['direct', 'proxy', 'bypass', 'wan'] as const;
const detailSpeeds = ['core', 'reject', 'unattributed', 'overhead'] as const;
const blockTotals = ['direct', 'proxy', 'reject', 'unattributed', 'core', 'wan', 'overhead', 'bypass'] as const;

/** 32 bytes: direct up, direct down, proxy up, proxy down. */
export function encodeClash32({ speeds, coreStale }: Live): Uint8Array {
	return oldFrame(coreStale ? [null, null] : [speeds.direct, speeds.proxy]);
}

/** 16 bytes: WAN up, WAN down. */
export function encodeWan16({ speeds, wanStale }: Live): Uint8Array {
	return oldFrame([wanStale ? null : speeds.wan]);
}

/**
 * What the existing display reads: 48 bytes, which is the 32 and bypass up, bypass down; or just the 32 while no WAN
 * is known. It stays at 48 when the WAN falls silent, with zeros.
 */
export function encodeDisplay48(live: Live): Uint8Array {
	const { speeds, coreStale, wanStale } = live;
	if (speeds.wan === null && !wanStale) return encodeClash32(live);
	const [direct, proxy] = coreStale ? [null, null] : [speeds.direct, speeds.proxy];
	return oldFrame([direct, proxy, coreStale || wanStale ? null : speeds.bypass]);
}

function oldFrame(values: readonly (Bytes | null)[]): Uint8Array {
	const view = new DataView(new ArrayBuffer(values.length * pairBytes));
	for (let at = 0; at < values.length; at++) putPair(view, at * pairBytes, values[at]!, 0);
	return new Uint8Array(view.buffer);
}

/** The version 1 frame with all its blocks. `sequence` counts up by 1 from frame to frame and wraps at 2^32. */
export function encodeFrame(live: Live, { instance, agent }: Identity, sequence: number): Uint8Array {
	const { speeds, totals } = live;
	const name = agent.slice(0, maxNameBytes);
	const blocks = [blockTotals.length * pairBytes, detailSpeeds.length * pairBytes, name.length];
	const length = blocks.reduce((sum, bytes) => sum + blockHeadBytes + bytes, headBytes + crcBytes);
	const view = newDatagram('frame', length);

	let flags = totalsPresent;
	if (live.coreStale) flags |= coreStale;
	if (live.wanStale) flags |= wanStale;
	if (live.connections === null) flags |= connectionsUnknown;
	for (const key of [...headSpeeds, ...detailSpeeds]) if (speeds[key] === null) flags |= speedUnknown[key];
	for (const key of ['wan', 'overhead', 'bypass', 'core'] as const)
		if (totals[key] === null) flags |= totalUnknown[key];

	view.setUint32(8, flags, true);
	view.setUint32(12, instance, true);
	view.setUint32(16, sequence, true);
	view.setUint32(20, live.intervalMs, true);
	putInteger(view, 24, live.wall, 0);
	let at = 32;
	for (const key of headSpeeds) at = putPair(view, at, speeds[key], 0);
	view.setUint32(at, live.connections ?? 0, true);
	at = putBlockHead(view, headBytes, totalsBlock, blocks[0]!);
	for (const key of blockTotals) at = putPair(view, at, totals[key], -Infinity);
	at = putBlockHead(view, at, detailsBlock, blocks[1]!);
	for (const key of detailSpeeds) at = putPair(view, at, speeds[key], -Infinity);
	at = putBlockHead(view, at, nameBlock, name.length);
	for (let index = 0; index < name.length; index++) view.setUint8(at + index, name.charCodeAt(index) & 0x7f);
	return sealDatagram(view);
}

/** Reads an opened envelope of type `frame`. Blocks that are not known are skipped; a text says what is wrong. */
export function parseFrame({ type, view, end }: Envelope): Frame | string {
	if (type !== 'frame') return `a ${type} is not a frame`;
	const flags = view.getUint32(8, true);
	const speed = (key: keyof Speeds, at: number) => (flags & speedUnknown[key] ? null : getPair(view, at));
	const blocks = findBlocks(view, end);
	if (typeof blocks === 'string') return blocks;
	const details = blocks.get(detailsBlock);
	const detail = (key: (typeof detailSpeeds)[number]) => {
		const at = detailSpeeds.indexOf(key) * pairBytes;
		return details && at + pairBytes <= details.length ? speed(key, details.at + at) : null;
	};
	return {
		instance: view.getUint32(12, true),
		agent: parseName(view, blocks.get(nameBlock)),
		sequence: view.getUint32(16, true),
		wall: getInteger(view, 24),
		intervalMs: view.getUint32(20, true),
		coreStale: (flags & coreStale) !== 0,
		wanStale: (flags & wanStale) !== 0,
		connections: flags & connectionsUnknown ? null : view.getUint32(96, true),
		speeds: {
			direct: speed('direct', 32),
			proxy: speed('proxy', 48),
			bypass: speed('bypass', 64),
			wan: speed('wan', 80),
			core: detail('core'),
			reject: detail('reject'),
			unattributed: detail('unattributed'),
			overhead: detail('overhead'),
		},
		totals: flags & totalsPresent ? parseTotals(view, blocks.get(totalsBlock), flags) : null,
	};
}

interface Block {
	readonly at: number;
	readonly length: number;
}

function findBlocks(view: DataView, end: number): Map<number, Block> | string {
	const blocks = new Map<number, Block>();
	for (let at = headBytes; at < end; ) {
		if (at + blockHeadBytes > end) return 'a block is cut off';
		const length = view.getUint16(at + 2, true);
		if (at + blockHeadBytes + length > end) return 'a block is longer than the frame';
		blocks.set(view.getUint16(at, true), { at: at + blockHeadBytes, length });
		at += blockHeadBytes + length;
	}
	return blocks;
}

const unknownCoreTotals = {
	direct: null,
	proxy: null,
	reject: null,
	attributed: null,
	unattributed: null,
	core: null,
} as const;

function parseTotals(view: DataView, block: Block | undefined, flags: number): Totals | null {
	if (!block || block.length < blockTotals.length * pairBytes) return null;
	const total = (key: (typeof blockTotals)[number]) => getPair(view, block.at + blockTotals.indexOf(key) * pairBytes);
	const [direct, proxy, reject] = [total('direct'), total('proxy'), total('reject')];
	const attributed = { up: direct.up + proxy.up + reject.up, down: direct.down + proxy.down + reject.down };
	const core = { direct, proxy, reject, attributed, unattributed: total('unattributed'), core: total('core') };
	return {
		...(flags & totalUnknown.core ? unknownCoreTotals : core),
		wan: flags & totalUnknown.wan ? null : total('wan'),
		overhead: flags & totalUnknown.overhead ? null : total('overhead'),
		bypass: flags & totalUnknown.bypass ? null : total('bypass'),
	};
}

/** Whoever is on the LAN may write a name: what is not a letter, a digit or `-_.` becomes `?`. */
function parseName(view: DataView, block: Block | undefined): string {
	if (!block) return '';
	const codes = new Uint8Array(view.buffer, view.byteOffset + block.at, Math.min(block.length, maxNameBytes));
	return String.fromCharCode(...codes).replace(/[^A-Za-z0-9._-]/g, '?');
}

function putBlockHead(view: DataView, at: number, type: number, length: number): number {
	view.setUint16(at, type, true);
	view.setUint16(at + 2, length, true);
	return at + blockHeadBytes;
}

function putPair(view: DataView, at: number, bytes: Bytes | null, least: number): number {
	putInteger(view, at, bytes?.up ?? 0, least);
	putInteger(view, at + 8, bytes?.down ?? 0, least);
	return at + pairBytes;
}

function getPair(view: DataView, at: number): Bytes {
	return { up: getInteger(view, at), down: getInteger(view, at + 8) };
}

/** 64 bits of an integer that a double holds exactly; two's complement below 0. */
function putInteger(view: DataView, at: number, value: number, least: number) {
	const whole = Number.isFinite(value) ? Math.max(least, Math.round(value)) : 0;
	view.setUint32(at, whole, true);
	view.setInt32(at + 4, Math.floor(whole / 2 ** 32), true);
}

/** Signed: no speed or total reaches 2^63. */
function getInteger(view: DataView, at: number): number {
	return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}
