// Which devices are the WAN, by the router's own `network.interface dump`, asked anew each 30 s; with it the
// firewall's flow offload where the login may read that, because it decides which device has the truth.
import type { Clock } from '../system/clock.ts';
import type { LuciDesk } from './lucidesk.ts';
import { asLuciError, luciErrors } from './lucierror.ts';
import { isObject, type JsonObject, objectNotFound, type RpcCall } from './lucirpc.ts';
import { type Interface, type Offload, readDump, type Wan, type WanMap, wanMap } from './wanmap.ts';

const askEveryMs = 30_000;
/** A WAN that is gone is looked for at once, but not at every sample. */
const askAgainMs = 3_000;

const dump: RpcCall = { object: 'network.interface', method: 'dump', args: {} };
const firewall: RpcCall = { object: 'uci', method: 'get', args: { config: 'firewall', type: 'defaults' } };

export class LuciMap {
	readonly #given: readonly string[];
	readonly #clock: Clock;
	#map: WanMap | null = null;
	#offload: Offload = 'unknown';
	#offloadRefused = false;
	#askedMono = 0;
	#dueMono = 0;

	constructor(given: readonly string[], clock: Clock) {
		this.#given = given;
		this.#clock = clock;
	}

	get warnings(): readonly string[] {
		return this.#map?.warnings ?? [];
	}

	/** Look again soon: a device was not there, or no WAN at all. */
	expire(): void {
		this.#dueMono = Math.min(this.#dueMono, this.#askedMono + askAgainMs);
	}

	/** null: no JSON-RPC here (Lua LuCI behind the form). Rejects with `LuciError`. */
	async current(desk: LuciDesk): Promise<WanMap | null> {
		if (this.#map && this.#clock.mono() < this.#dueMono) return this.#map;
		const asked = this.#given.length > 0 ? ((await isRpc(desk)) ? givenMap(this.#given) : null) : await this.#ask(desk);
		this.#askedMono = this.#clock.mono();
		this.#dueMono = this.#given.length > 0 ? Number.POSITIVE_INFINITY : this.#askedMono + askEveryMs;
		this.#map = asked;
		return asked;
	}

	async #ask(desk: LuciDesk): Promise<WanMap | null> {
		const interfaces = await askDump(desk);
		if (!interfaces) return null;
		if (!this.#offloadRefused) {
			try {
				this.#offload = await askOffload(desk);
			} catch (error) {
				if (asLuciError(error).code !== 'no-right') throw error;
				this.#offloadRefused = true;
			}
		}
		return wanMap(interfaces, this.#offload);
	}
}

/** With devices given, all that is to know is whether calls are answered here at all: at the form's door only. */
async function isRpc(desk: LuciDesk): Promise<boolean> {
	return desk.door !== 'form' || (await desk.call([{ object: 'session', method: 'access', args: {} }])) !== null;
}

async function askDump(desk: LuciDesk): Promise<Interface[] | null> {
	const { host } = desk.talk;
	const answer = await desk.call([dump]);
	if (!answer) return null;
	const reply = answer.replies[0]!;
	if (reply.kind === 'error' && reply.code === objectNotFound) throw luciErrors.away(host, 'netifd is not there');
	const read = reply.kind === 'data' ? readDump(reply.data) : 'an error';
	if (typeof read === 'string') throw luciErrors.badAnswer(host, 'network.interface dump', 'no list of interfaces');
	return read;
}

/** Only with a right that the login told: a refused call would look like a dead session. */
async function askOffload(desk: LuciDesk): Promise<Offload> {
	if (!desk.mayRead('firewall') || !desk.allows(firewall.object, firewall.method)) return 'unknown';
	const reply = (await desk.call([firewall]))?.replies[0];
	return reply?.kind === 'data' ? offloadOf(reply.data) : 'unknown';
}

/** `uci get` of the firewall's `defaults`: `{values: {<section>: {flow_offloading: "1"}}}`; absent = off. */
function offloadOf({ values }: JsonObject): Offload {
	if (!isObject(values)) return 'unknown';
	const sections = Object.values(values).filter(isObject);
	const isOn = (name: string) => sections.some((section) => /^(1|on|true|yes|enabled)$/.test(String(section[name])));
	if (!isOn('flow_offloading')) return 'off';
	return isOn('flow_offloading_hw') ? 'hard' : 'soft';
}

function givenMap(names: readonly string[]): WanMap {
	const wans = names.map(
		(name): Wan => ({
			name,
			also: [],
			l3Device: name,
			lowerDevice: null,
			proto: 'none',
			uptimeS: null,
			metric: 0,
			families: [],
			received: name,
			sent: name,
		}),
	);
	return { wans, why: `named in wan_device: ${names.join(', ')}`, warnings: [] };
}
