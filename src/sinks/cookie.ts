// Proof that a listener receives at the address it writes from, without keeping anything for those who only ask:
// 16 bytes of HMAC(secret, address, port, minute). A cookie is good in its minute and the next.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { cookieBytes } from './datagram.ts';

const minuteMs = 60_000;

export interface Source {
	readonly address: string;
	readonly port: number;
}

export class Cookies {
	/** New with each start: a restarted agent asks everybody again. */
	readonly #secret = randomBytes(32);

	/** `mono`: monotonic ms, so that a step of the wall clock ends no lease. */
	make(source: Source, mono: number): Uint8Array {
		return this.#of(source, Math.floor(mono / minuteMs));
	}

	proves(source: Source, cookie: Uint8Array, mono: number): boolean {
		const minute = Math.floor(mono / minuteMs);
		return timingSafeEqual(cookie, this.#of(source, minute)) || timingSafeEqual(cookie, this.#of(source, minute - 1));
	}

	#of({ address, port }: Source, minute: number): Uint8Array {
		const mac = createHmac('sha256', this.#secret).update(`${address} ${port} ${minute}`).digest();
		return mac.subarray(0, cookieBytes);
	}
}
