// Whose an address was, as agents tell it (docs/devices.md): agent, address and time -> the MAC, or the address where
// nobody tells. The first that is told of an address is taken for all its time before.
import type { Database, Statement } from '../../system/database.ts';
import type { Device } from '../../wire.ts';
import { bucketSeconds } from './schema.ts';

interface Span {
	/** s since the Unix epoch; it ends where the next one begins. */
	readonly since: number;
	readonly mac: string | null;
}

/** Bytes were booked under an address from that bucket on, and now it is known whose it is. */
export interface Introduced {
	readonly address: string;
	readonly bucket: number;
}

/** Some hundred homes. */
const rememberedAddresses = 16_000;

export class DeviceBook {
	readonly #read: Statement<[number, string], Span>;
	readonly #write: Statement<[number, string, number, number | null, string | null, string | null, number]>;
	readonly #findStranger: Statement<[number, string], { bucket: number }>;
	readonly #addStranger: Statement<[number, string, number]>;
	readonly #removeStranger: Statement<[number, string]>;
	#spans = new Map<string, readonly Span[]>();
	/** The first bucket of each address that bytes were booked under. */
	#strangers = new Map<string, number>();

	constructor(database: Database) {
		this.#read = database.prepare('SELECT since, mac FROM device WHERE agent = ? AND address = ? ORDER BY since');
		this.#write = database.prepare('INSERT OR REPLACE INTO device VALUES (?, ?, ?, ?, ?, ?, ?)');
		this.#findStranger = database.prepare('SELECT bucket FROM stranger WHERE agent = ? AND address = ?');
		this.#addStranger = database.prepare(
			`INSERT INTO stranger VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bucket = min(bucket, excluded.bucket)`,
		);
		this.#removeStranger = database.prepare('DELETE FROM stranger WHERE agent = ? AND address = ?');
	}

	/** What bytes of an address in a bucket are booked under. */
	keyOf(agent: number, address: string, bucket: number): string {
		const mac = this.#macOf(agent, address, bucket);
		if (mac === null) this.#meet(agent, address, bucket);
		return mac ?? address;
	}

	/** Keeps what an agent tells. Answers the addresses whose bytes of before have an owner now. */
	learn(agent: number, devices: readonly Device[]): Introduced[] {
		const introduced: Introduced[] = [];
		for (const { ip, mac = null, name = null, random = false, from = 0, to = null } of devices) {
			this.#write.run(agent, ip, from, to, mac, name, random ? 1 : 0);
			this.#spans.delete(keyOf(agent, ip));
			const stranger = mac === null ? undefined : this.#findStranger.get(agent, ip);
			if (!stranger) continue;
			introduced.push({ address: ip, bucket: stranger.bucket });
			this.#removeStranger.run(agent, ip);
			this.#strangers.delete(keyOf(agent, ip));
		}
		return introduced;
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#spans.clear();
		this.#strangers.clear();
	}

	#macOf(agent: number, address: string, bucket: number): string | null {
		const spans = this.#spansOf(agent, address);
		const end = (bucket + 1) * bucketSeconds;
		let found = spans[0];
		for (const span of spans) if (span.since < end) found = span;
		return found?.mac ?? null;
	}

	#spansOf(agent: number, address: string): readonly Span[] {
		const key = keyOf(agent, address);
		let spans = this.#spans.get(key);
		if (!spans) {
			if (this.#spans.size >= rememberedAddresses) this.#spans.clear();
			spans = this.#read.all(agent, address);
			this.#spans.set(key, spans);
		}
		return spans;
	}

	#meet(agent: number, address: string, bucket: number): void {
		const key = keyOf(agent, address);
		const known = this.#strangers.get(key);
		if (known !== undefined && known <= bucket) return;
		if (this.#strangers.size >= rememberedAddresses) this.#strangers.clear();
		this.#addStranger.run(agent, address, bucket);
		this.#strangers.set(key, bucket);
	}
}

const keyOf = (agent: number, address: string) => `${agent} ${address}`;
