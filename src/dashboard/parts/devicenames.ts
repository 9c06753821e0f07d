// What devices are called: by the key that their bytes are booked under, and by the address that they have now.
import { ask } from '../client.ts';

/** A row of `/api/v1/devices`. */
interface Told {
	readonly agent_id: string;
	readonly device: string;
	readonly name: string | null;
	readonly addresses: readonly { readonly address: string; readonly to: string | null }[];
}

const most = 10_000;

export class DeviceNames {
	#labels = new Map<string, string>();
	#keys = new Map<string, string>();

	/** Resolves when they are known; what cannot be asked leaves those of before. Never rejects. */
	async load(signal: AbortSignal): Promise<void> {
		const told = await ask<Told[]>('devices', { limit: most }, signal).catch(() => null);
		if (!told) return;
		const now = ({ addresses }: Told) => addresses.filter(({ to }) => to === null).map(({ address }) => address);
		this.#labels = new Map(told.map((one) => [one.device, one.name ?? now(one)[0] ?? one.device]));
		this.#keys = new Map(
			told.flatMap((one) => now(one).map((address) => [`${one.agent_id} ${address}`, one.device] as const)),
		);
	}

	/** Its name, or else its address, or else the key itself. */
	labelOf(key: string): string {
		return this.#labels.get(key) ?? key;
	}

	/** The key of the device that has the address now. */
	keyOf(agent: string, address: string): string {
		return this.#keys.get(`${agent} ${address}`) ?? address;
	}
}
