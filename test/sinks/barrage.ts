// Everything a LAN may throw at the UDP server: every length, noise, noise behind the magic, good messages with bad
// bytes and a good CRC, cookies of others. From many addresses, to see the caps hold. Prints its seed on failure.
import assert from 'node:assert/strict';
import type { UdpServer } from '../../src/sinks/udp.ts';
import { ascii, fields, sealed } from '../fakes/datagram.ts';
import { someLive } from '../fakes/live.ts';
import { Peer, until } from '../fakes/peer.ts';

export interface Barrage {
	readonly server: UdpServer;
	readonly old: boolean;
	readonly datagrams: number;
	readonly seed: number;
	/** Called now and then, with how many were sent. */
	readonly onProgress?: (sent: number) => void;
}

const longest = 2_000;
/** Few enough that the kernel's buffer of a socket holds them all. */
const atOnce = 32;
const addresses = 40;

export async function barrage({ server, old, datagrams, seed, onProgress }: Barrage): Promise<void> {
	const random = lcg(seed);
	const peers = await Promise.all(Array.from({ length: addresses }, (_, at) => Peer.open(`127.1.${at}.1`)));
	const before = server.counters();
	let sent = 0;
	let bytesIn = 0;
	try {
		const noise = (length: number) => Uint8Array.from({ length }, () => random(256));
		/** What `peer` got last as a cookie, or noise. */
		const someCookie = () => {
			const bytes = peers[random(addresses)]!.received.at(-1)?.bytes;
			return bytes && bytes.length === 32 ? bytes.slice(12, 28) : noise(16);
		};
		const kinds: (() => Uint8Array)[] = [
			() => noise(random(100)),
			() => noise(random(longest)),
			() => fields(ascii('nmon'), noise(random(200))),
			() => sealed(random(9), noise(random(300))),
			() => sealed(2, noise(52 + random(100))),
			() => sealed(4, fields(noise(4), someCookie(), noise(32))),
			() => sealed(6, fields(noise(4), someCookie())),
			() => sealed(4, fields(noise(4), someCookie(), noise(random(40))), random(3)),
		];
		const next = (): Uint8Array => (sent <= longest ? noise(sent) : kinds[random(kinds.length)]!());
		while (sent < longest + 1 + datagrams) {
			for (let at = 0; at < atOnce; at++) {
				const bytes = next();
				bytesIn += bytes.length;
				sent += 1;
				await peers[random(addresses)]!.send(bytes, server.port);
			}
			await until(() => server.counters().received === before.received + sent, 'all to be heard');
			assert.ok(server.counters().clients <= 16, 'at most 16 listeners');
			if (!old) {
				const out = server.counters().bytes - before.bytes;
				assert.ok(out <= bytesIn, `${out} bytes out for ${bytesIn} in`);
			}
			// Only cookies are wanted of what came; the rest would be this test's own memory.
			for (const peer of peers) peer.received.splice(0, Math.max(0, peer.received.length - 1));
			onProgress?.(sent);
		}
		const { clients, frames } = server.counters();
		assert.ok(clients > 0 || !old, 'somebody registered');
		server.send(someLive());
		assert.ok(server.counters().frames >= frames + clients, 'it serves on');
	} catch (error) {
		throw new Error(`seed ${seed}, after ${sent} datagrams: ${(error as Error).message}`, { cause: error });
	} finally {
		await Promise.all(peers.map((peer) => peer.close()));
	}
}

/** Whole numbers from 0 to below `limit`, the same for the same seed. */
function lcg(seed: number): (limit: number) => number {
	let state = seed >>> 0;
	return (limit) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * limit);
	};
}
